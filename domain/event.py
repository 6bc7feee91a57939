"""A meeting people are invited to: when, where, the word that marks who came, and what they answered.

Not for: the invitation that is sent (domain/broadcast.py) or its texts (handlers/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Answer(StrEnum):
    """What a person says to an invitation."""

    COMES = "comes"
    DECLINES = "declines"


@dataclass(frozen=True)
class Event:
    """`starts_at` is epoch milliseconds, UTC; `village` a village code. `word` is written on the poster.

    `strangers` counts people who came and had agreed to nothing: of them no more is kept.
    """

    id: int
    starts_at: int
    village: str | None
    place: str = field(repr=False)
    bring: str = field(default="", repr=False)
    word: str = ""
    cancelled: bool = False
    strangers: int = 0
    created_by: int = 0
