"""Numbers as people write them in tables: decimal and thousands marks, signs, currency, per cents, units."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_MISSING = """? na n/a n.a. nan -nan null nil #n/a #na <na> - -- --- . .. ... … nat (null) (blank) missing #div/0!
    #value! #ref! #name? #num! #null! 1.#ind -1.#ind 1.#qnan -1.#qnan"""
MISSING = frozenset(_MISSING.split()) | {"", "#n/a n/a"}
# Words that may be a category of their own, but are no number.
MISSING_NUMBER = (
    MISSING
    | {"none", "unknown", "unk", "not available", "n.d.", "nd", "k.a.", "*", ":"}
    | {f"{sign}{word}" for sign in ("", "+", "-") for word in ("inf", "infinity", "∞")}
)
_CURRENCIES = """aud brl cad chf cny czk dkk eur fr fr. gbp huf inr jpy kr kr. nok pln rmb rs rs. rub sek sfr sfr. tl
    try usd zl zł us$ a$ c$ r$ hk$ nz$ ca$ au$"""
_MINUS, _APOSTROPHE = "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "\u2019\u2018\u02bc\u00b4`"
_SPACES = "".join(c for c in map(chr, range(0x3001)) if unicodedata.category(c) == "Zs") + "\t\u200b\u2060\ufeff"
_PLAIN = str.maketrans(dict.fromkeys(_MINUS, "-") | dict.fromkeys(_APOSTROPHE, "'") | dict.fromkeys(_SPACES, " "))
_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[+-]?)\s*(?P<before>[^\d\s.,+\-()'\"]{1,3}\.?)?\s*(?P<inner>[+-]?)\s*"
    r"(?P<core>\d(?:[\d.,' ]*[\d.,])?|[.,]\d+)(?P<exponent>[eE][+-]?\d+|[dD][+-]\d+)?\s*"
    r"(?P<after>[^\d\s+\-.,'():/\"][^\d:()\"]{0,11}?[23]?)?\s*(?P<close>\))?(?P<minus>-?)"
)
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,' ])\d{3}(?:\1\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}")
_PADDED = re.compile(r"0[0-9]+")
_DATE = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{2,4}|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{2,4})"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:[AP]M|Z|[+-]\d{2}:?\d{2}))?)?|\d{1,2}:\d{2}(?::\d{2})?",
    re.IGNORECASE,
)
DECIMALS = (".", ",")
_PLAINLY = {
    mark: re.compile(rf"[+-]?(?:[0-9]+[{mark}]?[0-9]*|[{mark}][0-9]+)(?:[eE][+-]?[0-9]+)?") for mark in DECIMALS
}
_SETTLED = re.compile(r"[+-]?(?:0|[0-9]{4,}|[1-9][0-9]{0,2}(?=[.](?![0-9]{3}\Z)))[.][0-9]+")  # the point is decimal


@dataclass(frozen=True)
class Written:
    """A number as it is written. readings: its value by the decimal mark that is taken for granted, one or both.
    affix: the currency, per cent or unit at it."""

    readings: Mapping[str, float]
    affix: str = ""

    @property
    def is_free(self) -> bool:
        """Tell whether its value does not hang on the decimal mark."""
        return len(set(self.readings.values())) == 1 and len(self.readings) == 2


def cleaned(text: str) -> str:
    """The text with plain spaces, minus signs and apostrophes, without blanks at its ends and Excel's leading '."""
    text = text.strip() if text.isascii() else text.translate(_PLAIN).strip()
    if text[-2:] in (".-", ",-"):  # "5.–", as Swiss prices are written
        return text[:-2]
    if text[:1] == "'":
        return unquoted(text) if text[-1:] == "'" else text[1:] if text[1:2].isdigit() else text
    return text


def unquoted(text: str) -> str:
    """The text without single quotes around it; of others the CSV reader knows."""
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == "'" else text


def is_missing(text: str, words: frozenset[str] = MISSING_NUMBER) -> bool:
    """Tell whether the text says that there is no value."""
    return cleaned(text).lower() in words


def is_date(text: str) -> bool:
    """Tell whether the text is a date, a time or both."""
    return _DATE.fullmatch(cleaned(text)) is not None


def written(text: str) -> Written | None:
    """The number that a text is, in all its readings; None where it is none."""
    if _SETTLED.fullmatch(text):
        return Written({".": float(text)})
    found = _NUMBER.fullmatch(cleaned(text))
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [sign for sign in (found["sign"], found["inner"], found["minus"]) if sign]
    before, after = (found["before"] or "").strip(), (found["after"] or "").strip()
    if len(signs) + bool(found["open"]) > 1 or (before and not _is_currency(before)) or (before and after):
        return None
    if found["exponent"] and after:
        return None
    sign = "-" if found["open"] or "-" in signs else ""
    readings = {mark: value for mark in DECIMALS if (value := _value(found, sign, mark)) is not None}
    return Written(readings, before or after) if readings else None


def _value(found: re.Match[str], sign: str, decimal: str) -> float | None:
    whole, mark, fraction = found["core"].partition(decimal)
    if not whole.isdigit():
        if whole and (found["exponent"] or not _GROUPED.fullmatch(whole)):
            return None
        whole = re.sub(r"[.,' ]", "", whole)
    if (fraction and not fraction.isdigit()) or not (whole or fraction):
        return None
    if mark and found["exponent"] is None and not fraction and not whole:
        return None
    exponent = (found["exponent"] or "").lower().replace("d", "e")  # 1.5D+03, as Fortran writes it
    return float(f"{sign}{whole}.{fraction}{exponent}")


def _is_currency(affix: str) -> bool:
    return all(unicodedata.category(char) == "Sc" for char in affix) or affix.lower() in _CURRENCIES.split()


def _is_known(affix: str) -> bool:
    return affix in ("", "%", "‰") or _is_currency(affix)


@dataclass(frozen=True)
class NumberStyle:
    """Manner in which a column's numbers are written. decimal: the mark; marked: whether any number has it. affixes:
    currency, per cent or units at them, each with an entry that has it; bare: an entry that has none. guessed: an entry
    that could be read in two ways, none where all are plain. padded: an entry that begins with zeros, as codes do."""

    decimal: str
    affixes: Mapping[str, str] = field(default_factory=dict)
    bare: str = ""
    guessed: str = ""
    marked: bool = False
    padded: str = ""

    def number(self, text: str) -> float | None:
        """The number that an entry is; NaN where it is missing, None where it is no number. Where only the other
        decimal mark makes a number of it, that is taken."""
        if is_missing(text):
            return float("nan")
        found = written(text)
        if found is None or (found.affix and found.affix not in self.affixes and not _is_known(found.affix)):
            return None
        value = found.readings.get(self.decimal, next(iter(found.readings.values())))
        return value if abs(value) <= LARGEST else None

    @property
    def is_a_guess(self) -> bool:
        """Tell whether an entry could be read in two ways and is not read in that of a computer."""
        return bool(self.guessed) and (self.decimal == "," or "," in self.guessed)

    def is_other(self, text: str) -> bool:
        """Tell whether the entry is a number by the other decimal mark only."""
        found = None if is_missing(text) else written(text)
        return found is not None and self.decimal not in found.readings

    def is_plain(self, text: str) -> bool:
        """Tell whether any reader understands the number: digits and the decimal mark, and nothing else."""
        return _PLAINLY[self.decimal].fullmatch(text.strip(" ")) is not None


LARGEST = 1e100  # squares of it, summed up, are far from overflowing


@dataclass(frozen=True)
class Sample:
    """The entries of a column's beginning, counted. numbers: those that are numbers."""

    entries: Counter[str]
    numbers: Mapping[str, Written]

    @cached_property
    def unit(self) -> str:
        """The unit that at least half of the numbers carry; none, where there is no such."""
        units = Counter[str]()
        for text, found in self.numbers.items():
            units[found.affix] += self.entries[text]
        unit, count = max(units.items(), key=lambda item: item[1], default=("", 0))
        return unit if 2 * count >= units.total() else ""

    @cached_property
    def others(self) -> list[str]:
        """The entries that are neither numbers, by themselves or with the unit of the column, nor missing."""
        foreign = {text for text, found in self.numbers.items() if found.affix not in (self.unit, "")}
        foreign = {text for text in foreign if not _is_known(self.numbers[text].affix)}
        return [text for text in self.entries if text in foreign or (text not in self.numbers and not is_missing(text))]

    def count(self, texts: Iterable[str]) -> int:
        """The number of entries that are one of the texts."""
        return sum(self.entries[text] for text in texts)

    @cached_property
    def is_numeric(self) -> bool:
        """Tell whether the column is of numbers, a few foreign entries aside: one, or one in twenty."""
        others = self.count(self.others)
        numbers = self.count(self.numbers) - self.count(text for text in self.others if text in self.numbers)
        return numbers >= 4 and others <= max(1, numbers // 20) if others else numbers > 0

    @property
    def is_filled(self) -> bool:
        """Tell whether there is an entry that is not missing."""
        return not all(map(is_missing, self.entries))

    @cached_property
    def is_dates(self) -> bool:
        """Tell whether the column is of dates or times."""
        present = [text for text in self.entries if not is_missing(text)]
        return bool(present) and sum(map(is_date, present)) >= 0.9 * len(present)

    def may_be_target(self, most: int) -> bool:
        """Tell whether the column is of numbers, or of at most so many different texts that are no dates."""
        return self.is_filled and (self.is_numeric or (not self.is_dates and len(self.others) <= most))

    @cached_property
    def own_decimal(self) -> str | None:
        """The decimal mark that the entries prove, by majority; None where they prove none."""
        votes = Counter[str]()
        for text, found in self.numbers.items():
            if len(found.readings) == 1:
                votes[next(iter(found.readings))] += self.entries[text]
        return max(votes, key=votes.__getitem__) if votes else None

    def style(self, file_decimal: str | None, separator: str) -> NumberStyle:
        """The manner of writing. A column that proves no decimal mark has the file's, if other columns prove one.
        Otherwise a mark before exactly three digits parts thousands where plain whole numbers of up to three digits
        stand beside it; and where every entry has such a mark, it is decimal if that goes with the separator, or if it
        is a point and the numbers are not round."""
        affixed: dict[str, str] = {}
        for text, found in self.numbers.items():
            if found.affix and (found.affix == self.unit or _is_known(found.affix)):
                affixed.setdefault(found.affix, text)
        bare = next((text for text, found in self.numbers.items() if not found.affix), "") if affixed else ""
        padded = next(filter(_PADDED.fullmatch, self.numbers), "")
        unsure = [text for text, found in self.numbers.items() if len(set(found.readings.values())) == 2]
        own = self.own_decimal
        usual = "," if separator == ";" else "."
        if own or file_decimal or not unsure:
            decimal = own or file_decimal or usual
        elif plain := [cleaned(text) for text, found in self.numbers.items() if found.is_free]:
            mark = "," if "," in unsure[0] else "."
            has_long = any(sum(map(str.isdigit, text)) > 3 for text in plain)
            decimal = mark if has_long else "," if mark == "." else "."
        else:
            # A point before three digits in all numbers is decimal, unless they are round.
            are_round = 2 * sum(text.rstrip().endswith("00") for text in unsure) >= len(unsure)
            decimal = "." if "," not in unsure[0] and not are_round else usual
        guessed = unsure[0] if unsure and not own else ""
        marked = any(decimal in text for text in self.numbers)
        return NumberStyle(decimal, affixed, bare, guessed, marked, padded)


def sample(texts: Iterable[str]) -> Sample:
    """Count the entries of a column and find the numbers among them."""
    entries = Counter(map(sys.intern, texts))
    numbers = {}
    for text in entries:
        if not _SETTLED.fullmatch(text) and (is_missing(text) or is_date(text)):
            continue
        if (found := written(text)) is not None:
            numbers[text] = found
    return Sample(entries, numbers)
