"""The check of a scenario's hints: how many there are, how long they are, and the settings that they tell."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from engine.plain_text import counted, shortened
from engine.runs.plan import Change
from engine.training.knob_kinds import Choice, Knob, Scheduled, Whole
from engine.training.knobs import KNOBS, Knobs

_FEWEST, _MOST = 2, 3
MOST_WORDS = 30  # of a hint: it is read while nothing waits for it

_NUMBER = r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
_STEP = re.compile(r"\bstep ([\d,]+)")
_NAMES = {name: rf"(?:{name}|{name.replace('_', ' ')})" for name in KNOBS}
_SETTINGS = {
    name: re.compile(rf"\b{_NAMES[name]} (?:to |of )?({_NUMBER}|[a-z]+)\b")
    for name, knob in KNOBS.items()
    if not isinstance(knob.kind, Scheduled)
}

# What looks like a setting at a step: a word or two, and a number behind them.
_MEANT = re.compile(rf"\bstep [\d,]+,? ([a-z_-]+(?: [a-z]+)?) (?:to |of )?({_NUMBER})\b")
_WORDS = {word: name for name, knob in KNOBS.items() for word in (name, name.replace("_", " "), knob.label)}


def settings(hint: str) -> list[Change]:
    """Return the knob changes that a hint tells, such as `Before step 0, batch_size 2; at step 50, learning_rate
    0.01.`: of each part, up to a semicolon, the step that it names, or that of the part before."""
    found, step = [], 0
    for part in hint.split(";"):
        named = _STEP.search(part)
        step = int(named[1].replace(",", "")) if named else step
        found += [Change(step, name, value) for name, value in _settings_in(part)]
    return found


def told(hints: Sequence[str]) -> list[Change]:
    """Return the settings of the last hint that tells any."""
    return next((changes for hint in reversed(hints) if (changes := settings(hint))), [])


def faults(hints: Sequence[str]) -> list[str]:
    """Return what is wrong with the hints as they are written, each beginning with the key; nothing without hints."""
    if not hints:
        return []
    found = []
    if not _FEWEST <= len(hints) <= _MOST:
        found.append(
            f"hints: there {'are' if len(hints) > 1 else 'is'} {len(hints)}; give {_FEWEST} or {_MOST}, or none"
        )
    for place, hint in enumerate(hints):
        words = len(hint.split())
        if words > MOST_WORDS:
            found.append(f"hints[{place}]: has {counted(words, 'word')}; at most {MOST_WORDS}")
        found += [f"hints[{place}]: {wrong}" for part in hint.split(";") if (wrong := _misread(part))]
        if hint in hints[:place]:
            found.append(f"hints[{place}]: says the same as another one, {shortened(hint)}")
    if not any(re.search(name, hint.lower()) for hint in hints for name in _NAMES.values()):
        found.append("hints: name no knob; the last one should, with its value, as in `learning_rate 0.2`")
    return found


def _settings_in(part: str) -> list[tuple[str, float | int | str]]:
    """The knobs with their values in a part of a hint."""
    named = ((name, text) for name, pattern in _SETTINGS.items() for text in pattern.findall(part))
    values = ((name, _value(KNOBS[name], text)) for name, text in named)
    return [(name, value) for name, value in values if value is not None]


def _misread(part: str) -> str:
    """Words on what looks like a setting in a part of a hint, but is none; nothing where there is no such thing."""
    meant = _MEANT.search(part)
    near = difflib.get_close_matches(meant[1], _WORDS, n=1, cutoff=0.75) if meant else []
    if meant is None or not near or _settings_in(part):
        return ""
    name = _WORDS[near[0]]
    said = shortened(f"{meant[1]} {meant[2]}")
    if meant[1] in (name, name.replace("_", " ")):
        return f"{said} is a value that the knob cannot have"
    return f"{said} is no setting; did you mean {name} {meant[2]}?"


def _value(knob: Knob, text: str) -> float | int | str | None:
    """The value as the knob takes it; None where it is none."""
    value: float | int | str
    if isinstance(knob.kind, Choice):
        value = text
    else:
        try:
            number = float(text.replace(",", ""))
        except ValueError:
            return None
        value = int(number) if isinstance(knob.kind, Whole) else number
    try:
        Knobs(**{knob.name: value})  # type: ignore[arg-type]  # of the kind that the knob has
    except ValueError:
        return None
    return value
