"""Files that are made for admins, as values: a workbook of figures, a chart of an outcome, a poster of a meeting.

Plain values with every text already in the reader's language. Not for: making them (bot/papers.py) or where the
figures come from (handlers/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

Cell = str | int | float | date | datetime | None
"""A str stays text, even "=1+1" and a NIK; a datetime is shown as its own zone tells the time."""

Role = Literal["good", "bad", "closed", "unclear", "aside", "plain"]
"""What a bar means, which gives its colour: sent, failed, blocked, no answer heard, left out, anything else."""

_NARROW: Final = 6
_WIDE: Final = 60
_LOOKED_AT: Final = 200


@dataclass(frozen=True)
class Sheet:
    """One sheet: column heads, and rows that are as long or shorter. `widths` are in letters; without: by content."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]] = field(repr=False)  # people's names, often
    widths: tuple[int, ...] = ()

    def fitting_widths(self) -> tuple[int, ...]:
        """What the heads and the first rows need, within reason."""
        needed = [max(_NARROW, len(head) + 3) for head in self.heads]  # the filter's arrow takes some
        for row in self.rows[:_LOOKED_AT]:
            for column, value in enumerate(row[: len(needed)]):
                needed[column] = max(needed[column], min(_WIDE, _letters(value)))
        return tuple(needed)


@dataclass(frozen=True)
class Workbook:
    """An .xlsx file. `title` goes into its properties."""

    title: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Bar:
    """One bar of a chart. `shown` is what stands for the number, such as "12.345 (62 %)"; without: the number."""

    label: str
    n: int
    role: Role = "plain"
    shown: str = ""


@dataclass(frozen=True)
class Chart:
    """A PNG picture of horizontal bars, 1,000 pixels wide."""

    title: str
    subtitle: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Poster:
    """A PDF of one A4 page. What is empty is not shown; without a `link` there is no QR code, only the word.

    `bring`, `link_hint` and `word_hint` are whole sentences: what to bring, how to use the QR code, where to send
    the word.
    """

    title: str
    date_line: str
    place_line: str
    lines: tuple[str, ...] = ()
    bring: str = ""
    link: str = ""
    link_hint: str = ""
    word: str = ""
    word_hint: str = ""
    office: str = ""
    footer: str = ""


Paper = Workbook | Chart | Poster

Batch = tuple[int, list[list[Cell]]]
"""Some rows on their way to a workbook, with the number of their sheet."""


class TooMuch(Exception):  # noqa: N818 (reads as a sentence)
    """It does not fit on such a paper."""


def _letters(value: Cell) -> int:
    if isinstance(value, date):
        return 18 if isinstance(value, datetime) else 12
    return 0 if value is None else len(str(value)) + 1
