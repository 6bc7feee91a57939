"""What goes out because of an event, after its invitation: the reminder, the news that it has changed or is cancelled.

Nobody approves these again: they go to people who were invited. Not for: when a reminder is due
(handlers/due_events.py) or what admins press (handlers/events.py).
"""

from __future__ import annotations

from domain.audience import Audience, Condition
from domain.broadcast import Broadcast, Content, Kind, State
from domain.event import Event
from domain.registration import Actor
from handlers import broadcast_end
from handlers.event_text import details, event_day, where
from handlers.office import Office
from storage.store import Tx

# Filled in for each person (handlers/broadcast_text.py).
_NAME = "{sapaan}"


def reminder(tx: Tx, event: Event, office: Office, owner_id: int) -> None:
    """To those who come."""
    say, days = office.say, (event.day(office.zone) - office.today(tx.now)).days
    head = say("{name}, the meeting is **today**.", name=_NAME)
    if days == 1:
        head = say("{name}, the meeting is **tomorrow**.", name=_NAME)
    text = "\n\n".join([head, details(event, office), say("Cannot come after all? Reply **TIDAK BISA**.")])
    send(tx, _draft(tx, event, Kind.REMINDER, text, owner_id), by=Actor.SYSTEM)


def change(tx: Tx, event: Event, office: Office, owner_id: int) -> Broadcast:
    """A draft of the news that it is at another time or place; it waits for the admin's yes."""
    head = office.say("{name}, the meeting has **changed**. Now it is:", name=_NAME)
    return _draft(tx, event, Kind.CHANGE, f"{head}\n\n{details(event, office)}", owner_id)


def cancellation(tx: Tx, event: Event, office: Office, owner_id: int) -> Broadcast:
    """The news that it does not take place."""
    text = office.say(
        "{name}, the meeting on **{day}** in {place} is **cancelled**. Please do not come. We are sorry.",
        name=_NAME,
        day=event_day(event, office),
        place=where(event, office),
    )
    return send(tx, _draft(tx, event, Kind.CANCELLATION, text, owner_id), by=Actor.ADMIN, actor_id=owner_id)


def send(tx: Tx, draft: Broadcast, *, by: Actor, actor_id: int | None = None) -> Broadcast:
    """Its list of people is made next, and then it goes by itself."""
    tx.broadcasts.begin_scan(draft.id)
    return tx.broadcasts.move(draft, State.PREPARING, by=by, actor_id=actor_id)


def end(tx: Tx, event: Event, office: Office, *, actor_id: int, code: str, drafts: bool) -> list[Broadcast]:
    """What is on its way about it says what is no longer true: it ends. Those that did; `drafts` among them, or not."""
    ended = []
    for each in tx.broadcasts.of_event(event.id):
        broadcast = tx.broadcasts.get(each.id, lock=True)
        if broadcast is None or broadcast.state in (State.DONE, State.STOPPED):
            continue
        # What is still being composed as an invitation is its author's to change.
        if drafts or broadcast.state is not State.DRAFT or broadcast.kind.follows:
            ended.append(broadcast_end.stop(tx, broadcast, office, by=Actor.ADMIN, actor_id=actor_id, code=code))
    return ended


def _draft(tx: Tx, event: Event, kind: Kind, text: str, owner_id: int) -> Broadcast:
    number = str(event.id)
    audience = Audience((Condition("coming", (number,)),))
    if kind is not Kind.REMINDER:
        audience = Audience((Condition("invited", (number,)), Condition("declined", (number,), negated=True)))
    return tx.broadcasts.draft(
        owner_id, kind=kind, content=Content(text), audience=audience.to_bytes().decode(), event_id=event.id
    )
