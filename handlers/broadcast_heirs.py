"""An admin stops: what becomes of their broadcasts, and who is asked to take them over.

Not for: their cases and their menu (handlers/suspension.py).
"""

from __future__ import annotations

from dataclasses import replace

from conversation.late import late
from conversation.messages import Message
from domain.broadcast import Broadcast, State
from domain.officer import Officer
from domain.registration import Actor
from handlers import broadcast_bar
from handlers.office import Office
from storage.store import Tx

_UNSENT = (State.DRAFT, State.PREPARING, State.PREPARED)


def owner_stopped(tx: Tx, owner: Officer, office: Office, *, by: int) -> None:
    """What was not sent ends, what is being sent waits for another admin; an approval asked for stays asked."""
    others = [one for one in tx.staff.admins(own=owner.address_id) if one.id != owner.id]
    for each in tx.broadcasts.of_owner(owner.id):
        broadcast = tx.broadcasts.get(each.id, lock=True)
        if broadcast is None:
            continue
        if broadcast.state in _UNSENT and broadcast.kind.follows and others:
            # Whoever comes to an event is reminded, whoever planned it.
            heir = next((one.id for one in others if one.id == by), others[0].id)
            tx.broadcasts.save(broadcast, broadcast.taken_over(heir))
        elif broadcast.state in _UNSENT:
            tx.broadcasts.move(broadcast, State.STOPPED, by=Actor.SYSTEM, code="admin_stopped")
        elif broadcast.state in (State.SCHEDULED, State.RUNNING, State.PAUSED):
            _ask(tx, _held(tx, broadcast), others, office)


def _held(tx: Tx, broadcast: Broadcast) -> Broadcast:
    if broadcast.state is State.PAUSED:
        return tx.broadcasts.save(broadcast, replace(broadcast, code="admin_stopped"))
    return tx.broadcasts.move(broadcast, State.PAUSED, by=Actor.SYSTEM, code="admin_stopped")


def _ask(tx: Tx, broadcast: Broadcast, others: list[Officer], office: Office) -> None:
    why = office.say(broadcast_bar.PAUSES[broadcast.code])
    text = f"{why}\n\n{broadcast_bar.bar_text(tx, broadcast, office)}"
    for one in others:
        person = tx.people.get(one.address_id)
        if person is not None:
            options = broadcast_bar.choices(broadcast, office)
            tx.outbox.put(person, Message(text, options, late=late("office_news")), lane=1)
