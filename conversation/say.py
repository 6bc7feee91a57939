"""The voice a text is said with: an English sentence goes in, the person's language comes out.

Not for: catalogs and their files; `bot/texts.py` holds the one implementation.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from domain.words import N_

__all__ = ["N_", "Say"]


class Say(Protocol):
    """Translate and fill in. Dates, numbers and times come out as id_ID writes them."""

    def __call__(self, text: str, /, **fields: object) -> str:
        """The sentence in the person's language with its {fields} filled in."""

    def date(self, day: date) -> str:
        """15 Maret 1985."""

    def time(self, at: datetime) -> str:
        """22 November 2026, 10.00 WIT: in the zone of the area served."""

    def span(self, seconds: float) -> str:
        """A length of time in the largest fitting unit: 3 hari, 2 jam, 5 menit."""

    def number(self, value: float) -> str:
        """1.234."""

    def daytime(self, at: datetime) -> str:
        """Selamat pagi, siang, sore or malam, by local time."""
