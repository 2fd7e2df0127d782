"""Commands that lead through a scenario as a lesson."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("question", ("A",), "A", "Answer the question",
            "What the scenario asks before training; the verdict says what was measured.",
            lambda app: app.dialogs.ask(), at_once=True),
    Command("hint", ("h",), "h", "A hint", "The next one on the way to the goal, from a nudge to the knob.",
            lambda app: app.hint()),
    Command("solution", ("S",), "S", "Show the solution",
            "The reference, trained knob by knob; change a knob to take over, on a run of your own.",
            lambda app: app.session.show_solution()),
)
