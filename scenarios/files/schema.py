"""The form of a scenario file. Each table of the TOML is a class here; its fields are the keys.

Unknown keys, wrong types and impossible values are refused. `scenarios.reading` words the refusals.
"""

from typing import Annotated, Literal

from msgspec import Meta

from engine.bounds import FASTEST, SLOWEST, batch_in_effect, check_units
from engine.plain_text import counted
from scenarios.files.data_sources import CsvData, Data, Size
from scenarios.files.forms import Count, Seed, Table
from scenarios.files.goal_forms import Change, GoalTable, Reference
from scenarios.files.knob_keys import StartingKnobs
from scenarios.files.landscape_forms import AnyLandscape, Landscape
from scenarios.files.objective_forms import Model
from scenarios.files.question_forms import Question

Hint = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1)]


class Training(StartingKnobs, frozen=True, forbid_unknown_fields=True):
    """The knobs and weights at the start. Without `weights`, zeros. `epochs` is how long `descend train`
    trains unless told otherwise.

    The keys of the knobs are those of `engine.training.knobs`, with its ranges and defaults; learning_rate and
    batch_size must be given. schedule: a table such as { kind = "cosine", steps = 500 }; `engine.training.schedules`
    has the kinds and their numbers.
    """

    weights: tuple[float, ...] | None = None
    seed: Seed = 0
    epochs: Count | None = None


class Screen(Table, frozen=True, forbid_unknown_fields=True):
    """The way the scenario is best watched: steps a second (absent: as fast as the machine can), and the picture
    that is shown beside the loss where there is room for two."""

    steps_per_second: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | None = None
    view: Literal["weights", "data"] = "weights"


class ScenarioFile(Table, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    title: Annotated[str, Meta(min_length=1, max_length=60)]
    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    briefing: Text
    objective: Model | Landscape
    training: Training
    data: Data | None = None
    screen: Screen = Screen()
    goal: GoalTable | None = None
    reference: Reference | None = None
    question: Question | None = None
    hints: tuple[Hint, ...] = ()

    def __post_init__(self) -> None:
        self.check_sizes()
        is_landscape = isinstance(self.objective, AnyLandscape)
        if is_landscape and self.data is not None:
            raise ValueError("data: must be left out, for a landscape has no data")
        if not is_landscape and self.data is None:
            raise ValueError("data: the table is missing, for only a landscape has no data")
        if is_landscape and self.screen.view == "data":
            raise ValueError("screen.view: must be weights, for a landscape has no data")
        if is_landscape and self.training.weights is None:
            raise ValueError("training.weights: must be given, for a landscape says nothing about where to start")
        self._check_goal()
        self._check_question()
        if isinstance(self.objective, AnyLandscape):
            self._check_weights(self.objective.num_weights(0))
        elif self.data is not None and not isinstance(self.data, CsvData):
            self.check_model(self.data)

    def check_model(self, size: Size) -> None:
        """Raise ValueError, beginning with the key, where objective, weights or goal are not for data of such a size.

        Done already, unless the data has to be read for its size to be known.
        """
        assert not isinstance(self.objective, AnyLandscape)  # which has no data
        try:
            self.objective.check(size.num_features, size.num_classes)
        except ValueError as error:
            raise ValueError(f"objective.{error}") from None
        try:
            self.objective.check_work(size.num_examples, size.num_features, size.num_classes)
        except ValueError as error:
            raise ValueError(f"objective.{error}") from None
        self._check_batches(size.num_examples, self.objective.units(size.num_features, size.num_classes))
        self._check_weights(self.objective.num_weights(size.num_features, size.num_classes))

    def _check_batches(self, num_examples: int, units: int) -> None:
        trainings: list[tuple[str, tuple[Change, ...]]] = [("training", ())]
        trainings += [("reference", self.reference.changes)] if self.reference else []
        trainings += [("question", changes) for changes in (self.question.trainings() if self.question else [])]
        for place, changes in trainings:
            knobs = self.training.knobs()
            for change in (None, *changes):
                knobs |= change.knobs() if change else {}
                try:
                    check_units(batch_in_effect(knobs["sampling"], knobs["batch_size"], num_examples), units)
                except ValueError as error:
                    raise ValueError(f"{place}: {error}") from None

    def _check_weights(self, num_weights: int) -> None:
        weights, near = self.training.weights, self.goal.target.near if self.goal else ()
        has = f"but the model has {counted(num_weights, 'weight')}"
        if weights is not None and len(weights) != num_weights:
            raise ValueError(f"training.weights: holds {counted(len(weights), 'number')}, {has}")
        if near and len(near) != num_weights:
            raise ValueError(f"goal.target.near: holds {counted(len(near), 'number')}, {has}")

    def _check_goal(self) -> None:
        if self.goal is None:
            if self.reference is not None:
                raise ValueError("reference: must be left out, for there is no [goal] for it to reach")
            return
        target = self.goal.target
        if not self._is_validated and (self.goal.measure == "validation_loss" or target.validation_loss is not None):
            raise ValueError("goal: is about the validation loss, but data.validation_share holds nothing out")

    def _check_question(self) -> None:
        if self.question is None:
            return
        if self.question.measure == "goal" and self.goal is None:
            raise ValueError("question.measure: is what the goal counts, but there is no [goal]")
        if self.question.measure == "validation_loss" and not self._is_validated:
            raise ValueError("question.measure: is the validation loss, but data.validation_share holds nothing out")

    @property
    def _is_validated(self) -> bool:
        return self.data is not None and self.data.validation_share > 0
