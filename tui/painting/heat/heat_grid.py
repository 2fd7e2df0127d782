"""Plain data of a heat map: a number for each place of a grid, and what is known of the places without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tui.painting.axes import Array

if TYPE_CHECKING:
    from numpy.typing import NDArray


class HeatAxis(NamedTuple):
    """An axis of a grid: its name, and a label for each of its values, from left to right or from below."""

    name: str
    labels: tuple[str, ...]


class HeatGrid(NamedTuple):
    """A grid of `len(up.labels)` rows and `len(across.labels)` columns; row 0 is the lowest one.

    values: (rows, columns), less is better; infinite where the goal was not reached, NaN where there is none.
    done: (rows, columns) what has been tried. lost: (rows, columns) what blew up. best: column and row of the best
    place. measure: what the values are. title: what sets this map apart from others.
    """

    across: HeatAxis
    up: HeatAxis
    values: Array
    done: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    best: tuple[int, int] | None = None
    measure: str = ""
    title: str = ""

    @property
    def shown(self) -> Array:
        """The values of all places that did not blow up, in one row."""
        return np.asarray(self.values[self.done & ~self.lost])

    def coarser(self, columns: int, rows: int) -> HeatGrid:
        """The same in at most so many columns and rows: of the places that share one, the best value; it is lost where
        all of them are."""
        wide, high = (-(-size // most) for size, most in zip(self.values.shape[::-1], (columns, rows), strict=True))
        if wide == high == 1:
            return self
        values = np.where(self.done & ~self.lost & ~np.isnan(self.values), self.values, np.inf)
        best = None if self.best is None else (self.best[0] // wide, self.best[1] // high)
        least = _blocks(values, wide, high, np.inf).min(axis=(1, 3))
        known = _blocks(self.done & ~self.lost & ~np.isnan(self.values), wide, high, False).any(axis=(1, 3))
        return self._replace(
            across=HeatAxis(self.across.name, self.across.labels[::wide]),
            up=HeatAxis(self.up.name, self.up.labels[::high]),
            values=np.where(known, least, np.nan),
            done=np.asarray(_blocks(self.done, wide, high, False).any(axis=(1, 3))),
            lost=np.asarray(_blocks(self.lost | ~self.done, wide, high, True).all(axis=(1, 3))),
            best=best,
        )


def _blocks(table: NDArray[Any], wide: int, high: int, beyond: object) -> NDArray[Any]:
    """(rows, high, columns, wide) the table in blocks, filled up at its end."""
    rows, columns = table.shape
    padded = np.full((-(-rows // high) * high, -(-columns // wide) * wide), beyond, dtype=table.dtype)
    padded[:rows, :columns] = table
    return padded.reshape(len(padded) // high, high, -1, wide)
