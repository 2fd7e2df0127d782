"""Commands that try many settings beside the run, and change nothing of it."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("sweep", ("X",), "X", "Sweep around the present setting",
            "Many learning rates and batch sizes, trained beside the run, as a map; again: hides it, and keeps it.",
            lambda app: app.sweeping.show()),
    Command("sweep-anew", ("G",), "G", "Sweep anew", "Around what is the present setting now, with the knobs of now.",
            lambda app: app.sweeping.anew()),
    Command("rate-range", ("F",), "F", "Find a learning rate",
            "The range test: the loss from here on while the rate grows, beside the limit. Again: from here anew.",
            lambda app: app.sweeping.test_rates()),
)
