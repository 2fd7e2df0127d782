"""Commands that say when steps are taken."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("pause", ("space",), "space", "Pause, or train on", "Everything can be changed while paused, too.",
            lambda app: app.session.toggle_running(), "pause"),
    Command("step", ("s",), "s", "One step", "Pauses, and takes one update.",
            lambda app: app.session.advance(1), "step"),
    Command("epoch", ("e",), "e", "Finish the epoch", "Pauses, and trains until every example was seen once more.",
            lambda app: app.session.advance(None), "epoch"),
    Command("back", ("comma",), ",", "A step back", "Pauses, and shows the moment before; going on branches.",
            lambda app: app.session.travel("step", -1), "time"),
    Command("forward", ("full_stop",), ".", "A step forward", "Towards the latest step, which is kept.",
            lambda app: app.session.travel("step", 1)),
    Command("epoch-back", ("less_than_sign",), "<", "An epoch back", "To where this epoch began, or the one before.",
            lambda app: app.session.travel("epoch", -1)),
    Command("epoch-forward", ("greater_than_sign",), ">", "An epoch forward", "To where this epoch ended.",
            lambda app: app.session.travel("epoch", 1)),
    Command("change-back", ("left_square_bracket",), "[", "To the knob change before", "When it took hold.",
            lambda app: app.session.travel("change", -1)),
    Command("change-forward", ("right_square_bracket",), "]", "To the next knob change", "When it took hold.",
            lambda app: app.session.travel("change", 1)),
    Command("faster", ("plus", "equals_sign"), "+", "Faster", "1, 3, 10, 30, … steps a second, up to full speed.",
            lambda app: app.session.change_speed(1), "speed", "+−"),
    Command("slower", ("minus",), "-", "Slower", "Slower on the clock; the training itself is the same.",
            lambda app: app.session.change_speed(-1)),
)
