"""The people a broadcast did not come to, so that somebody can walk there: who, where, and why it did not come.

Who stopped notices is not among them, for they said no; nor who got another notice just before. It holds people's
data, so an admin asks for it each time, sees their own areas only, and it is written down.
Not for: reading page by page (bot/paper_reading.py) or counting (handlers/broadcast_report.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from conversation.papers import Sheet, Workbook
from conversation.summary import phone_words
from domain.broadcast import Broadcast, Outcome
from domain.officer import Officer
from domain.registration import Status
from handlers.broadcast_reasons import reason
from handlers.broadcast_report import place
from handlers.office import Office
from storage.engine import Row
from storage.store import Tx

MOST = 5_000
"""So many people at most: nobody visits more, and the list is kept in memory while it is made."""

_NOBODY_THERE = frozenset({Status.ERASED, Status.DECEASED, Status.CANCELLED})


@dataclass(frozen=True, order=True)
class Missed:
    """One person it did not come to, in the order of the list."""

    kecamatan: str
    village: str
    address_id: int
    registration_id: int
    outcome: Outcome
    code: str
    shared: bool


@dataclass(frozen=True)
class Home:
    """Whom to visit where. `words`: kecamatan, village, name, street, phone, reason, note."""

    words: tuple[str, ...] = field(repr=False)


def of_page(rows: Sequence[Row], officer: Officer, office: Office) -> tuple[list[Missed], int]:
    """Those of a page whom this officer may see, and how many of them left no data at all."""
    found, unknown = [], 0
    for row in rows:
        if not officer.covers(row["village"]):
            continue
        if row["registration_id"] is None:
            unknown += 1
            continue
        village, kecamatan = place(row["village"], office)
        outcome, shared = Outcome(row["outcome"]), bool(row["shared"])
        found.append(
            Missed(kecamatan, village, row["address_id"], row["registration_id"], outcome, row["code"], shared)
        )
    return found, unknown


def first(so_far: list[Missed], more: list[Missed]) -> list[Missed]:
    """The first of the list, as many as it may hold."""
    return heapq.nsmallest(MOST, so_far + more) if more else so_far


def homes(tx: Tx, missed: Sequence[Missed], officer: Officer, office: Office) -> list[Home]:
    """What is known of these people now; nothing of whoever moved out of the officer's area or is gone."""
    say, found = office.say, []
    for each in missed:
        case = tx.registrations.get(each.registration_id)
        if case is None or case.status in _NOBODY_THERE or not officer.covers(case.area):
            continue
        answers = tx.registrations.answers(case.id)
        village, kecamatan = place(case.area, office)
        words = (
            kecamatan,
            village if case.area else answers.get("outside_village", village),
            answers.get("name") or "-",
            answers.get("street") or "-",
            phone_words(answers.get("phone", ""), say),
            reason(each.outcome, each.code, say) or say("not sent"),
            say("shares the phone with others") if each.shared else "",
        )
        found.append(Home(words))
    return found


def workbook(broadcast: Broadcast, found: Sequence[Home], office: Office) -> Workbook:
    """The list, by kecamatan and village, with room to write down who was met."""
    say = office.say
    heads = (
        say("Kecamatan"),
        say("Village"),
        say("Name"),
        say("Address"),
        say("Phone"),
        say("Reason"),
        say("Note"),
        say("Visited on"),
    )
    title = say("People not reached by broadcast {number}", number=broadcast.number)
    rows = [(*home.words, "") for home in sorted(found, key=lambda home: home.words)]
    return Workbook(title, (Sheet(say("To visit"), heads, rows),))


def text(broadcast: Broadcast, shown: int, total: int, unknown: int, office: Office) -> str:
    """What is said with the list."""
    say = office.say
    lines = [
        say("**Broadcast {number}**: {n} people to visit, by village.", number=broadcast.number, n=say.number(shown)),
        say("Who stopped notices is not on it."),
    ]
    if shown < total:
        lines.append(say("{n} people did not fit on it or are no longer here.", n=say.number(total - shown)))
    if unknown:
        lines.append(say("{n} more are unknown: they left no name.", n=say.number(unknown)))
    return "\n".join(lines)
