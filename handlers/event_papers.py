"""What stands on an event's poster and in its list.

Not for: asking for a file (tx.papers.want), reading the list in slices (bot/paper_reading.py) or making it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from conversation.papers import Cell, Poster, Sheet, Workbook
from conversation.say import N_
from domain.event import Answer, Event
from domain.registration import Status
from handlers.event_text import event_day, where
from handlers.hold import moment
from handlers.notices import place_name
from handlers.office import Office
from handlers.status import status_label
from storage.engine import Row
from storage.store import Tx

# A hall holds fewer; what is beyond stands in the counts by village.
MOST_GUESTS = 5_000


def deep_link(event: Event, office: Office) -> str:
    """The address behind the poster's code: it opens our chat and says the word; empty where there is none."""
    link = next(iter(office.links.values()), None)
    return link(f"e_{event.word}") if link else ""


def _without_query(link: str) -> str:
    """As people type it."""
    return link.partition("?")[0].removeprefix("https://")


def poster(event: Event, office: Office) -> Poster:
    """The poster that hangs at the door."""
    say, link = office.say, deep_link(event, office)
    hour = say.time(event.start).rpartition(", ")[2]
    return Poster(
        title=say("Meeting on BPJS Ketenagakerjaan"),
        date_line=say("{day}, {hour}", day=event_day(event, office), hour=hour),
        place_line=where(event, office),
        lines=(say("Protection for fishers, farmers and others who work for themselves."), say("Register here.")),
        bring=say("Please bring: {things}", things=event.bring) if event.bring else "",
        link=link,
        link_hint=say("Point the camera of your phone at the code.") if link else "",
        word=event.word,
        word_hint=say("Or send this word to {us}", us=_without_query(link) or office.name),
        office=", ".join(part for part in (office.name, office.address) if part),
        footer=say("It is free. Give nobody money, a PIN or an OTP code."),
    )


@dataclass(frozen=True)
class Guest:
    """Somebody who comes or was there, as the cells of a row."""

    cells: tuple[Cell, ...] = field(repr=False)


@dataclass(frozen=True)
class VillageCount:
    """One village, None for those of whom none is known: answers, presence, and registrations begun there."""

    village: str | None
    comes: int = 0
    declines: int = 0
    present: int = 0
    begun: int = 0
    sent_in: int = 0


def counts(tx: Tx, event_id: int) -> list[VillageCount]:
    """The numbers of every village, the unknown one last."""
    found: dict[str | None, dict[str, int]] = defaultdict(dict)
    for row in tx.events.by_village(event_id):
        found[row["village"]] |= {key: int(row[key]) for key in ("comes", "declines", "present")}
    for row in tx.events.born(event_id):
        found[row["village"]] |= {key: int(row[key]) for key in ("begun", "sent_in")}
    ordered = sorted(found.items(), key=lambda each: (each[0] is None, each[0] or ""))
    return [VillageCount(village, **numbers) for village, numbers in ordered]


def total(rows: Sequence[VillageCount]) -> VillageCount:
    """All villages together."""
    return VillageCount(
        None,
        *(sum(getattr(row, key) for row in rows) for key in ("comes", "declines", "present", "begun", "sent_in")),
    )


def village_name(code: str | None, office: Office) -> str:
    return place_name(code, office) if code else office.say("village not known")


def workbook(event: Event, by_village: Sequence[VillageCount], guests: Sequence[Guest], office: Office) -> Workbook:
    """The numbers by village, then who comes and who was there."""
    say = office.say
    rows = [
        (village_name(row.village, office), row.comes, row.declines, row.present, row.begun, row.sent_in)
        for row in by_village
    ]
    heads = (N_("Village"), N_("Come"), N_("Cannot come"), N_("Present"), N_("Not sent in"), N_("Sent in"))
    own = (N_("Village"), N_("Name"), N_("Answer"), N_("Present at"), N_("Number"), N_("State"), N_("Begun here"))
    title = say("Meeting of {day}, {place}", day=event_day(event, office), place=where(event, office))
    numbers = Sheet(say("By village"), tuple(map(say, heads)), rows)
    return Workbook(title, (numbers, Sheet(say("People"), tuple(map(say, own)), [each.cells for each in guests])))


def guests(tx: Tx, rows: Sequence[Row], office: Office) -> list[Guest]:
    """Rows of tx.events.guests with the names; a slice at a time, for each name is opened."""
    return [_guest(tx, row, office) for row in rows]


def _guest(tx: Tx, row: Row, office: Office) -> Guest:
    say, registration_id = office.say, row["registration_id"]
    answers = tx.registrations.answers(registration_id) if registration_id is not None else {}
    there = None if row["present_at"] is None else moment(row["present_at"]).astimezone(office.zone)
    return Guest(
        (
            village_name(row["village"], office),
            answers.get("name") or "-",
            say("comes") if row["answer"] == Answer.COMES else "",
            there,
            row["receipt"] or "",
            status_label(Status(row["status"]), say) if row["status"] else say("not registered"),
            say("yes") if row["born"] else "",
        )
    )


def text(event: Event, shown: int, office: Office) -> str:
    """What is said with the list."""
    return office.say(
        "The list of the event on {day}: {n} people.", day=event_day(event, office), n=office.say.number(shown)
    )
