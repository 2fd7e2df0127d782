"""Commands that change what is shown, and nothing of the run."""

from tui.commands.command import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("log-axis", ("l",), "l", "Logarithmic or linear loss axis", "Logarithmic shows the small differences.",
            lambda app: app.training.loss.toggle_log()),
    Command("theme", ("t",), "t", "Next theme", "Dark, light, high contrast, or the terminal's own colours.",
            lambda app: app.change_look(app.look.next_theme())),
    Command("ascii", ("a",), "a", "Plain characters", "ASCII only, for fonts that lack the dots and lines; and back.",
            lambda app: app.change_look(app.look.other_characters())),
    Command("help", ("question_mark",), "?", "Help", "All keys, and the briefing of this scenario.",
            lambda app: app.show_help(), "help"),
    Command("quit", ("q", "ctrl+c"), "q", "Quit", "The terminal is left as it was.",
            lambda app: app.exit(), "quit"),
)
