"""A screen that costs next to nothing to keep, so that the meter does not measure itself.

It knows what the dashboard writes: text, positions, steps to the right, and whatever else as nothing to draw.
"""

import re

_TOKEN = re.compile(r"\x1b\[(\d*);?(\d*)([HC])|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|([^\x1b\x00-\x1f]+)|[\x00-\x1f]")


class Cells:
    """Rows of characters. `display` is what pyte's screen calls it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.resize(rows, columns)

    def resize(self, rows: int, columns: int) -> None:
        self.rows = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._undecided = b""

    @property
    def display(self) -> list[str]:
        return ["".join(row) for row in self.rows]

    def feed(self, data: bytes) -> None:
        """Draw what the program wrote; a sequence that is cut off waits for the rest."""
        data = self._undecided + data
        cut = _whole(data)
        self._undecided = data[cut:]
        for match in _TOKEN.finditer(data[:cut].decode("utf-8", "replace")):
            text = match[4]
            if text is not None:
                self._write(text)
            elif match[3] == "C":
                self._column += int(match[1] or 1)
            elif match[3] == "H":
                self._row, self._column = int(match[1] or 1) - 1, int(match[2] or 1) - 1
            elif match[0] == "\r":
                self._column = 0
            elif match[0] == "\n":
                self._row += 1

    def _write(self, text: str) -> None:
        if self._row < len(self.rows):
            row = self.rows[self._row]
            row[self._column : self._column + len(text)] = text[: max(0, len(row) - self._column)]
        self._column += len(text)


def _whole(data: bytes) -> int:
    """How many bytes end neither within a sequence nor within a character."""
    escape = data.rfind(b"\x1b")
    if escape >= 0 and not re.match(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])", data[escape:]):
        return escape
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:  # the first byte of a character
            length = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return len(data) - back if length > back else len(data)
    return len(data)
