"""Moving an event: an admin writes another time, another place, and says whether those invited are told.

Not for: what they are told (handlers/event_news.py) or cancelling (handlers/events.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.messages import Choice
from conversation.words import meanings, normal
from domain.broadcast import Kind
from domain.errors import Invalid
from domain.event import Event
from domain.event_time import read_when
from domain.registration import Actor
from handlers import broadcast_text, event_news
from handlers.event_text import details, when, when_refused, where
from handlers.hold import moment, officer_at
from handlers.taps import data
from handlers.visit import Visit
from storage.queue import Desk

_WHEN, _PLACE = "event_when", "event_place"
_KEEP = ("sama", "tidak berubah")
# A place stands in one line of a message and of the poster.
_LONGEST_PLACE = 120


def not_to_come(visit: Visit, event: Event) -> str:
    """Why an event cannot be changed any more; empty where it can."""
    if event.cancelled:
        return visit.say("It is cancelled already.")
    if event.starts_at <= visit.tx.at:
        return visit.say("It has begun already.")
    return ""


def ask_when(visit: Visit, event: Event) -> str:
    """The first of two questions."""
    if said := not_to_come(visit, event):
        return said
    text = visit.say(
        "Now: {when}. Write the **new day and hour**. To keep it: TETAP. To stop: BATAL.\nExample: 25-11-2026 10.00",
        when=when(event, visit.office),
    )
    prompt = visit.reply(text)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(_WHEN, event.id, prompt=prompt))
    return ""


def desk_text(visit: Visit, desk: Desk, words: str) -> bool:
    """What an admin writes at one of the two questions; False when none is open."""
    if desk.step not in (_WHEN, _PLACE) or desk.subject is None:
        return False
    event = visit.tx.events.get(desk.subject)
    said = visit.say("This choice is out of date.") if event is None else not_to_come(visit, event)
    if event is None or said or "cancel" in meanings(words):
        visit.tx.queue.close_desk(officer_at(visit).id)
        visit.reply(said or visit.say("Nothing was changed."))
    elif desk.step == _WHEN:
        _take_when(visit, event, words)
    else:
        _take_place(visit, event, desk, words)
    return True


def _keeps(words: str) -> bool:
    """TETAP, or LANJUT as wherever else an event or a broadcast is written."""
    return normal(words) in _KEEP or "keep" in meanings(words)


def _take_when(visit: Visit, event: Event, words: str) -> None:
    starts_at = event.starts_at
    if not _keeps(words):
        try:
            starts_at = int(read_when(words, now=visit.tx.now, zone=visit.office.zone).timestamp() * 1000)
        except Invalid as invalid:
            visit.reply(when_refused(invalid, visit.office))
            return
    text = visit.say(
        "Now: {place}. Write the **new place**, then a comma and the village. To keep it: TETAP. To stop: BATAL."
        "\nExample: Balai Desa, Latuhalat",
        place=where(event, visit.office),
    )
    prompt = visit.reply(text)
    visit.tx.queue.open_desk(officer_at(visit).id, Desk(_PLACE, event.id, picked=(str(starts_at),), prompt=prompt))


def _take_place(visit: Visit, event: Event, desk: Desk, words: str) -> None:
    moved = replace(event, starts_at=int(desk.picked[0]))
    if not _keeps(words):
        place, village = _read_place(visit, " ".join(words.split()))
        if not place or len(place) > _LONGEST_PLACE:
            visit.reply(visit.say("Please write the place in one short line. Example: Balai Desa, Latuhalat"))
            return
        moved = replace(moved, place=place, village=village)
    visit.tx.queue.close_desk(officer_at(visit).id)
    if moved == event or moved.starts_at <= visit.tx.at:
        visit.reply(visit.say("Nothing was changed."))
        return
    _save(visit, moved)


def _read_place(visit: Visit, words: str) -> tuple[str, str | None]:
    """The place, and the village where the last part names one for sure."""
    place, comma, last = words.rpartition(",")
    match = visit.office.places.find(last if comma else words)
    village = match.villages[0].code if match.kind == "exact" else None
    return (place.strip() if village and comma else words), village


def _save(visit: Visit, event: Event) -> None:
    tx, say, office, admin = visit.tx, visit.say, visit.office, officer_at(visit)
    tx.events.change(event)
    tx.audit.record("event_changed", actor=Actor.ADMIN, actor_id=admin.id, detail=event.word)
    ended = event_news.end(tx, event, office, actor_id=admin.id, code="event_changed", drafts=False)
    parts = [say("It is changed."), details(event, office)]
    invitations = [str(one.number) for one in ended if one.kind is Kind.INVITATION]
    if invitations:
        text = say(
            "The invitation named the old time or place, so it was stopped: broadcast {numbers}. Please write a new one"
            " for those who did not get it.",
            numbers=", ".join(invitations),
        )
        parts.append(text)
    if not tx.events.has_invited(event.id):
        visit.reply("\n\n".join([*parts, say("Nobody was invited yet.")]))
        return
    draft = event_news.change(tx, event, office, admin.id)
    shown = broadcast_text.message(draft, office, name="Bapak/Ibu", village=None)
    parts += [*told_late(visit, event), say("Shall those who were invited and did not decline get this?"), shown.text]
    options = (
        Choice(say("Yes, tell them"), data("a", "send", draft.id)),
        Choice(say("No, tell nobody"), data("a", "unsent", draft.id)),
    )
    visit.reply("\n\n".join(parts), options)


def told_late(visit: Visit, event: Event) -> list[str]:
    """A warning where it is quiet until the event begins, or for hours to come."""
    opens = visit.office.rules.quiet.opens(visit.tx.now, visit.office.zone)
    if opens <= visit.tx.now:
        return []
    if opens >= moment(event.starts_at):
        return [visit.say("It is quiet until the event begins: **please call the people or go there.**")]
    return [visit.say("It is quiet now, so they hear it at {time}.", time=visit.say.time(opens))]
