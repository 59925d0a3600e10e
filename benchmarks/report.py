"""Rows, their targets, and the one table that is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]
"""What one round of one question found: row label -> figure in the row's unit."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    limit     what ours divided by the reference's must stay at or below; None: no limit on that side
    floor     what it must reach; None: no limit on that side
    most      what ours must stay at or below by itself; None: no limit of that kind
    none_of   ours must be zero, whatever the reference's is
    note      shown behind the target
    """

    label: str
    unit: str
    limit: float | None = None
    floor: float | None = None
    most: float | None = None
    none_of: bool = False
    note: str = ""

    def target(self) -> str:
        words = []
        if self.limit is not None:
            words.append(f"<= {self.limit:g}x")
        if self.floor is not None:
            words.append(f">= {self.floor:g}x")
        if self.most is not None:
            words.append(f"<= {self.most:g}")
        if self.none_of:
            words.append("none")
        return " ".join([*words, self.note]) if self.note else " ".join(words)

    def verdict(self, ours: float | None, ratio: float | None) -> str:
        if ours is None:
            return "FAILED"
        if self.none_of or self.most is not None:
            return "ok" if ours <= (self.most or 0) else "MISSED"
        if ratio is None or (self.limit is None and self.floor is None):
            return ""
        is_met = (self.limit is None or ratio <= self.limit) and (self.floor is None or ratio >= self.floor)
        return "ok" if is_met else "MISSED"


def table(rows: Sequence[Row], found: Mapping[str, Sequence[Figures]], rounds: int) -> str:
    """Every row's median over the rounds per server, in the order given: ours first, then the reference, if there is one.

    A row that has failed in any round shows no figure, since a median of the good ones would hide it.
    """
    names = list(found)
    has_reference = len(names) > 1
    lines = [["measured", "unit", *names, *(["ratio", "target", "verdict"] if has_reference else ["target"])]]
    for row in rows:
        figures = [_median(row, found[name], rounds) for name in names]
        cells = [row.label, row.unit, *map(_figure, figures)]
        if has_reference:
            ours, theirs = figures
            ratio = ours / theirs if ours is not None and theirs else None
            cells += [f"{ratio:.2f}" if ratio is not None else "-", row.target(), row.verdict(ours, ratio)]
        else:
            cells.append(row.target())
        lines.append(cells)
    is_left = [True, True, *(False for _ in names), *((False, True, True) if has_reference else (True,))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths, is_left) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int], is_left: Sequence[bool]) -> str:
    columns = zip(cells, widths, is_left, strict=True)
    return "  ".join(cell.ljust(width) if left else cell.rjust(width) for cell, width, left in columns).rstrip()


def _median(row: Row, found: Sequence[Figures], rounds: int) -> float | None:
    values = [figures[row.label] for figures in found if row.label in figures]
    return median(values) if len(values) == rounds else None


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
