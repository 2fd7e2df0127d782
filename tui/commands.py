"""The one table of commands: it feeds the key bindings, the footer, the help and the command palette."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True)
class Command:
    """id: for remapping. keys: as Textual names them; shown: as people do. title: for footer and palette.
    help: a sentence. action: the app's. footer: what the footer says, "" for nothing."""

    id: str
    keys: tuple[str, ...]
    shown: str
    title: str
    help: str
    group: str
    action: str
    footer: str = ""
    footer_keys: str = ""


# It is read as a table.
# fmt: off
COMMANDS: tuple[Command, ...] = (
    Command("learning-rate-up", ("up",), "↑", "Raise the learning rate", "To the next of 1, 2, 5, 10, …", "Knobs",
            "change_learning_rate(1)", "lr", "↑↓"),
    Command("learning-rate-down", ("down",), "↓", "Lower the learning rate", "To the next of …, 10, 5, 2, 1.", "Knobs",
            "change_learning_rate(-1)"),
    Command("learning-rate-up-fine", ("shift+up",), "shift+↑", "Raise the learning rate a little", "By a tenth.",
            "Knobs", "change_learning_rate(1, True)"),
    Command("learning-rate-down-fine", ("shift+down",), "shift+↓", "Lower the learning rate a little", "By a tenth.",
            "Knobs", "change_learning_rate(-1, True)"),
    Command("batch-size-up", ("right",), "→", "Double the batch size", "Up to all examples: no noise is left then.",
            "Knobs", "change_batch_size(1)", "batch", "←→"),
    Command("batch-size-down", ("left",), "←", "Halve the batch size", "Down to 1: a single example decides a step.",
            "Knobs", "change_batch_size(-1)"),
    Command("momentum-up", ("m",), "m", "More momentum", "0, 0.5, 0.8, 0.9, 0.95, 0.99: steps remember the last ones.",
            "Knobs", "change_momentum(1)"),
    Command("momentum-down", ("M",), "M", "Less momentum", "Back towards 0.", "Knobs", "change_momentum(-1)"),
    Command("optimizer", ("o",), "o", "Next optimizer",
            "SGD, Nesterov, Adagrad, RMSProp, Adam, AdamW; its buffers begin empty.", "Knobs", "change_optimizer"),
    Command("pause", ("space",), "space", "Pause, or train on", "Everything can be changed while paused, too.", "Time",
            "toggle_running", "pause"),
    Command("step", ("s",), "s", "One step", "Pauses, and takes one update.", "Time", "step", "step"),
    Command("epoch", ("e",), "e", "Finish the epoch", "Pauses, and trains until every example was seen once more.",
            "Time", "epoch", "epoch"),
    Command("faster", ("plus", "equals_sign"), "+", "Faster", "1, 3, 10, 30, … steps a second, up to full speed.",
            "Time", "change_speed(1)", "speed", "+−"),
    Command("slower", ("minus",), "-", "Slower", "Slower on the clock; the training itself is the same.", "Time",
            "change_speed(-1)"),
    Command("again", ("r",), "r", "Train again",
            "From the start, with the knobs as they are now; the run before stays as a ghost.", "Time", "train_again",
            "again"),
    Command("again-new-seed", ("R",), "R", "Train again with a new seed", "Other minibatches, everything else equal.",
            "Time", "train_again(True)"),
    Command("log-axis", ("l",), "l", "Logarithmic or linear loss axis", "Logarithmic shows the small differences.",
            "Screen", "toggle_log"),
    Command("scenarios", ("p",), "p", "Pick a scenario", "What is trained, each with a short briefing.", "Screen",
            "pick_scenario", "pick"),
    Command("help", ("question_mark",), "?", "Help", "All keys, and the briefing of this scenario.", "Screen",
            "show_help", "help"),
    Command("quit", ("q", "ctrl+c"), "q", "Quit", "The terminal is left as it was.", "Screen", "quit", "quit"),
)
# fmt: on


def bindings() -> list[Binding]:
    """The table as Textual's key bindings; the footer shows those that have a word for it."""
    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.footer or command.title,
            show=bool(command.footer),
            key_display=command.footer_keys or command.shown,
            id=command.id,
        )
        for command in COMMANDS
    ]
