"""Common ground of the scripts for all libraries: how they begin, hold their arrays, change knobs, and end."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.knobs import Knobs
from engine.training.schedules import CONSTANT
from scenarios import Scenario
from tui import __version__
from tui.export.recording import Recording

MOST_TEXT = 1_000_000  # characters of arrays within a script; more of them lie in a file beside it
Arrays = dict[str, NDArray[Any]]
_TOLERANCES = {"float64": 1e-6, "float32": 1e-3}  # of the last loss: roundings differ, and grow on the way

# An encoding in the first two lines would hold for the whole file: these are always the same.
_BEGINNING = f"""\
# -*- coding: utf-8 -*-
# Written by descend {__version__}. Trains on the same data, from the same initial weights, with the same
# minibatches in the same order and the same changes of the knobs, and so comes to the same loss.
# Needs: pip install {{needs}}
"""

_COMPARE = '''
def compare(loss):
    """With the loss that descend measured; complain where they differ by more than rounding."""
    print(f"loss over all training examples: {loss!r}")
    print(f"descend measured:                {DESCEND_LOSS!r}")
    both_blew_up = not math.isfinite(loss) and not math.isfinite(DESCEND_LOSS)
    if not both_blew_up and not math.isclose(loss, DESCEND_LOSS, rel_tol=TOLERANCE, abs_tol=1e-6 * TOLERANCE):
        sys.exit("These differ. Roundings grow to this only where training is unstable for many steps.")
'''

_ENDS = {
    False: "    main(arrays)\n",
    True: """    if sys.argv[1:2] == ["--predict"]:
        predict_file(sys.argv[2], arrays)
    else:
        main(arrays)
""",
}
_PREDICTS = """\
# Run it, and it trains and saves the model beside itself. Run it again with --predict FILE.csv, and it predicts.
"""


@dataclass(frozen=True)
class Script:
    """An exported script. text: of the Python file. arrays: of an .npz file that has to lie beside it under its name
    and .npz; None where the text holds them."""

    text: str
    arrays: bytes | None


def arrays_beside(path: Path) -> Path:
    """The path at which a script of this path looks for the arrays that it does not hold itself."""
    return path.with_name(f"{path.name}.npz")


def assemble(
    scenario: Scenario,
    recording: Recording,
    *,
    needs: str,
    standard: tuple[str, ...] = (),
    imports: str,
    body: str,
    arrays: Arrays,
    predicts: bool,
) -> Script:
    """The whole script.

    needs: what to install. standard: modules of the standard library. imports: of others. body: classes and
    functions, the last of them `main(data)`, where data are the arrays and those of the minibatches. predicts: whether
    there is also `predict_file(path, data)`.
    """
    file = io.BytesIO()
    stored: dict[str, Any] = {**arrays, "order": recording.order, "batch_sizes": recording.batch_sizes}
    np.savez_compressed(file, **stored, learning_rates=recording.learning_rates)
    text = base64.encodebytes(file.getvalue()).decode()
    inside = len(text) <= MOST_TEXT
    trainer = recording.run.trainer
    numbers = (
        f"DESCEND_LOSS = {number(trainer.loss())}  # over all training examples, after the last step\n"
        f"TOLERANCE = {_TOLERANCES[trainer.objective.examples.dtype.name]:g}  # of that\n"
    )
    modules: tuple[str, ...]
    if inside:
        modules, source = ("base64", "io"), "io.BytesIO(base64.b64decode(DATA))"
        end = f'\n\n# A NumPy .npz file, in base64.\nDATA = """\n{text}"""\n'
    else:
        modules, source, end = (), 'f"{__file__}.npz"', ""
    standard = (*standard, *(("csv",) if predicts else ()))
    own = "".join(f"import {module}\n" for module in sorted({"math", "sys", *modules, *standard}))
    end += f'\n\nif __name__ == "__main__":\n    arrays = dict(np.load({source}))\n{_ENDS[predicts]}'
    about = _origin(scenario, recording) + numbers
    parts = (
        _BEGINNING.format(needs=needs) + (_PREDICTS if predicts else ""),
        own,
        imports,
        about,
        f"\n{body.strip()}\n",
        _COMPARE + end,
    )
    return Script("\n".join(parts), None if inside else file.getvalue())


def _origin(scenario: Scenario, recording: Recording) -> str:
    """The origin, what was trained, as data: in a comment, a title could say anything."""
    trainer = recording.run.trainer
    origin = {
        "TITLE": scenario.file.title,
        "SCENARIO": Path(scenario.id).name,
        "SEED": trainer.seed,
        "STEPS": trainer.steps,
    }
    return "".join(f"{name} = {value!r}\n" for name, value in origin.items())


def number(value: float) -> str:
    """The number as Python reads it; `math` is imported."""
    if math.isfinite(value):
        return repr(value)
    return "math.nan" if math.isnan(value) else f"{'-' if value < 0 else ''}math.inf"


def schedules(recording: Recording) -> bool:
    """Tell whether a schedule sets the learning rate anywhere."""
    return any(knobs.schedule != CONSTANT for _, knobs in recording.phases)


def lives(recording: Recording) -> list[list[Knobs]]:
    """The knobs of every optimizer from when it takes over to when another one does."""
    return [
        [knobs for _, knobs in phases] for _, phases in groupby(recording.phases, key=lambda phase: phase[1].optimizer)
    ]


@dataclass(frozen=True)
class KnobStep:
    """A change of knobs: before step `step`, from `before` to `after`; `life` is the number of the optimizer after
    it."""

    step: int
    before: Knobs
    after: Knobs
    life: int

    @property
    def words(self) -> str:
        """Words such as `learning rate 0.05 → 0.5; batch size 32 → 8`."""
        values = [
            (field.name, getattr(self.before, field.name), getattr(self.after, field.name)) for field in fields(Knobs)
        ]
        return "; ".join(f"{name.replace('_', ' ')} {old} → {new}" for name, old, new in values if old != new)

    def changes(self, knob: str) -> bool:
        """Tell whether this knob changes."""
        return bool(getattr(self.before, knob) != getattr(self.after, knob))


def knob_steps(recording: Recording) -> Iterator[KnobStep]:
    """All changes, in order."""
    life = 0
    for (_, before), (step, after) in pairwise(recording.phases):
        life += before.optimizer != after.optimizer
        yield KnobStep(step, before, after, life)


def indented(lines: Iterable[str], by: int) -> str:
    """The lines, each on a line of its own, so far to the right."""
    return "".join(f"{' ' * by}{line}\n" if line else "\n" for line in lines)
