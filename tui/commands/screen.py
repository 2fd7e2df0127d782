"""Commands that change what is shown, and nothing of the run."""

from tui.commands.command import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("help", ("question_mark",), "?", "Help", "All keys, and the briefing of this scenario.",
            lambda app: app.show_help(), "help"),
    Command("quit", ("q", "ctrl+c"), "q", "Quit", "The terminal is left as it was.",
            lambda app: app.exit(), "quit"),
)
