"""The event an invitation is to, asked one thing at a time: when, in which village, at which place, what to bring.

Not for: what is asked next (broadcast_compose.py) or events that are planned already (handlers/events.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversation.messages import Choice, Edit
from conversation.words import meanings, normal, number
from domain.broadcast import Broadcast
from domain.errors import Invalid
from domain.event import Event
from domain.event_time import read_when
from domain.region import Village
from handlers import event_text
from handlers.hold import officer_at
from handlers.notices import place_name
from handlers.taps import data
from handlers.visit import Visit

STEPS = ("when", "village", "place", "bring")
"""The questions, in the order in which a draft keeps their answers."""
_LONGEST = 100
_OUTSIDE = ("luar desa", "luar wilayah", "luar daerah")

Prompt = tuple[str, tuple[Choice, ...]]


def is_known(visit: Visit, draft: Broadcast, step: str) -> bool:
    """Whether it is answered; a time that has passed is no answer any more."""
    if step == "when" and so_far(draft).starts_at <= visit.tx.at:
        return False
    return len(draft.content.event) > STEPS.index(step)


def now(visit: Visit, draft: Broadcast, step: str) -> str:
    """The answer there is, in words."""
    event = so_far(draft)
    if step == "when":
        return event_text.when(event, visit.office)
    if step == "village":
        return place_name(event.village, visit.office) if event.village else visit.say("in none of our villages")
    return event.place if step == "place" else event.bring or visit.say("nothing")


def ask_when(visit: Visit, _: Broadcast) -> Prompt:
    zone = visit.office.places.area.zone_label
    text = visit.say("**When** is the event? Write day and hour ({zone}).\nExample: 25-11-2026 10.00", zone=zone)
    return text, ()


def read_start(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    try:
        start = read_when(words, now=visit.tx.now, zone=visit.office.zone)
    except Invalid as invalid:
        visit.reply(event_text.when_refused(invalid, visit.office))
        return None
    return _with(visit, draft, "when", str(int(start.timestamp() * 1000)))


def ask_village(visit: Visit, draft: Broadcast) -> Prompt:
    text = visit.say(
        "{when}. In which **village** is it? If it is in none of ours, reply LEWATI.\nExample: Latuhalat",
        when=event_text.when(so_far(draft), visit.office),
    )
    return text, ()


def read_village(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    """A name, the number of one of those offered, or none of ours."""
    if {"skip", "no"} & meanings(words) or normal(words) in _OUTSIDE:
        return with_village(visit, draft, "")
    desk, n = visit.tx.queue.desk(officer_at(visit).id), number(words)
    if desk is not None and n is not None and 0 < n <= len(desk.picked):
        return with_village(visit, draft, desk.picked[n - 1])
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
    _offer(visit, draft, found.villages)
    return None


def _offer(visit: Visit, draft: Broadcast, villages: Sequence[Village]) -> None:
    """The villages that may be meant, to be chosen by number too."""
    names = [f"{village.label}, {village.district_name}" for village in villages]
    options = [
        Choice(name, data("bc", "village", draft.id, village.code))
        for name, village in zip(names, villages, strict=True)
    ]
    listed = "\n".join(f"{place}. {name}" for place, name in enumerate(names, 1))
    text = visit.say("Several places may be meant. Which one? Reply with its number.\n{names}", names=listed)
    prompt = visit.reply(text, options, stacked=True)
    desk = visit.tx.queue.desk(officer_at(visit).id)
    if desk is not None:
        if desk.prompt is not None:
            visit.send(Edit(desk.prompt))
        picked = tuple(village.code for village in villages)
        visit.tx.queue.open_desk(officer_at(visit).id, replace(desk, picked=picked, prompt=prompt))


def with_village(visit: Visit, draft: Broadcast, code: str) -> Broadcast | None:
    """The village by its code; empty for none of ours."""
    if code and visit.office.places.village(code) is None:
        visit.reply(visit.say("This choice is out of date."))
        return None
    return _with(visit, draft, "village", code)


def ask_place(visit: Visit, _: Broadcast) -> Prompt:
    return visit.say("At which **place** is it?\nExample: Balai Desa Latuhalat"), ()


def read_place(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    place = " ".join(words.split())
    return _with(visit, draft, "place", place) if _fits(visit, place) else None


def ask_bring(visit: Visit, _: Broadcast) -> Prompt:
    return visit.say("What should people **bring**? If nothing, reply TIDAK ADA.\nExample: KTP"), ()


def read_bring(visit: Visit, draft: Broadcast, words: str) -> Broadcast | None:
    things = " ".join(words.split())
    if {"skip", "no"} & meanings(words):
        things = ""
    return _with(visit, draft, "bring", things) if not things or _fits(visit, things) else None


def _fits(visit: Visit, text: str) -> bool:
    if 1 < len(text) <= _LONGEST:
        return True
    visit.reply(visit.say("This has {n} characters. Please write between 2 and {most}.", n=len(text), most=_LONGEST))
    return False


def _with(visit: Visit, draft: Broadcast, step: str, value: str) -> Broadcast:
    """The draft with one more thing known. A text tells of the new where it told of the old, or is gone.

    An event that people were invited to already stays as it is: this is another one from now on.
    """
    place, known = STEPS.index(step), list(draft.content.event)
    if place < len(known) and known[place] == value:
        return draft
    known[place : place + 1] = [value]
    after = retold(visit, draft, tuple(known))
    if draft.event_id is not None and visit.tx.events.has_invited(draft.event_id):
        return replace(after, event_id=None)
    return after


def retold(visit: Visit, draft: Broadcast, event: tuple[str, ...]) -> Broadcast:
    """The draft with this for its event; its text with the new where it told of the old, or without any."""
    after = replace(draft, content=replace(draft.content, event=event))
    old, new = (event_text.details(so_far(each), visit.office) for each in (draft, after))
    text = draft.content.text.replace(old, new) if old in draft.content.text else ""
    return replace(after, content=replace(after.content, text=text))


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


def moved(visit: Visit, draft: Broadcast) -> Broadcast | None:
    """The draft with its event as it is by now, where people were invited to it and it was moved since; else None."""
    known = visit.tx.events.get(draft.event_id) if draft.event_id is not None else None
    if known is None or told(known) == draft.content.event or not visit.tx.events.has_invited(known.id):
        return None
    return retold(visit, draft, told(known))


def planned(visit: Visit, draft: Broadcast) -> Broadcast:
    """The event is real from now on, and the invitation is to it."""
    tx, event = visit.tx, so_far(draft)
    known = tx.events.get(draft.event_id) if draft.event_id is not None else None
    if known is None or known.cancelled:
        known = tx.events.add(
            starts_at=event.starts_at,
            village=event.village,
            place=event.place,
            bring=event.bring,
            created_by=officer_at(visit).id,
        )
        return tx.broadcasts.save(draft, replace(draft, event_id=known.id))
    if told(known) != told(event):
        tx.events.change(
            replace(known, starts_at=event.starts_at, village=event.village, place=event.place, bring=event.bring)
        )
    return draft
