"""The form of [question] in a scenario file: what is asked before training. The right answer is measured, not written.

Three forms follow from what is given. Answers with `changes`: the training whose measure is least is the right one.
Answers with `most`: the first that is not below the measured number. No answers: the number itself is to be guessed.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta

from scenarios.files.forms import CountFromZero, Positive, Table
from scenarios.files.goal_forms import Change, check_order

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Measure = Literal["goal", "training_loss", "validation_loss", "mean_training_loss", "limit", "noise_floor"]

_NEED_STEPS = ("training_loss", "validation_loss", "mean_training_loss")
_MOST_ANSWERS = 4


class Answer(Table, frozen=True, forbid_unknown_fields=True):
    """An answer to choose. changes: of the training that it stands for. most: up to which number it is right; of the
    last answer absent, for it is right above all others."""

    text: Annotated[str, Meta(min_length=1, max_length=80)]
    changes: tuple[Change, ...] | None = None
    most: float | None = None


class Question(Table, frozen=True, forbid_unknown_fields=True):
    """A question before training.

    measure: of a training with `changes`, or of that of each answer: what the goal counts; a loss after `steps` steps,
    or its mean over the latter half of them; the largest stable learning rate or the noise floor at that step. over:
    changes of a second training, by whose measure the first one's is divided. tolerance: the share by which a guess may
    be off. why: a sentence on the reason.
    """

    text: Line
    measure: Measure
    why: Annotated[str, Meta(min_length=1, max_length=300)]
    answers: tuple[Answer, ...] = ()
    steps: CountFromZero | None = None
    changes: tuple[Change, ...] = ()
    over: tuple[Change, ...] | None = None
    tolerance: Positive | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps is None and self.measure in _NEED_STEPS:
            raise ValueError("steps: is missing; the loss is measured after so many")
        if self.measure == "goal" and self.steps is not None:
            raise ValueError("steps: must be left out, for the goal says when its training ends")
        if not self.answers and self.tolerance is None:
            raise ValueError("tolerance: is missing; without answers to choose, a number is guessed")
        if self.answers:
            self._check_answers(self.answers)
        for changes in self.trainings():
            check_order(changes)

    def _check_answers(self, answers: Sequence[Answer]) -> None:
        if not 2 <= len(answers) <= _MOST_ANSWERS:
            raise ValueError(f"answers: must be from 2 to {_MOST_ANSWERS}")
        if self.tolerance is not None:
            raise ValueError("tolerance: must be left out, for it is of a guess, and there are answers to choose")
        trained = [answer for answer in answers if answer.changes is not None]
        if trained and (self.changes or self.over is not None):
            raise ValueError("changes: must be left out, for the answers have trainings of their own")
        if trained and (len(trained) < len(answers) or any(answer.most is not None for answer in answers)):
            raise ValueError("answers: must all have the key changes, and then none the key most")
        bounds = [answer.most for answer in answers]
        if not trained and (bounds[-1] is not None or None in bounds[:-1]):
            raise ValueError("answers: must have the key most but for the last one, or else all the key changes")
        ends = [bound for bound in bounds if bound is not None]
        if ends != sorted(set(ends)):
            raise ValueError("answers: must rise in most")

    @property
    def compares(self) -> bool:
        """True if each answer stands for a training."""
        return any(answer.changes is not None for answer in self.answers)

    def trainings(self) -> list[tuple[Change, ...]]:
        """Return the changes of each training that is measured: of every answer; or of one, and what it is over."""
        if self.compares:
            return [answer.changes or () for answer in self.answers]
        return [self.changes, *([self.over] if self.over is not None else [])]
