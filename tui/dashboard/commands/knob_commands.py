"""Commands that change a knob. Each knob with a ladder in the engine's table has two, with a key or without one."""

from engine.training.knob_kinds import Knob
from engine.training.knobs import KNOBS, OPTIMIZER_NAMES
from engine.training.schedules import SCHEDULES
from tui.dashboard.commands.command_row import Command

_LADDER_KEYS = {"momentum": ("m", "M")}  # up and down


def _on_ladder(knob: Knob) -> tuple[Command, Command]:
    """The commands that go up and down the knob's ladder."""
    id_, title, ladder = knob.name.replace("_", "-"), knob.title, [f"{value:g}" for value in knob.ladder]
    up, down = _LADDER_KEYS.get(knob.name, ("", ""))
    about, back = f"{', '.join(ladder)}: {knob.about}.", f"Back towards {ladder[0]}."
    return (
        Command(f"{id_}-up", (up,) if up else (), up, f"More {title}", about,
                lambda app: app.session.change_on_ladder(knob.name, 1)),
        Command(f"{id_}-down", (down,) if down else (), down, f"Less {title}", back,
                lambda app: app.session.change_on_ladder(knob.name, -1)),
    )  # fmt: skip


def _next_of(names: tuple[str, ...]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


# It is read as a table.
# fmt: off
COMMANDS = (
    Command("learning-rate-up", ("up",), "↑", "Raise the learning rate", "To the next of 1, 2, 5, 10, …",
            lambda app: app.session.change_learning_rate(1)),
    Command("learning-rate-down", ("down",), "↓", "Lower the learning rate", "To the next of …, 10, 5, 2, 1.",
            lambda app: app.session.change_learning_rate(-1)),
    Command("learning-rate-up-fine", ("shift+up",), "shift+↑", "Raise the learning rate a little", "By a tenth.",
            lambda app: app.session.change_learning_rate(1, fine=True)),
    Command("learning-rate-down-fine", ("shift+down",), "shift+↓", "Lower the learning rate a little", "By a tenth.",
            lambda app: app.session.change_learning_rate(-1, fine=True)),
    Command("batch-size-up", ("right",), "→", "Double the batch size", "Up to all examples: no noise is left then.",
            lambda app: app.session.change_batch_size(1)),
    Command("batch-size-down", ("left",), "←", "Halve the batch size", "Down to 1: a single example decides a step.",
            lambda app: app.session.change_batch_size(-1)),
    *(command for knob in KNOBS.values() if knob.ladder for command in _on_ladder(knob)),
    Command("optimizer", ("o",), "o", "Next optimizer",
            f"{_next_of(OPTIMIZER_NAMES)}; its buffers begin empty.",
            lambda app: app.session.change_optimizer()),
    Command("schedule", ("c",), "c", "Next schedule",
            f"{_next_of(tuple(SCHEDULES))}; over the run's length.",
            lambda app: app.session.change_schedule()),
    Command("entry", ("enter",), "enter", "Enter an exact value",
            "A knob and its value, as in learning_rate 0.3; a value alone is for the last knob.",
            lambda app: app.dialogs.open_prompt(), "exact", at_once=True),
)
