"""An officer stops: suspended or removed. Queue, buttons, leases and menu are gone in the same transaction.

Not for: who may order it (handlers/staff.py).
"""

from __future__ import annotations

from conversation.late import late
from conversation.messages import Commands, Message
from domain.officer import Officer
from domain.registration import Actor, Status
from handlers import broadcast_heirs, decisions, hold, notices
from handlers.office import Office
from storage.store import Tx


def stop(tx: Tx, officer: Officer, office: Office, *, by: int, state: str) -> None:
    """`state` is "suspended" or "removed", `by` the admin. Waiting decisions are void, held cases go back."""
    tx.staff.set_state(officer.id, state)
    for number in tx.queue.pending_of(officer.id):
        case = tx.registrations.get(number, lock=True)
        if case is not None:
            decisions.void(tx, case, office, by=Actor.ADMIN, actor_id=by, reason="officer_stopped")
    for number in tx.queue.held_by(officer.id):
        case = tx.registrations.get(number, lock=True)
        if case is not None and case.status is Status.IN_REVIEW and case.officer_id == officer.id:
            case = hold.give_back(tx, case, by=Actor.ADMIN, actor_id=by, reason="officer_stopped")
            notices.case_returned(tx, case, office, without=officer.id)
    hold.take_back(tx, tx.sights.take_of_officer(officer.id))
    tx.queue.close_desk(officer.id)
    broadcast_heirs.owner_stopped(tx, officer, office, by=by)
    tx.audit.record(f"officer_{state}", actor=Actor.ADMIN, actor_id=by, detail=str(officer.id))
    person = tx.people.get(officer.address_id)
    # Who is removed after a suspension was told then.
    if person is not None and officer.active:
        tx.outbox.put(person, Commands())
        text = office.say("You are no longer an officer of this service. Questions: {contact}.", contact=office.contact)
        tx.outbox.put(person, Message(text, late=late("office_news")))
