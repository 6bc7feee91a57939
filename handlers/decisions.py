"""Decisions: noted when pressed, taken back within the undo window, settled when due.

Not for: asking the reasons (handlers/reasons.py) or what the worker is told (handlers/outcome.py).
"""

from __future__ import annotations

from conversation.late import late
from conversation.messages import Choice, Edit, Message
from domain.officer import Officer
from domain.registration import Actor, Decided, Decision, Registration, Status
from handlers import card, hold, notices, outcome
from handlers.hold import officer_at
from handlers.labels import DECIDED, length, reason_labels
from handlers.office import Office
from handlers.taps import data
from handlers.visit import Visit
from storage.store import Tx


def press(
    visit: Visit, case: Registration, decided: Decided, *, reasons: tuple[str, ...] = (), note: str | None = None
) -> None:
    """Note a decision on a case this officer holds: it counts when the undo window is over, be it 0."""
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    decision = Decision(
        registration_id=case.id,
        officer_id=officer.id,
        version=case.version,
        decided=decided,
        reasons=reasons,
        due_at=tx.at + visit.office.rules.undo_window * 1000,
        at=tx.at,
        note=note,
    )
    if not tx.queue.decide(decision):
        visit.reply(say("Somebody changed this registration just now. Please look at it again."))
        return
    tx.audit.record(
        f"decided_{decided}",
        actor=Actor.OFFICER,
        actor_id=officer.id,
        registration_id=case.id,
        detail=",".join(reasons),
    )
    hold.end(tx, case.id, officer.id)
    tx.queue.set_prompt(case.id, _offer(visit, case, decision))


def _offer(visit: Visit, case: Registration, decision: Decision) -> int:
    """Say what was decided and offer to take it back; the outbox id."""
    say, window = visit.say, visit.office.rules.undo_window
    label = say(DECIDED[decision.decided])
    if decision.reasons:
        label = f"{label} ({reason_labels(decision.reasons, say)})"
    follow = Choice(say("Take the next"), data("q", "next"))
    if not window:
        text = say("{receipt}: **{decision}**. The worker is told now.", receipt=case.receipt, decision=label)
        return visit.reply(text, (follow,))
    text = say(
        "{receipt}: **{decision}**. The worker is told in {span}.",
        receipt=case.receipt,
        decision=label,
        span=length(window, say),
    )
    return visit.reply(text, (Choice(say("Take back"), data("c", "undo", case.id, case.version)), follow))


def undo(visit: Visit, registration_id: int, version: int) -> str:
    """Take a decision back while it waits; the acknowledgement."""
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    case = tx.registrations.get(registration_id, lock=True)
    pending = tx.queue.pending(registration_id)
    if case is None or pending is None or pending.officer_id != officer.id or pending.version != version:
        return _too_late(visit, case)
    _drop(tx, case.id)
    tx.queue.hold_again(case, officer.id, until=hold.lease_end(tx, visit.office))
    tx.audit.record("decision_undone", actor=Actor.OFFICER, actor_id=officer.id, registration_id=case.id)
    text = say("Your decision on {receipt} is taken back. You are checking it again.", receipt=case.receipt)
    prompt = visit.reply(text, card.choices(case, visit.office))
    tx.sights.record(case, officer.id, "card", prompt=prompt)
    return ""


def settle(tx: Tx, registration_id: int, office: Office) -> None:
    """Make a decision count, if its time has come and nothing has changed since; else the case goes back."""
    found, waiting = tx.registrations.get(registration_id), tx.queue.pending(registration_id)
    if found is None or waiting is None:
        return
    # Address, officer, registration: the order in which workers and officers take them, so that nobody
    # waits for somebody who waits for them.
    tx.people.lock(found.address_id)
    officer = tx.staff.get(waiting.officer_id, lock=True)
    case, decision = tx.registrations.get(registration_id, lock=True), tx.queue.pending(registration_id)
    if case is None or decision is None or decision.officer_id != waiting.officer_id or decision.due_at > tx.at:
        return
    if officer is None or not _still_counts(case, decision, officer):
        void(tx, case, office, by=Actor.SYSTEM, reason="decision_void")
        return
    prompt = tx.queue.prompt_of(case.id)
    tx.queue.drop_pending(case.id)
    case = tx.registrations.move(
        case,
        decision.decided.status,
        by=Actor.OFFICER,
        actor_id=officer.id,
        reason=",".join(decision.reasons),
    )
    if decision.note:
        tx.registrations.add_note(case.id, decision.note, actor=Actor.OFFICER, actor_id=officer.id)
    hold.take_back(tx, tx.sights.take_of_case(case.id, officer.id))
    outcome.told(tx, case, decision.decided, decision.reasons, _for_worker(decision), office)
    _close_prompt(tx, officer, prompt, case, decision, office)


def void(
    tx: Tx, case: Registration, office: Office, *, by: Actor, actor_id: int | None = None, reason: str
) -> Registration:
    """A waiting decision no longer counts; the case goes back to its old place and its officer is told."""
    decision = tx.queue.pending(case.id)
    if decision is None:
        return case
    _drop(tx, case.id)
    officer = tx.staff.get(decision.officer_id)
    if case.status is Status.IN_REVIEW:
        case = tx.registrations.move(case, Status.SUBMITTED, by=by, actor_id=actor_id, reason=reason)
    if officer is not None and officer.active:
        text = office.say(
            "{receipt} is back in the queue: your decision does not count any more.", receipt=case.receipt
        )
        tell(tx, officer, text)
    notices.case_returned(tx, case, office, without=decision.officer_id)
    return case


def drop_for_end(tx: Tx, case: Registration, office: Office, text: str) -> None:
    """The registration ends for another reason: a waiting decision goes, its officer is told `text`."""
    decision = tx.queue.pending(case.id)
    if decision is not None:
        _drop(tx, case.id)
        officer = tx.staff.get(decision.officer_id)
        if officer is not None:
            tell(tx, officer, text)


def _still_counts(case: Registration, decision: Decision, officer: Officer) -> bool:
    return (
        officer.active
        and case.status is Status.IN_REVIEW
        and case.officer_id is None
        and case.version == decision.version
        and case.address_id != officer.address_id
    )


def _for_worker(decision: Decision) -> str | None:
    """Why a case without photo was approved is for the office only."""
    return None if decision.decided is Decided.APPROVE else decision.note


def _drop(tx: Tx, registration_id: int) -> None:
    """Forget a waiting decision and take its choices away."""
    decision = tx.queue.pending(registration_id)
    prompt = tx.queue.prompt_of(registration_id)
    tx.queue.drop_pending(registration_id)
    officer = tx.staff.get(decision.officer_id) if decision else None
    person = tx.people.get(officer.address_id) if officer else None
    if person is not None and prompt is not None:
        tx.outbox.put(person, Edit(prompt))


def _close_prompt(
    tx: Tx, officer: Officer, prompt: int | None, case: Registration, decision: Decision, office: Office
) -> None:
    """The message that offered to take it back says now that the worker was told."""
    person = tx.people.get(officer.address_id)
    if person is None or prompt is None:
        return
    say = office.say
    text = say(
        "{receipt}: **{decision}**. The worker has been told.",
        receipt=case.receipt,
        decision=say(DECIDED[decision.decided]),
    )
    tx.outbox.put(person, Edit(prompt, text, (Choice(say("Take the next"), data("q", "next")),)), lane=1)


def _too_late(visit: Visit, case: Registration | None) -> str:
    """Why there is nothing to take back: the worker was told, or something else ended the wait."""
    say, me = visit.say, officer_at(visit).id
    changes = visit.tx.registrations.changes(case.id) if case else []
    settled = {decided.status for decided in Decided}
    last = next((row for row in reversed(changes) if row["to_status"] in settled), None)
    if case is not None and case.status in settled and last is not None and last["actor_id"] == me:
        return say("Too late: the worker has been told already.")
    return say("There is nothing to take back.")


def tell(tx: Tx, officer: Officer, text: str) -> None:
    """A short message to an officer about a case, beside the notices."""
    person = tx.people.get(officer.address_id)
    if person is not None:
        tx.outbox.put(person, Message(text, late=late("office_news")), lane=1)
