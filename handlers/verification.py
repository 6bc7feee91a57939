"""What the holder of a case presses: look at the KTP, approve, ask to correct, reject, give back, take back.

Not for: the order of the queue (handlers/queue.py) or what happens when a decision falls due (handlers/decisions.py).
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.messages import Choice, Message
from domain.officer import Role
from domain.registration import Actor, Decided, Registration
from handlers import card, decisions, enquiries, event_change, peek, reasons, staff
from handlers.hold import give_back, held_by, hold, officer_at
from handlers.menu import PAGE
from handlers.notices import case_returned
from handlers.receipts import by_receipt, is_like_a_receipt
from handlers.sensitive import latest
from handlers.taps import data, numbers
from handlers.visit import Command, Press, Visit


def desk_text(visit: Visit) -> bool:
    """An officer's free text while a desk is open; False when it was not meant for the desk."""
    officer, words = officer_at(visit), visit.incoming.text
    desk = visit.tx.queue.desk(officer.id)
    if desk is None:
        return False
    if visit.tx.at - desk.at > visit.office.rules.lease * 1000:
        # What somebody writes an hour later is no note to a decision they forgot.
        return False
    return (
        reasons.text(visit, desk, words)
        or enquiries.desk_text(visit, desk, words)
        or staff.desk_text(visit, desk, words)
        or event_change.desk_text(visit, desk, words)
    )


def _look(visit: Visit, case: Registration) -> str:
    """Send photo and full NIK, protected, as one logged view; they go again when the hold ends.

    Where no message can be taken back they stand on a page of ours, and what is sent is the link to it.
    """
    tx, officer, office = visit.tx, officer_at(visit), visit.office
    if not office.limits_of(visit.person.address.channel).deletes:
        return peek.send_link(visit, case)
    photo = tx.registrations.photo(case.id) if case.has_photo else None
    letter = tx.registrations.photo(case.id, "evidence")
    main = Message(
        card.ktp_text(tx, case, office),
        card.decision_choices(case, office),
        photo=photo.name if photo else "",
        protected=True,
    )
    shown = [main]
    if letter is not None:
        text = office.say("The letter of {receipt}", receipt=case.receipt)
        shown.insert(0, Message(text, photo=letter.name, protected=True))
    for message in shown:
        outbox_id = visit.send(message)
        tx.sights.must_go(
            officer.id, visit.person.id, until=latest(visit), registration_id=case.id, outbox_id=outbox_id
        )
    tx.sights.record(case, officer.id, "ktp")
    return ""


def _approve(visit: Visit, case: Registration) -> str:
    if not visit.tx.sights.seen(case, officer_at(visit).id):
        if case.has_photo:
            return visit.say("Please look at the KTP first.")
        return visit.say("Please look at the NIK first.")
    if not case.has_photo:
        reasons.ask_why_no_photo(visit, case)
    else:
        decisions.press(visit, case, Decided.APPROVE)
    return ""


def _correct(visit: Visit, case: Registration) -> str:
    reasons.ask(visit, case, Decided.CORRECT)
    return ""


def _reject(visit: Visit, case: Registration) -> str:
    reasons.ask(visit, case, Decided.REJECT)
    return ""


def release(visit: Visit, case: Registration) -> str:
    """Give a case back to its old place in the queue."""
    officer = officer_at(visit)
    case = give_back(visit.tx, case, by=Actor.OFFICER, actor_id=officer.id, reason="given_back")
    case_returned(visit.tx, case, visit.office, without=officer.id)
    visit.reply(visit.say("{receipt} is back in the queue.", receipt=case.receipt))
    return ""


_STEPS: dict[str, Callable[[Visit, Registration], str]] = {
    "ktp": _look,
    "page": peek.send_link,
    "ok": _approve,
    "fix": _correct,
    "no": _reject,
    "back": release,
}


def _tap(visit: Visit, parts: list[str]) -> str:
    given = numbers(parts[1:], 2)
    if given is None or parts[0] not in (*_STEPS, "undo"):
        return visit.say("This choice is out of date.")
    registration_id, version = given
    if parts[0] == "undo":
        return decisions.undo(visit, registration_id, version)
    case = hold(visit, registration_id, version)
    return case if isinstance(case, str) else _STEPS[parts[0]](visit, case)


def _command(step: str) -> Callable[[Visit, str], None]:
    """A command with its receipt number; without one the only case this officer holds is meant."""

    def run(visit: Visit, words: str) -> None:
        own = [] if words.strip() else held_by(visit)
        named = own[0] if len(own) == 1 else by_receipt(visit, words)
        case = named if isinstance(named, str) else hold(visit, named.id)
        said = case if isinstance(case, str) else _STEPS[step](visit, case)
        if said and isinstance(case, Registration):
            # The card with its choices may be far above by now.
            visit.reply(said, card.choices(case, visit.office))
        elif said:
            visit.reply(said, [Choice(str(each.receipt), data("c", step, each.id, each.version)) for each in own[:7]])

    return run


COMMANDS: dict[str, Command] = {
    "setujui": Command(Role.OFFICER, _command("ok"), is_like_a_receipt),
    "perbaiki": Command(Role.OFFICER, _command("fix"), is_like_a_receipt),
    "tolak": Command(Role.OFFICER, _command("no"), is_like_a_receipt),
    PAGE: Command(Role.OFFICER, _command("page"), is_like_a_receipt),
}
TAPS: dict[str, Press] = {
    "c": Press(Role.OFFICER, _tap),
    "r": Press(Role.OFFICER, reasons.tap),
}
