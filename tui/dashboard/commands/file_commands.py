"""Commands that write a file."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("write-csv", ("W",), "W", "Write the steps as CSV", "A row a step, to a new file in the current directory.",
            lambda app: app.session.request_steps()),
    Command("write-scripts", ("E",), "E", "Take the training away as scripts",
            "For PyTorch and for Keras, to new files in the current directory; they come to the same loss.",
            lambda app: app.session.request_log()),
    Command("screenshot", ("P",), "P", "Save a picture of the screen", "SVG, to a new file in the current directory.",
            lambda app: app.save_picture()),
)
