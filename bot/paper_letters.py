"""The letters that papers are drawn with: a font of our own, so that every machine draws the same.

Not for: what is written. The font has Latin script only; a text is put into what it can show.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

_FOLDER: Final = Path(__file__).resolve().parent / "fonts"
PLAIN: Final = _FOLDER / "DejaVuSansCondensed.ttf"
BOLD: Final = _FOLDER / "DejaVuSansCondensed-Bold.ttf"


def drawable(text: str) -> str:
    """The text as one line, without what the font cannot show, such as emoji: better nothing than an empty box."""
    known = _known()
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return " ".join("".join(sign for sign in composed if ord(sign) in known).split())


@cache
def _known() -> frozenset[int]:
    """What both faces can show."""
    with TTFont(PLAIN, lazy=True) as plain, TTFont(BOLD, lazy=True) as bold:
        return frozenset(plain.getBestCmap()) & frozenset(bold.getBestCmap())
