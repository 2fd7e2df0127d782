"""Commands of the loss panel."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("log-axis", ("l",), "l", "Logarithmic or linear loss axis", "Logarithmic shows the small differences.",
            lambda app: app.training.loss.toggle_log()),
    Command("x-axis", ("n",), "n", "Updates, examples or epochs", "What is counted along the x axis.",
            lambda app: app.training.loss.next_unit()),
    Command("batch-curve", ("v",), "v", "Envelope or mean of the batch loss",
            "From lowest to highest of a few steps each; the mean around a step; or both.",
            lambda app: app.training.loss.next_batch_curve()),
    Command("follow", ("f",), "f", "Follow the latest steps, or all", "200, at high speeds those of 10 seconds.",
            lambda app: app.training.loss.follow_or_whole()),
    Command("zoom-in-time", ("z",), "z", "Fewer steps", "Half as many, around the cursor or the latest ones.",
            lambda app: app.training.loss.zoom(closer=True)),
    Command("zoom-out-in-time", ("Z",), "Z", "More steps", "Twice as many, up to the whole run.",
            lambda app: app.training.loss.zoom(closer=False)),
    Command("averages", ("I",), "I", "Averages of the weights",
            "The loss of the Polyak and of the exponential average from here on, and their places on the map.",
            lambda app: app.session.toggle_averages()),
    Command("cursor", ("i",), "i", "Read the values of a step", "A cursor on the loss curves; a mouse click places it.",
            lambda app: app.training.loss.toggle_cursor()),
    Command("cursor-left", ("left_parenthesis",), "(", "Cursor a column back", "One step at least.",
            lambda app: app.training.loss.move_cursor(-1)),
    Command("cursor-right", ("right_parenthesis",), ")", "Cursor a column on", "One step at least.",
            lambda app: app.training.loss.move_cursor(1)),
    Command("cursor-far-left", ("left_curly_bracket",), "{", "Cursor ten columns back", "Past the edge more comes.",
            lambda app: app.training.loss.move_cursor(-1, far=True)),
    Command("cursor-far-right", ("right_curly_bracket",), "}", "Cursor ten columns on", "Past the edge more comes.",
            lambda app: app.training.loss.move_cursor(1, far=True)),
)
