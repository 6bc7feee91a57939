"""What we give along with a message so that a receipt can say which one it is about: numbers of ours, nothing personal.

Not for: what a receipt changes (handlers/delivery_receipts.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OfRow:
    """A try of a row of the outbox, handed over `at` that time (epoch ms): what is told of an old one is no news.

    `knock`: only the late text that says there is something, not the row's own text.
    """

    outbox_id: int
    at: int
    knock: bool = False

    def __str__(self) -> str:
        return f"{'k' if self.knock else 'o'}{self.outbox_id}.{self.at}"


@dataclass(frozen=True)
class OfRecipient:
    """A broadcast's message to a person."""

    broadcast_id: int
    person_id: int

    def __str__(self) -> str:
        return f"b{self.broadcast_id}.{self.person_id}"


Mark = OfRow | OfRecipient

# What fits into a column of both databases.
_HIGHEST = 2**63 - 1
_LONGEST = 60


def read_mark(text: str) -> Mark | None:
    """What `str` of a mark wrote; None for what is none of ours."""
    kind, given = text[:1], text[1:].split(".")
    if len(text) > _LONGEST or not all(part.isascii() and part.isdigit() for part in given):
        return None
    numbers = [int(part) for part in given]
    if max(numbers) > _HIGHEST:
        return None
    match kind, numbers:
        case (("o" | "k"), [outbox_id, at]):
            return OfRow(outbox_id, at, knock=kind == "k")
        case "b", [broadcast_id, person_id]:
            return OfRecipient(broadcast_id, person_id)
    return None
