"""Doubtful words in an audience that an admin typed: kept with the rest of it until each was chosen.

Until then the draft stays as it was: the rest alone would reach more people than were meant. Not for: finding the
doubts (handlers/audience_reading.py).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from conversation.messages import Choice
from conversation.say import Say
from domain.audience import Audience, Condition
from domain.broadcast import Broadcast
from handlers.audience_changes import joined
from handlers.audience_strange import Doubt
from handlers.taps import data


def view_of(audience: Audience, doubts: Sequence[Doubt]) -> tuple[str, ...]:
    """The page that asks about them, the audience without them in it."""
    asked = (json.dumps([[_row(one), label] for one, label in doubt.choices]).encode() for doubt in doubts)
    return ("doubt", _packed(audience.to_bytes()), *map(_packed, asked))


def doubt_text(view: tuple[str, ...], say: Say) -> str:
    """What is asked."""
    if len(view) > 3:
        return say("Which one is meant? There is more to choose after this.")
    return say("Which one is meant?")


def doubt_choices(view: tuple[str, ...], draft: Broadcast, say: Say) -> tuple[Choice, ...]:
    """What the first of them may be, or nothing of it."""
    left = len(view)
    listed = [Choice(label, data("ba", "mean", draft.id, left, at)) for at, (_, label) in enumerate(_first(view))]
    return (*listed, Choice(say("None of these"), data("ba", "show", draft.id, "top")))


def chosen(view: tuple[str, ...], left: int, index: int) -> tuple[Audience, tuple[str, ...]] | None:
    """The audience with that choice in it, and the page that asks on, empty when all is clear; None for an old choice.

    `left` tells the doubts apart: a thumb that presses twice answers one of them.
    """
    listed = _first(view) if view[:1] == ("doubt",) and len(view) == left else []
    if index >= len(listed):
        return None
    audience = joined(Audience.from_bytes(_unpacked(view[1])), Audience((listed[index][0],)))
    rest = view[3:]
    return audience, ("doubt", _packed(audience.to_bytes()), *rest) if rest else ()


def _first(view: tuple[str, ...]) -> list[tuple[Condition, str]]:
    rows = json.loads(_unpacked(view[2]))
    return [(Condition(kind, tuple(values), negated), label) for (kind, values, negated), label in rows]


def _row(condition: Condition) -> list[object]:
    return [condition.kind, list(condition.values), condition.negated]


def _packed(data: bytes) -> str:
    """Without commas, for a desk keeps words with commas between."""
    return urlsafe_b64encode(data).decode()


def _unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text)
