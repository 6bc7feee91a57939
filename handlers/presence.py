"""What is kept of who is at an event: a number for whoever has agreed to nothing, and with their yes their presence.

Registrations begun within a day are born of it. Not for: what is said about it (handlers/attendance.py).
"""

from __future__ import annotations

from domain.event import Event
from handlers.filing import live
from handlers.visit import Visit

_CARRY = "event:"
_DAY = 86_400_000


def carried(event: Event) -> str:
    """What the open question for consent remembers of a stranger at an event: nothing but the event."""
    return f"{_CARRY}{event.id}"


def counted_at(carry: str) -> int | None:
    """The event at which the person of this consent was counted as a stranger."""
    number = carry.removeprefix(_CARRY)
    return int(number) if carry.startswith(_CARRY) and number.isdigit() else None


def known_village(visit: Visit) -> str | None:
    """The village of the person's newest registration that names one."""
    return next((each.area for each in live(visit) if each.area), None)


def begun(visit: Visit, registration_id: int, *, carry: str) -> None:
    """A yes was given and a draft made: a counted stranger is present by now, and the draft may be born there."""
    tx, person_id = visit.tx, visit.person.id
    event_id = counted_at(carry)
    event = tx.events.get(event_id) if event_id is not None else None
    if event is not None:
        # Who thinks about it for days was there on the day.
        latest = int(event.ends(visit.office.zone).timestamp() * 1000) - 1
        if tx.events.present(event.id, person_id, village=None, at=min(tx.at, latest)):
            tx.events.count_stranger(event.id, -1)
    lately = tx.events.present_lately(person_id, since=tx.at - _DAY)
    if lately is not None:
        tx.events.born_at(registration_id, lately)
