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
    none_of   ours must be zero, whatever the reference's is
    note      shown behind the target
    """

    label: str
    unit: str
    limit: float | None = None
    floor: float | None = None
    none_of: bool = False
    note: str = ""

    def target(self) -> str:
        words = []
        if self.limit is not None:
            words.append(f"<= {self.limit:g}x")
        if self.floor is not None:
            words.append(f">= {self.floor:g}x")
        if self.none_of:
            words.append("none")
        return " ".join([*words, self.note]) if self.note else " ".join(words)

    def verdict(self, ours: float, ratio: float | None) -> str:
        if self.none_of:
            return "ok" if ours == 0 else "MISSED"
        if ratio is None or (self.limit is None and self.floor is None):
            return ""
        is_met = (self.limit is None or ratio <= self.limit) and (self.floor is None or ratio >= self.floor)
        return "ok" if is_met else "MISSED"


def table(rows: Sequence[Row], rounds: Mapping[str, Sequence[Figures]]) -> str:
    """Every row's median per server, in the order given; the first server is ours, a second one is the reference."""
    names = list(rounds)
    lines = [["measured", "unit", *names, *(["ratio", "target", ""] if len(names) > 1 else ["target"])]]
    for row in rows:
        figures = [_median(row, rounds[name]) for name in names]
        cells = [row.label, row.unit, *map(_figure, figures)]
        if len(names) > 1:
            ours, theirs = figures
            ratio = ours / theirs if ours is not None and theirs else None
            cells += [
                f"{ratio:.2f}" if ratio is not None else "-",
                row.target(),
                row.verdict(ours, ratio) if ours is not None else "",
            ]
        else:
            cells.append(row.target())
        lines.append(cells)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    is_text = [True, True, *(False for _ in names), *((False, True, True) if len(names) > 1 else (True,))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width) for cell, width, left in zip(line, widths, is_text, strict=True)
        ).rstrip()
        for line in lines
    )


def _median(row: Row, rounds: Sequence[Figures]) -> float | None:
    found = [figures[row.label] for figures in rounds if row.label in figures]
    return median(found) if found else None


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
