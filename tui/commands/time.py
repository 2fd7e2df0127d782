"""Commands that say when steps are taken."""

from tui.commands.command import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("pause", ("space",), "space", "Pause, or train on", "Everything can be changed while paused, too.",
            lambda app: app.session.toggle_running(), "pause"),
    Command("step", ("s",), "s", "One step", "Pauses, and takes one update.",
            lambda app: app.session.advance(1), "step"),
    Command("epoch", ("e",), "e", "Finish the epoch", "Pauses, and trains until every example was seen once more.",
            lambda app: app.session.advance(None), "epoch"),
    Command("faster", ("plus", "equals_sign"), "+", "Faster", "1, 3, 10, 30, … steps a second, up to full speed.",
            lambda app: app.session.change_speed(1), "speed", "+−"),
    Command("slower", ("minus",), "-", "Slower", "Slower on the clock; the training itself is the same.",
            lambda app: app.session.change_speed(-1)),
)
