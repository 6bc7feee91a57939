"""Writes the rows of a sheet as Excel reads them, a few at a time, so that a million take no more memory than a few.

The same cells as xlsxwriter writes in its constant memory mode, without its temporary files, several times faster,
and without its one exception: a text like "<r>...</r>" is a text. Not for: the rest of the file (paper_workbook.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from conversation.papers import Cell, TooMuch

# What Excel takes: rows and columns of a sheet, letters of a cell.
MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
_LETTERS: Final = 32_767

_DAY_ONE: Final = date(1899, 12, 31)
_NO_LEAP_DAY: Final = 59
"""Excel believes in a 29 February 1900."""

_UNSAFE: Final = re.compile(r"[&<>]|_x[0-9a-fA-F]{4}_|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class RowWriter:
    """Makes the XML of one sheet's rows, in order. `day` and `moment` are numbers of the file's styles."""

    def __init__(self, *, day: str, moment: str, first: int) -> None:
        self._day = day
        self._moment = moment
        self._next = first
        self._columns: list[str] = []

    def rows(self, rows: Sequence[Sequence[Cell]]) -> bytes:
        """These rows, after those before. Raises TooMuch."""
        return "".join([self._row(row) for row in rows]).encode()

    def _row(self, row: Sequence[Cell]) -> str:
        number = self._next
        self._next += 1
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise TooMuch
        while len(self._columns) < len(row):
            self._columns.append(column(len(self._columns)))
        cells = [self._cell(f"{at}{number}", value) for at, value in zip(self._columns, row, strict=False)]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _cell(self, at: str, value: Cell) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, str):
            space = ' xml:space="preserve"' if value[0].isspace() or value[-1].isspace() else ""
            return f'<c r="{at}" t="inlineStr"><is><t{space}>{_escaped(value)}</t></is></c>'
        if isinstance(value, date):
            if value.year < _DAY_ONE.year + 1:
                return self._cell(at, value.isoformat())  # Excel's calendar begins in 1900
            style = self._moment if isinstance(value, datetime) else self._day
            return f'<c r="{at}" s="{style}"><v>{_serial(value)}</v></c>'
        return f'<c r="{at}"><v>{value}</v></c>'


def column(index: int) -> str:
    """The letters of a column: A for 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _serial(value: date) -> int | float:
    day = value.date() if isinstance(value, datetime) else value
    days = (day - _DAY_ONE).days
    days += days > _NO_LEAP_DAY
    if not isinstance(value, datetime):
        return days
    return days + (value.hour * 3600 + value.minute * 60 + value.second) / 86400


def _escaped(text: str) -> str:
    if len(text) > _LETTERS:
        text = text[: _LETTERS - 1] + "…"
    return _UNSAFE.sub(_escape, text) if _UNSAFE.search(text) else text


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    if len(sign) > 1:
        return f"_x005F{sign}"  # a text that looks like an escape
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(sign) or f"_x{ord(sign):04X}_"
