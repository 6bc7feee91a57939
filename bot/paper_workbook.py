"""Writes a workbook: bold heads that stay in sight, a filter on each column, and cells that are what they say.

xlsxwriter makes the file without its rows, and the rows are put in as they come. A text is never read as a formula,
whoever wrote it. Not for: what the rows hold, or reading a workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook as Writer

from bot.paper_rows import MOST_COLUMNS, MOST_ROWS, RowWriter, column
from conversation.papers import Batch, TooMuch, Workbook

# Its own temporary files would lie readable on the disk, and stay there after a crash.
_OPTIONS: Final = {"in_memory": True}
_DAY: Final = "dd mmm yyyy"
_MOMENT: Final = "dd mmm yyyy hh:mm"
_SHEET: Final = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_STYLE: Final = re.compile(r' s="(\d+)"')
_NAME_LETTERS: Final = 31
_LEVEL: Final = 4
"""Of compression: a tenth larger than at the usual level, in half the time."""


def workbook(paper: Workbook, counts: Sequence[int], batches: Iterable[Batch]) -> bytes:
    """The .xlsx file. `counts` are the rows of each sheet, `batches` those rows, in the sheets' order.

    Raises TooMuch.
    """
    if any(len(sheet.heads) > MOST_COLUMNS for sheet in paper.sheets) or any(n >= MOST_ROWS for n in counts):
        raise TooMuch
    out = BytesIO()
    by_sheet = groupby(batches, key=lambda batch: batch[0])
    waiting = next(by_sheet, None)
    with (
        ZipFile(BytesIO(_without_rows(paper, counts))) as frame,
        ZipFile(out, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as file,
    ):
        for name in frame.namelist():
            sheet = _SHEET.fullmatch(name)
            if sheet is None:
                file.writestr(name, frame.read(name))
                continue
            index = int(sheet[1]) - 1
            rows: Iterable[Batch] = ()
            if waiting and waiting[0] == index:
                rows = waiting[1]
            with file.open(name, "w") as target:
                for part in _with_rows(frame.read(name).decode(), counts[index], rows):
                    target.write(part)
            if rows:
                waiting = next(by_sheet, None)
    if waiting is not None:
        raise ValueError("rows of a sheet that is not there, or out of order")
    return out.getvalue()


def _without_rows(paper: Workbook, counts: Sequence[int]) -> bytes:
    """The file with its heads only, and in each sheet one row that shows how days and moments look."""
    out = BytesIO()
    writer = Writer(out, _OPTIONS)
    writer.set_properties({"title": paper.title})
    head = writer.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day, moment = writer.add_format({"num_format": _DAY}), writer.add_format({"num_format": _MOMENT})
    names = sheet_names([sheet.name for sheet in paper.sheets])
    for name, sheet, count in zip(names, paper.sheets, counts, strict=True):
        page = writer.add_worksheet(name)
        for at, text in enumerate(sheet.heads):
            page.write_string(0, at, text, head)
        page.write_number(1, 0, 1, day)
        page.write_number(1, 1, 1, moment)
        page.freeze_panes(1, 0)
        for at, width in enumerate(sheet.widths):
            page.set_column(at, at, width)
        if sheet.heads:
            page.autofilter(0, 0, count, len(sheet.heads) - 1)
    writer.close()
    return out.getvalue()


def _with_rows(xml: str, count: int, batches: Iterable[Batch]) -> Iterator[bytes]:
    """A sheet of that file with its own rows in place of the sample."""
    before, _, rest = xml.partition('<row r="2"')
    sample, _, after = rest.partition("</sheetData>")
    day, moment = _STYLE.findall(sample)
    yield _dimension(before, count).encode()
    writer = RowWriter(day=day, moment=moment, first=2)
    for _, rows in batches:
        yield writer.rows(rows)
    yield f"</sheetData>{after}".encode()


def _dimension(before: str, count: int) -> str:
    """What the sheet says of its own size, which some readers believe."""
    last = max(1, before.count("<c "))
    return re.sub('<dimension ref="[^"]*"/>', f'<dimension ref="A1:{column(last - 1)}{count + 1}"/>', before, count=1)


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names that Excel opens without complaint: short, without its signs, each once, whatever the case."""
    names: list[str] = []
    taken = {"history", ""}  # Excel keeps the first for itself
    for text in wanted:
        clean = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", text).split()).strip("' ")
        name, n = clean[:_NAME_LETTERS].strip("' "), 1
        while name.casefold() in taken:
            n += 1
            ending = f" {n}"
            name = (clean[: _NAME_LETTERS - len(ending)] + ending).strip()
        taken.add(name.casefold())
        names.append(name)
    return names
