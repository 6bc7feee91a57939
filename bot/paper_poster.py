"""Draws a poster of a meeting on one A4 page: what, when and where, what to bring, a QR code and a word to send.

Black on white, for the office's printer and copier. Long texts get smaller until the page holds them. Not for: what
the link leads to, or the words of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue

from bot.paper_letters import BOLD, PLAIN, drawable
from conversation.papers import Poster, TooMuch

# Millimetres.
_HEIGHT: Final = 297.0
_MARGIN: Final = 16.0
_INSIDE: Final = 210.0 - 2 * _MARGIN
_QR: Final = 92.0  # a cheap phone reads it from an arm's length and more
_GAP: Final = 6.0
_LINE: Final = 1.2
_PADDING: Final = 4.5
_FRAME: Final = _LINE + _PADDING
_FOOT: Final = 24.0
_WIDEST_GAP: Final = 16.0

_LEADING: Final = 1.25 * 25.4 / 72
"""The height of a line in millimetres, for each point of its size."""

# Eight points in the body are the least that is read on a wall.
_SMALLEST: Final = 0.42
_LARGEST: Final = 1.5
_MOST: Final = 6000
"""Letters that no page holds: not worth the trying."""

_WORD_SIZES: Final = (11, 96)
_WORD_APART: Final = 26
"""Below so many points words go below each other rather than get smaller still."""

_LEAST_WHOLE: Final = 0.7


@dataclass(frozen=True)
class _Text:
    """A paragraph. `size` is in points at scale 1, `gap` the space above it in lines of its own.

    What should stay `whole` gets somewhat smaller rather than a second line.
    """

    text: str
    size: float
    bold: bool = False
    gap: float = 0.4
    whole: bool = False


@dataclass(frozen=True)
class _Part:
    """Paragraphs that stand together, in a frame or not. Without any it takes no room."""

    texts: Sequence[_Text]
    framed: bool = False


def poster(paper: Poster) -> bytes:
    """The PDF file. Raises TooMuch."""
    if sum(len(part) for text in vars(paper).values() for part in ([text] if isinstance(text, str) else text)) > _MOST:
        raise TooMuch
    page = FPDF(unit="mm", format="A4")
    page.set_auto_page_break(False)
    page.set_margin(_MARGIN)
    page.c_margin = 0
    page.add_font("Letters", "", PLAIN)
    page.add_font("Letters", "B", BOLD)
    page.set_title(drawable(paper.title))
    page.set_line_width(_LINE)
    page.add_page()
    bottom = _draw_foot(page, paper)
    bottom = _draw_way_in(page, paper, bottom)
    _draw_news(page, paper, bottom)
    return bytes(page.output())


def _draw_foot(page: FPDF, paper: Poster) -> float:
    """The small print; how far down the rest may reach."""
    foot = _part(_Text(paper.footer, 11, gap=0))
    if not foot.texts:
        return _HEIGHT - _MARGIN
    scale = _largest(lambda scale: _height(page, foot, scale, _INSIDE), _FOOT, at_most=1)
    top = _HEIGHT - _MARGIN / 2 - _height(page, foot, scale, _INSIDE)
    _draw(page, foot, scale, _MARGIN, top, _INSIDE)
    return top - _GAP


def _draw_way_in(page: FPDF, paper: Poster, bottom: float) -> float:
    """The QR code and, beside it or in its place, the word to send; how far down the rest may reach."""
    left, room, height = _MARGIN, _INSIDE, 0.0
    if paper.link:
        left, room, height = _MARGIN + _QR + _GAP, _INSIDE - _QR - _GAP, _QR
    hints = _part(_Text(paper.link_hint if paper.link else "", 20, bold=True), _Text(paper.word_hint, 20, gap=0.8))
    word = _part(_Text(paper.word, 1, bold=True, gap=0), framed=True)
    between = _GAP if hints.texts and word.texts else 0
    size = _word_size(page, paper.word, room - 2 * _FRAME)

    def total(scale: float) -> float:
        return _height(page, hints, scale, room) + between + _height(page, word, size, room)

    scale = _largest(total, _QR, at_most=1.2)
    height = max(height, total(scale))
    if not height:
        return bottom
    top = bottom - height
    if paper.link:
        page.image(_qr(paper.link), _MARGIN, top, _QR, _QR)
    y = _draw(page, hints, scale, left, top + (height - total(scale)) / 2, room)
    _draw(page, word, size, left, y + between, room)
    page.line(_MARGIN, top - _GAP, _MARGIN + _INSIDE, top - _GAP)
    return top - 2 * _GAP


def _draw_news(page: FPDF, paper: Poster, bottom: float) -> None:
    """Who invites, to what, when, where, and what to bring: as large as the rest of the page allows."""
    wanted = (
        _part(_Text(paper.office, 17, gap=0), _Text(paper.title, 46, bold=True, gap=0.2)),
        _part(
            _Text(paper.date_line, 30, bold=True, gap=0, whole=True),
            _Text(paper.place_line, 25, gap=0.3, whole=True),
            framed=True,
        ),
        _part(*(_Text(line, 20) for line in paper.lines), _Text(paper.bring, 22, bold=True, gap=0.8)),
    )
    parts = [part for part in wanted if part.texts]

    def total(scale: float) -> float:
        return sum(_height(page, part, scale, _INSIDE) for part in parts) + _GAP * scale * (len(parts) - 1)

    room = bottom - _MARGIN
    scale = _largest(total, room)
    # What is left over goes between the parts and around them, up to a measure.
    spare = min(_WIDEST_GAP, (room - total(scale)) / (len(parts) + 1))
    y = _MARGIN + spare
    for part in parts:
        y = _draw(page, part, scale, _MARGIN, y, _INSIDE) + _GAP * scale + spare


def _part(*texts: _Text, framed: bool = False) -> _Part:
    """Of the texts those that say anything, in letters that the font has."""
    cleaned = (replace(each, text=drawable(each.text)) for each in texts)
    return _Part([each for each in cleaned if each.text], framed)


def _largest(height: Callable[[float], float], room: float, at_most: float = _LARGEST) -> float:
    """The largest scale at which it is no higher than the room. Raises TooMuch."""
    if height(at_most) <= room:
        return at_most
    low, high = _SMALLEST, at_most
    if height(low) > room:
        raise TooMuch
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if height(middle) <= room else (low, middle)
    return low


def _word_size(page: FPDF, word: str, room: float) -> float:
    """Points in which the word is as wide as its frame, within reason."""
    smallest, largest = _WORD_SIZES
    page.set_font("Letters", "B", largest)

    def filling(text: str) -> float:
        return largest * room / max(1.0, page.get_string_width(text) * 1.02)

    said = drawable(word)
    size = filling(said)
    if size < _WORD_APART:
        size = min([_WORD_APART, *(filling(part) for part in said.split())])
    return max(smallest, min(largest, size))


def _height(page: FPDF, part: _Part, scale: float, width: float) -> float:
    if not part.texts:
        return 0.0
    inside = width - 2 * _FRAME if part.framed else width
    return (2 * _FRAME if part.framed else 0.0) + sum(
        _gap(text, scale) + float(_write(page, text, scale, inside, only_measured=True)) for text in part.texts
    )


def _draw(page: FPDF, part: _Part, scale: float, x: float, y: float, width: float) -> float:
    """Where the next may begin."""
    height = _height(page, part, scale, width)
    inset = _FRAME if part.framed and part.texts else 0.0
    if inset:
        page.rect(x + _LINE / 2, y + _LINE / 2, width - _LINE, height - _LINE)
    at = y + inset
    for text in part.texts:
        at += _gap(text, scale)
        page.set_xy(x + inset, at)
        at += _write(page, text, scale, width - 2 * inset)
    return y + height


def _write(page: FPDF, text: _Text, scale: float, width: float, *, only_measured: bool = False) -> float:
    """One paragraph, centred where the page stands; how high it is."""
    style, size = "B" if text.bold else "", text.size * scale
    page.set_font("Letters", style, size)
    if text.whole:
        needed = page.get_string_width(text.text) * 1.02
        if width < needed <= width / _LEAST_WHOLE:
            size *= width / needed
            page.set_font("Letters", style, size)
    height = page.multi_cell(
        *(width, size * _LEADING, text.text),
        align=Align.C,
        dry_run=only_measured,
        output=MethodReturnValue.HEIGHT,
    )
    assert isinstance(height, float)
    return height


def _gap(text: _Text, scale: float) -> float:
    return text.gap * text.size * scale * _LEADING


def _qr(link: str) -> BytesIO:
    """The code with its white border. A quarter of it may be dirty or torn."""
    out = BytesIO()
    segno.make(link, error="q", micro=False).save(out, kind="png", scale=16, border=4)
    out.seek(0)
    return out
