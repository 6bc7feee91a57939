"""What an officer is in the middle of, by the name of its step: whether words of one's own or numbers are awaited.

Not for: reading the answer; each step's own module does.
"""

from __future__ import annotations

from handlers import broadcast_ask
from handlers.visit import Visit
from storage.queue import Desk

# What admins compose stays open for longer than a hold.
_COMPOSING = 6 * 3_600_000

NOTES = frozenset(
    {broadcast_ask.REASON, "bc_place", "bc_bring", "bc_text", "bc_file", "correct_note", "reject_note", "no_photo"}
)
"""Answered in words of one's own, or by one of the choices under the question."""
NUMBERS = frozenset(
    {
        broadcast_ask.COUNT,
        broadcast_ask.WHEN,
        broadcast_ask.WHICH,
        "bc_when",
        "bc_village",
        "bc_who",
        "answer",
        "event_when",
        "event_place",
    }
)
"""May be answered by a number that is no place in a list: a time, how many people, which broadcast."""
FREE = NOTES | {
    broadcast_ask.WHEN,
    "bc_when",
    "bc_village",
    "bc_who",
    "answer",
    "event_when",
    "event_place",
    "invite_officer",
    "invite_admin",
    "areas",
}
"""Any words may be the answer."""
OF_THE_OFFICE = frozenset(
    {
        "answer",
        "correct",
        "reject",
        "correct_note",
        "reject_note",
        "no_photo",
        "invite_officer",
        "invite_admin",
        "areas",
    }
)
"""No command alone is an answer here, be it a word that workers use too."""


def is_of_the_office(visit: Visit) -> bool:
    """Whether what is asked now has an answer that no command can be."""
    desk = open_desk(visit)
    return desk is not None and desk.step in OF_THE_OFFICE


def open_desk(visit: Visit) -> Desk | None:
    """What this officer was asked last, if it may still be answered: what is written an hour later is no note."""
    desk = visit.tx.queue.desk(visit.officer.id) if visit.officer is not None else None
    if desk is None:
        return None
    patience = _COMPOSING if desk.step.startswith("bc_") else visit.office.rules.lease * 1000
    return desk if visit.tx.at - desk.at <= patience else None
