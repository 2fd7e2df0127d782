"""Commands that take something away: to a file, or to the clipboard."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("write-csv", ("W",), "W", "Write the steps as CSV", "A row a step, to a new file in the current directory.",
            lambda app: app.session.request_steps()),
    Command("write-scripts", ("E",), "E", "Take the training away as scripts",
            "For PyTorch and for Keras, to new files in the current directory; and the model, for `descend predict`.",
            lambda app: app.session.request_log("scripts")),
    Command("copy-line", ("C",), "C", "Copy the run as a line",
            "A command line that trains the same again; to the clipboard, where the terminal allows it.",
            lambda app: app.session.request_log("line")),
    Command("screenshot", ("P",), "P", "Save a picture of the screen", "SVG, to a new file in the current directory.",
            lambda app: app.save_picture()),
)
