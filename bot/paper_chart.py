"""Draws a chart of how something went: one horizontal bar for each outcome, its number beside its name.

Sized for a small phone, where the picture is shown at a third of its width; told apart by place, word and number
first, and by colours that colour-blind people tell apart too. Not for: which outcomes there are, or their words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.paper_letters import BOLD, PLAIN, drawable
from conversation.papers import Bar, Chart, Role, TooMuch

_WIDTH: Final = 1000
_MARGIN: Final = 48
_INSIDE: Final = _WIDTH - 2 * _MARGIN
_BARS: Final = 40

_INK: Final = "#1a1a1a"
_SOFT_INK: Final = "#4d4d4d"
_TRACK: Final = "#ececec"
# Okabe and Ito's colours, each of another brightness as well: they differ in grey too.
_COLOURS: Final[dict[Role, str]] = {
    "good": "#0072b2",
    "bad": "#d55e00",
    "closed": "#3b3b3b",
    "unclear": "#e69f00",
    "aside": "#999999",
    "plain": "#56b4e9",
}

_TITLE_SIZE: Final = 50
_TEXT_SIZE: Final = 38
_LINES: Final = 3
_BAR_HEIGHT: Final = 40
_BAR_GAP: Final = 36
_TEXT_GAP: Final = 12
_SLIVER: Final = 6
"""However few, somebody is seen."""

_Face = ImageFont.FreeTypeFont


@dataclass(frozen=True)
class _Line:
    text: str
    face: _Face
    colour: str

    @property
    def height(self) -> int:
        return sum(self.face.getmetrics())


@dataclass(frozen=True)
class _Row:
    """A bar with its words: the label's lines, and the number at the end of the first one."""

    bar: Bar
    label: list[_Line]
    number: _Line

    @property
    def height(self) -> int:
        return sum(line.height for line in self.label) + _TEXT_GAP + _BAR_HEIGHT


def chart(paper: Chart) -> bytes:
    """The PNG picture. Raises TooMuch."""
    if len(paper.bars) > _BARS:
        raise TooMuch
    title = _lines(paper.title, _face(BOLD, _TITLE_SIZE), _INK)
    lines = [*title, *_lines(paper.subtitle, _face(PLAIN, _TEXT_SIZE), _SOFT_INK)]
    rows = [_row(bar) for bar in paper.bars]
    above = sum(line.height for line in lines)
    height = 2 * _MARGIN + above + sum(row.height + _BAR_GAP for row in rows)
    image = Image.new("RGB", (_WIDTH, height), "white")
    draw = ImageDraw.Draw(image)
    y = _draw_lines(draw, lines, _MARGIN)
    most = max((bar.n for bar in paper.bars), default=0)
    for row in rows:
        _draw_row(draw, row, y + _BAR_GAP, most)
        y += _BAR_GAP + row.height
    out = BytesIO()
    # Few colours, so a palette keeps it small for a phone that pays by the megabyte.
    image.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _row(bar: Bar) -> _Row:
    shown = drawable(bar.shown) or f"{bar.n:,}".replace(",", "\N{NO-BREAK SPACE}")
    face = _face(BOLD, _TEXT_SIZE)
    number = _Line(_cut(shown, face, _INSIDE // 2), face, _INK)
    room = _INSIDE - round(face.getlength(number.text)) - 2 * _TEXT_GAP
    # A bar without a name still has its place.
    label = _lines(bar.label, _face(PLAIN, _TEXT_SIZE), _INK, room) or [_Line("", face, _INK)]
    return _Row(bar, label, number)


def _draw_row(draw: ImageDraw.ImageDraw, row: _Row, y: int, most: int) -> None:
    number = row.number
    draw.text((_WIDTH - _MARGIN, y), number.text, font=number.face, fill=number.colour, anchor="ra")
    top = _draw_lines(draw, row.label, y) + _TEXT_GAP
    bottom = top + _BAR_HEIGHT - 1
    draw.rectangle((_MARGIN, top, _WIDTH - _MARGIN - 1, bottom), fill=_TRACK)
    if row.bar.n > 0:
        length = max(_SLIVER, round(_INSIDE * row.bar.n / most))
        draw.rectangle((_MARGIN, top, _MARGIN + length - 1, bottom), fill=_COLOURS[row.bar.role])


def _draw_lines(draw: ImageDraw.ImageDraw, lines: Iterable[_Line], y: int) -> int:
    """Where the next may stand."""
    for line in lines:
        draw.text((_MARGIN, y), line.text, font=line.face, fill=line.colour)
        y += line.height
    return y


def _lines(text: str, face: _Face, colour: str, room: int = _INSIDE) -> list[_Line]:
    """The text in as many lines as it may have; what is too long for them ends in an ellipsis."""
    lines: list[str] = []
    for word in drawable(text).split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and (face.getlength(joined) <= room or len(lines) == _LINES):
            lines[-1] = joined
        else:
            lines.append(word)
    return [_Line(_cut(line, face, room), face, colour) for line in lines]


def _cut(text: str, face: _Face, room: int) -> str:
    if face.getlength(text) <= room:
        return text
    while text and face.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _face(path: Path, size: int) -> _Face:
    return ImageFont.truetype(path, size)
