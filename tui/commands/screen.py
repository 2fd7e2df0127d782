"""Commands that change what is shown, and nothing of the run."""

from tui.commands.command import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("help", ("question_mark",), "?", "Help", "All keys, and the briefing of this scenario.",
            lambda app: app.show_help(), "help"),
    Command("suspend", ("ctrl+z",), "ctrl+z", "Suspend", "Back to the shell; fg returns. Nothing is trained meanwhile.",
            lambda app: app.action_suspend_process()),
    Command("quit", ("q", "ctrl+c"), "q", "Quit", "The terminal is left as it was.",
            lambda app: app.exit(), "quit"),
)
