"""The officers' queue: what waits, taking the next, giving back; and what a worker's doings mean for a case in it.

Not for: decisions (handlers/verification.py) or when notices go out (handlers/notices.py).
"""

from __future__ import annotations

from conversation.messages import Choice
from domain.officer import Role
from domain.registration import Actor, Registration, Status
from handlers import card, decisions, hold, notices
from handlers.hold import held_by, officer_at
from handlers.labels import length
from handlers.office import Office
from handlers.receipts import by_receipt, is_like_a_receipt
from handlers.taps import data, numbers
from handlers.verification import release
from handlers.visit import Command, Press, Visit
from storage.store import Tx

# How often somebody else may be faster before we say that nothing is free.
_TRIES = 20

# Two taps within so many milliseconds are one.
_THUMB = 2_000


def arrived(tx: Tx, registration: Registration, office: Office) -> None:
    """A registration has just become `submitted`, new or corrected: officers are told."""
    notices.case_waits(tx, registration, office)


def changed_by_worker(tx: Tx, registration: Registration, office: Office) -> Registration:
    """An answer was changed while the case waits or is checked; the new version is saved already.

    A waiting decision is void and the case goes back to its old place; a holder keeps the lease and sees the
    new card. Returns the registration as it is now.
    """
    case = tx.registrations.get(registration.id, lock=True) or registration
    if case.status is not Status.IN_REVIEW:
        return case
    holder = tx.staff.get(case.officer_id) if case.officer_id is not None else None
    if holder is None:
        return decisions.void(tx, case, office, by=Actor.SYSTEM, reason="changed_by_worker")
    hold.close_desk(tx, case.id, holder.id)
    above = office.say("The worker has changed an answer of {receipt}. This is the new card.", receipt=case.receipt)
    card.show(tx, holder, case, office, above=above)
    return case


def withdrawn(tx: Tx, registration: Registration, office: Office) -> None:
    """The worker cancels or erases; called before that move. A waiting decision goes, a hold ends, both are told."""
    case = tx.registrations.get(registration.id, lock=True) or registration
    text = office.say("The worker has withdrawn {receipt}. There is nothing more to do.", receipt=case.receipt)
    decisions.drop_for_end(tx, case, office, text)
    if case.officer_id is not None:
        hold.end(tx, case.id, case.officer_id)
        holder = tx.staff.get(case.officer_id)
        if holder is not None:
            decisions.tell(tx, holder, text)


def objected(tx: Tx, registration: Registration, office: Office) -> None:
    """A worker objects to a rejection: the admins are told."""
    notices.objection_waits(tx, registration, office)


def asked(tx: Tx, number: int, office: Office) -> None:
    """A question was left for the office: the officers of the area are told, gathered like cases."""
    notices.enquiry_waits(tx, number, office)


def _overview(visit: Visit, _: str) -> None:
    """/antrean: counts by area, the oldest age, own cases."""
    tx, say, office, officer = visit.tx, visit.say, visit.office, officer_at(visit)
    waiting = tx.queue.waiting(officer.areas)
    lines = [
        say(
            "{place}: {n} waiting, the oldest for {age}",
            place=notices.place_name(place.code, office),
            n=say.number(place.n),
            age=length((tx.at - (place.oldest or tx.at)) / 1000, say),
        )
        for place in waiting
    ]
    head = say("**Queue** of {area}", area=notices.place_names(officer.areas, office))
    own = held_by(visit)
    pending = [case for case in map(tx.registrations.get, tx.queue.pending_of(officer.id)) if case]
    mine = [
        say(
            "{receipt}: with you until {time}", receipt=case.receipt, time=say.time(hold.moment(case.leased_until or 0))
        )
        for case in own
    ] + [say("{receipt}: decided, the worker is told soon", receipt=case.receipt) for case in pending]
    body = "\n".join(lines) if lines else say("Nothing is waiting.")
    parts = [head, body]
    if mine:
        parts.append(say("**Your cases**") + "\n" + "\n".join(mine))
    options = [Choice(say("Take the next"), data("q", "next"))] if waiting else []
    options += _own_choices(own)
    visit.reply("\n\n".join(parts), options)


def _take(visit: Visit, words: str) -> None:
    """/ambil: the next case, or the one named by its receipt number."""
    if words.strip():
        said, own = _take_named(visit, words), []
    else:
        said, own = _take_next(visit), held_by(visit)
    if said and own:
        said = f"{said}\n\n{visit.say('**Your cases**')}"
    if said:
        visit.reply(said, _own_choices(own))


def _own_choices(own: list[Registration]) -> list[Choice]:
    """Each shows its card again."""
    return [Choice(str(case.receipt), data("q", "show", case.id)) for case in own[:7]]


def _take_next(visit: Visit) -> str:
    tx, officer = visit.tx, officer_at(visit)
    for _ in range(_TRIES):
        found = tx.queue.next_id(officer.areas, own=visit.person.id)
        if found is None:
            break
        case = tx.registrations.get(found, lock=True)
        if case is not None and case.status is Status.SUBMITTED:
            card.show(tx, officer, hold.take(visit, case), visit.office)
            return ""
    return visit.say("Nothing is waiting in your area now.")


def _just_taken(visit: Visit) -> str:
    """A second tap of an impatient thumb takes no second case."""
    for case in held_by(visit):
        if visit.tx.at - case.status_at < _THUMB:
            return visit.say("You have just taken {receipt}.", receipt=case.receipt)
    return ""


def _take_named(visit: Visit, words: str) -> str:
    named = by_receipt(visit, words)
    return named if isinstance(named, str) else _open(visit, named.id)


def _open(visit: Visit, registration_id: int) -> str:
    """Take this case, or show it again to who holds it."""
    tx, officer = visit.tx, officer_at(visit)
    case = tx.registrations.get(registration_id, lock=True)
    free = case is not None and case.status is Status.SUBMITTED and case.address_id != visit.person.id
    if case is not None and free and officer.covers(case.area):
        card.show(tx, officer, hold.take(visit, case), visit.office)
        return ""
    held = hold.hold(visit, registration_id)
    if isinstance(held, str):
        return held
    card.show(tx, officer, held, visit.office)
    return ""


def _give_back(visit: Visit, words: str) -> None:
    """/lepas: one's only case, or the one named by its receipt number."""
    tx, say, officer = visit.tx, visit.say, officer_at(visit)
    if words.strip():
        named = by_receipt(visit, words)
        case = named if isinstance(named, str) else hold.hold(visit, named.id)
    else:
        own = tx.queue.held_by(officer.id)
        if len(own) != 1:
            receipts = [str(found.receipt) for found in map(tx.registrations.get, own) if found]
            text = say("You hold no case.") if not own else say("Which one? Reply /lepas with its number.")
            visit.reply("\n".join([text, *receipts]))
            return
        case = hold.hold(visit, own[0])
    said = case if isinstance(case, str) else release(visit, case)
    if said:
        visit.reply(said)


def _tap(visit: Visit, parts: list[str]) -> str:
    if parts == ["next"]:
        return _just_taken(visit) or _take_next(visit)
    if parts == ["list"]:
        _overview(visit, "")
        return ""
    found = numbers(parts[1:], 1) if parts[:1] == ["show"] else None
    if found is not None:
        return _open(visit, found[0])
    return visit.say("This choice is out of date.")


COMMANDS: dict[str, Command] = {
    "antrean": Command(Role.OFFICER, _overview),
    # As most people write it.
    "antrian": Command(Role.OFFICER, _overview),
    "ambil": Command(Role.OFFICER, _take, is_like_a_receipt),
    "lepas": Command(Role.OFFICER, _give_back, is_like_a_receipt),
}
TAPS: dict[str, Press] = {"q": Press(Role.OFFICER, _tap)}
