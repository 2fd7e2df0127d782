"""Commands that change a knob."""

from tui.dashboard.commands.command_row import Command

# It is read as a table.
# fmt: off
COMMANDS = (
    Command("learning-rate-up", ("up",), "↑", "Raise the learning rate", "To the next of 1, 2, 5, 10, …",
            lambda app: app.session.change_learning_rate(1), "lr", "↑↓"),
    Command("learning-rate-down", ("down",), "↓", "Lower the learning rate", "To the next of …, 10, 5, 2, 1.",
            lambda app: app.session.change_learning_rate(-1)),
    Command("learning-rate-up-fine", ("shift+up",), "shift+↑", "Raise the learning rate a little", "By a tenth.",
            lambda app: app.session.change_learning_rate(1, fine=True)),
    Command("learning-rate-down-fine", ("shift+down",), "shift+↓", "Lower the learning rate a little", "By a tenth.",
            lambda app: app.session.change_learning_rate(-1, fine=True)),
    Command("batch-size-up", ("right",), "→", "Double the batch size", "Up to all examples: no noise is left then.",
            lambda app: app.session.change_batch_size(1), "batch", "←→"),
    Command("batch-size-down", ("left",), "←", "Halve the batch size", "Down to 1: a single example decides a step.",
            lambda app: app.session.change_batch_size(-1)),
    Command("momentum-up", ("m",), "m", "More momentum",
            "0, 0.5, 0.8, 0.9, 0.95, 0.99: steps remember the last ones; with sgd and nesterov.",
            lambda app: app.session.change_momentum(1)),
    Command("momentum-down", ("M",), "M", "Less momentum", "Back towards 0.",
            lambda app: app.session.change_momentum(-1)),
    Command("optimizer", ("o",), "o", "Next optimizer",
            "SGD, Nesterov, Adagrad, RMSProp, Adam, AdamW; its buffers begin empty.",
            lambda app: app.session.change_optimizer()),
    Command("schedule", ("c",), "c", "Next schedule",
            "Constant, step, exponential, 1/t, cosine, warm-up, one cycle, plateau; over the run's length.",
            lambda app: app.session.change_schedule(), "schedule"),
    Command("entry", ("enter",), "enter", "Enter an exact value",
            "A knob and its value, as in learning_rate 0.3; a value alone is for the last knob.",
            lambda app: app.dialogs.open_prompt(), "exact", at_once=True),
)
