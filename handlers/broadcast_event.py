"""The event an invitation is to, asked one thing at a time: when, in which village, at which place, what to bring.

Not for: what is asked next (broadcast_compose.py) or events that are planned already (handlers/events.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice
from conversation.words import meanings
from domain.broadcast import Broadcast
from domain.errors import Invalid
from domain.event import Event
from domain.event_time import read_when
from handlers import event_text
from handlers.hold import officer_at
from handlers.taps import data
from handlers.visit import Visit

_LONGEST = 100


def ask_when(visit: Visit, _: Broadcast) -> int:
    zone = visit.office.places.area.zone_label
    return visit.reply(
        visit.say("**When** is the event? Write day and hour ({zone}).\nExample: 25-11-2026 10.00", zone=zone)
    )


def read_start(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    try:
        start = read_when(words, now=visit.tx.now, zone=visit.office.zone)
    except Invalid as invalid:
        visit.reply(event_text.when_refused(invalid, visit.office))
        return None
    return _with(draft, 0, str(int(start.timestamp() * 1000)))


def ask_village(visit: Visit, draft: Broadcast) -> int:
    start = event_text.when(so_far(draft), visit.office)
    return visit.reply(
        visit.say(
            "{when}. In which **village** is it? If it is in none of ours, reply LEWATI.\nExample: Latuhalat",
            when=start,
        )
    )


def read_village(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    if {"skip", "no"} & meanings(words):
        return with_village(visit, draft, "")
    found = visit.office.places.find(words)
    if found.kind == "exact":
        return with_village(visit, draft, found.villages[0].code)
    if not found.villages:
        visit.reply(
            visit.say(
                "No place in {area} is called {name}. Please write it again, or LEWATI.",
                area=visit.office.places.area.name,
                name=words[:_LONGEST],
            )
        )
        return None
    options = [
        Choice(f"{village.label}, {village.district_name}", data("bc", "village", draft.id, village.code))
        for village in found.villages
    ]
    names = "\n".join(f"- {village.label}, Kec. {village.district_name}" for village in found.villages)
    visit.reply(
        visit.say("Several places may be meant. Please choose, or write it with its kecamatan.\n{names}", names=names),
        options,
        stacked=True,
    )
    return None


def with_village(visit: Visit, draft: Broadcast, code: str) -> Broadcast | None:
    """The village by its code; empty for none of ours."""
    if code and visit.office.places.village(code) is None:
        visit.reply(visit.say("This choice is out of date."))
        return None
    return _with(draft, 1, code)


def ask_place(visit: Visit, _: Broadcast) -> int:
    return visit.reply(visit.say("At which **place** is it?\nExample: Balai Desa Latuhalat"))


def read_place(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    place = " ".join(words.split())
    return _with(draft, 2, place) if _fits(visit, place) else None


def ask_bring(visit: Visit, _: Broadcast) -> int:
    return visit.reply(visit.say("What should people **bring**? If nothing, reply TIDAK ADA.\nExample: KTP"))


def read_bring(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    things = " ".join(words.split())
    if {"skip", "no"} & meanings(words):
        things = ""
    return _with(draft, 3, things) if not things or _fits(visit, things) else None


def _fits(visit: Visit, text: str) -> bool:
    if 1 < len(text) <= _LONGEST:
        return True
    visit.reply(visit.say("This has {n} characters. Please write between 2 and {most}.", n=len(text), most=_LONGEST))
    return False


def _with(draft: Broadcast, place: int, value: str) -> Broadcast:
    """The draft with one more thing known; a text that told of the old is gone."""
    known = list(draft.content.event)
    if place < len(known) and known[place] == value:
        return draft
    known[place : place + 1] = [value]
    return replace(draft, content=replace(draft.content, event=tuple(known), text=""))


def so_far(draft: Broadcast) -> Event:
    """The event as far as it is known."""
    start, village, place, bring = (*draft.content.event, "", "", "", "")[:4]
    return Event(draft.event_id or 0, int(start or 0), village or None, place, bring)


def told(event: Event) -> tuple[str, ...]:
    """An event as a draft keeps it."""
    return str(event.starts_at), event.village or "", event.place, event.bring


def ready_text(visit: Visit, draft: Broadcast) -> str:
    """The invitation as we would write it."""
    return visit.say(
        "Invitation to a **meeting about BPJS Ketenagakerjaan** for fishers, farmers and other workers.\n{details}"
        "\nIt is free.",
        details=event_text.details(so_far(draft), visit.office),
    )


def with_ready_text(visit: Visit, draft: Broadcast) -> Broadcast:
    return replace(draft, content=replace(draft.content, text=ready_text(visit, draft)))


def own_text(visit: Visit, draft: Broadcast, words: str) -> str:
    """An admin's own words, and under them when and where: so that nobody is invited to another day by a slip."""
    return f"{words}\n\n{event_text.details(so_far(draft), visit.office)}"


def planned(visit: Visit, draft: Broadcast) -> Broadcast:
    """The event is real from now on, and the invitation is to it."""
    tx, event = visit.tx, so_far(draft)
    known = tx.events.get(draft.event_id) if draft.event_id is not None else None
    if known is None:
        known = tx.events.add(
            starts_at=event.starts_at,
            village=event.village,
            place=event.place,
            bring=event.bring,
            created_by=officer_at(visit).id,
        )
        return tx.broadcasts.save(draft, replace(draft, event_id=known.id))
    tx.events.change(
        replace(known, starts_at=event.starts_at, village=event.village, place=event.place, bring=event.bring)
    )
    return draft
