"""Back in time: a new run that stands where an earlier one stood, with the same bits.

It comes from the nearest checkpoint and a replay of the logged knob changes at their steps. Evaluations and status
are as they were there; history and trajectory before the checkpoint are what the old run still holds of them.
The old run is untouched, and the two share nothing that changes.
"""

from __future__ import annotations

from engine.run import KnobChange, Run
from engine.trainer import Trainer

_EXACT_STEPS = 100  # before the branch at least, exact in the history: still recorded, or else replayed


def branch(run: Run, step: int) -> Run:
    """A run that stands before update number `step`, with the log and the knobs as they stand there: changes at
    `step` itself are in it.

    Raises ValueError for a step that the run has not come to, or that lies before its beginning.
    """
    return _replay(run, step, [change for change in run.changes if change.step <= step])


def undo(run: Run) -> Run:
    """A run that stands right before the last knob change. Raises ValueError where there is none."""
    if not run.changes:
        raise ValueError("there is no knob change to undo")
    return _replay(run, run.changes[-1].step, run.changes[:-1])


def _replay(run: Run, step: int, changes: list[KnobChange]) -> Run:
    first_step = run.checkpoints.before(0).trainer.steps
    if not first_step <= step <= run.trainer.steps:
        raise ValueError(f"the step must be one from {first_step} to {run.trainer.steps}, not {step}")
    trainer = run.trainer
    recorded = trainer.history.tail(trainer.steps - step + _EXACT_STEPS).shape[1] + step - trainer.steps
    checkpoint = run.checkpoints.before(step if recorded >= min(_EXACT_STEPS, step) else step - _EXACT_STEPS)
    start = Trainer(trainer.objective, trainer.initial_weights, knobs=trainer.knobs, seed=trainer.seed)
    past = Run(start, run.validation, run.goal)
    past.restore(checkpoint, run)
    for change in changes[checkpoint.changes :]:
        past.advance(change.step - past.trainer.steps)
        past.set_knob(change.knob, change.after)
    past.advance(step - past.trainer.steps)
    return past
