"""What stands on an event's poster and in its list: plain texts and rows, ready for whatever makes the files.

Not for: asking for a file (tx.papers.want), making it or sending it; handlers know no maker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from conversation.say import N_
from domain.event import Answer, Event
from domain.registration import Status
from handlers.event_text import event_day, where
from handlers.hold import moment
from handlers.notices import place_name
from handlers.office import Office
from handlers.status import status_label
from storage.store import Tx

# A hall holds fewer; what is beyond stands in the counts by village.
MOST_GUESTS = 5_000

Value = str | int | datetime | None


@dataclass(frozen=True, kw_only=True)
class EventPoster:
    """The words of one A4 page. Without a `link` there is the word alone."""

    file_name: str
    title: str
    date_line: str
    place_line: str
    lines: tuple[str, ...]
    bring: str
    link: str
    link_hint: str
    word: str
    word_hint: str
    office: str
    footer: str


@dataclass(frozen=True)
class EventSheet:
    """One sheet: column heads, and rows as long as they are. Times are aware, in the area's zone."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]] = field(repr=False)


@dataclass(frozen=True)
class EventList:
    """A workbook: the numbers by village, then who comes and who was there."""

    file_name: str
    title: str
    sheets: tuple[EventSheet, ...]


def deep_link(event: Event, office: Office) -> str:
    """The address behind the poster's code: it opens our chat and says the word; empty where there is none."""
    link = next((link for link in office.links.values() if link), "")
    return f"{link}?start=e_{event.word}" if link else ""


def poster_request(tx: Tx, event_id: int, office: Office) -> EventPoster | None:
    """The poster that hangs at the door; None when there is no such event."""
    event = tx.events.get(event_id)
    if event is None:
        return None
    say, link = office.say, deep_link(event, office)
    hour = say.time(event.start).rpartition(", ")[2]
    return EventPoster(
        file_name=f"poster-{event.word}.pdf",
        title=say("Meeting on BPJS Ketenagakerjaan"),
        date_line=say("{day}, {hour}", day=event_day(event, office), hour=hour),
        place_line=where(event, office),
        lines=(say("Protection for fishers, farmers and others who work for themselves."), say("Register here.")),
        bring=say("Please bring: {things}", things=event.bring) if event.bring else "",
        link=link,
        link_hint=say("Point the camera of your phone at the code.") if link else "",
        word=event.word,
        word_hint=say("Or send this word to us: **{word}**", word=event.word).replace("**", ""),
        office=", ".join(part for part in (office.name, office.address) if part),
        footer=say("It is free. Give nobody money, a PIN or an OTP code."),
    )


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


def list_request(tx: Tx, event_id: int, office: Office) -> EventList | None:
    """Numbers and names for the office; None when there is no such event."""
    event = tx.events.get(event_id)
    if event is None:
        return None
    say = office.say
    by_village = [_count_row(village_name(row.village, office), row) for row in counts(tx, event_id)]
    heads = (N_("Village"), N_("Come"), N_("Cannot come"), N_("Present"), N_("Not sent in"), N_("Sent in"))
    own = (N_("Village"), N_("Name"), N_("Answer"), N_("Present at"), N_("Number"), N_("State"), N_("Begun here"))
    sheets = (
        EventSheet(say("By village"), tuple(map(say, heads)), by_village),
        EventSheet(say("People"), tuple(map(say, own)), _guests(tx, event, office)),
    )
    title = say("Meeting of {day}, {place}", day=event_day(event, office), place=where(event, office))
    return EventList(f"acara-{event.word}.xlsx", title, sheets)


def _count_row(name: str, row: VillageCount) -> tuple[Value, ...]:
    return (name, row.comes, row.declines, row.present, row.begun, row.sent_in)


def _guests(tx: Tx, event: Event, office: Office) -> list[tuple[Value, ...]]:
    say = office.say
    rows: list[tuple[Value, ...]] = []
    for row in tx.events.guests(event.id, limit=MOST_GUESTS):
        registration_id = row["registration_id"]
        answers = tx.registrations.answers(registration_id) if registration_id is not None else {}
        there = None if row["present_at"] is None else moment(row["present_at"]).astimezone(office.zone)
        rows.append(
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
    return rows
