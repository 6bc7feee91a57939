"""The rights of a person over their data: see it, know who keeps it, erase it (UU 27/2022).

Not for: consent at the start (handlers/registration.py) or retention (handlers/due.py).
"""

from __future__ import annotations

from conversation.registration_form import REGISTRATION
from conversation.say import Say
from conversation.summary import lines, other_lines
from domain.errors import NotAllowed
from domain.registration import Actor, Registration, Status
from domain.topic import Topic
from handlers import queue
from handlers.event_text import ANSWERS, event_day
from handlers.status import status_label
from handlers.visit import Visit


def information(visit: Visit) -> str:
    """The answer to INFO: who keeps which data how long, and the rights (UU 27/2022 art. 21)."""
    office, rules = visit.office, visit.office.rules
    return visit.say(
        "Responsible for the data: {office}, {address}, {contact}.\n\nThe data is kept during the registration and"
        " {days} days after a rejection at most. Unfinished answers go after {draft} days. The photo goes when BPJS"
        " Ketenagakerjaan has accepted it.\n\nMessages go through the chat network, whose computers stand abroad."
        " You may see (**DATA SAYA**), correct (**UBAH**) and erase (**HAPUS**) the data, and take back the"
        " permission. We answer within 3 x 24 hours.",
        office=office.name,
        address=office.address,
        contact=office.contact,
        days=rules.rejected_days,
        draft=rules.draft_days,
    )


def stored(visit: Visit) -> str:
    """The answer to DATA SAYA: what is stored, the NIK and phone masked (UU 27/2022 art. 7)."""
    tx, say = visit.tx, visit.say
    files = tx.registrations.of_person(visit.person.id)
    if not files and not visit.person.known:
        return say("No data of yours is stored here.")
    parts = [say("This is stored about you:")]
    for registration in files:
        answers = tx.registrations.answers(registration.id)
        state = status_label(registration.status, say)
        head = say("Number {receipt}: {state}.", receipt=registration.receipt, state=state)
        if not registration.receipt:
            head = say("Registration: {state}.", state=state)
        shown = lines(answers, visit.office.places, say, masked_phone=True) if answers else []
        shown += other_lines(REGISTRATION, answers, say)
        notes = tx.registrations.notes(registration.id)
        kept = [say("Notes for the office: {n}", n=len(notes))] if notes else []
        parts.append("\n".join([head, *shown, *kept]))
    parts += _meetings(visit)
    parts.append(say("Invitations and announcements: {answer}", answer=_wanted(visit.person.notices, say)))
    parts.append(say("To change: **UBAH**. To erase: **HAPUS**."))
    return "\n\n".join(parts)


def _meetings(visit: Visit) -> list[str]:
    """What was answered to invitations, and where the person was."""
    lines = []
    for event, kept in visit.tx.events.of_person(visit.person.id):
        said = [visit.say(ANSWERS[kept.answer])] if kept.answer is not None else []
        said += [visit.say("was there")] if kept.present_at is not None else []
        lines.append(f"{event_day(event, visit.office)}, {event.place}: {', '.join(said)}")
    return ["\n".join([visit.say("Meetings:"), *lines])] if lines else []


def _wanted(notices: Topic | None, say: Say) -> str:
    if notices is None:
        return say("not asked")
    if notices == Topic.EVENTS:
        return say("invitations only")
    if notices == Topic.ANNOUNCEMENTS:
        return say("announcements only")
    return say("yes") if notices else say("no")


def erasable(visit: Visit) -> list[Registration]:
    """What HAPUS may reach: all of this chat that is not gone already."""
    return visit.tx.registrations.of_person(visit.person.id)


def erase_one(visit: Visit, registration_id: int) -> None:
    registration = visit.tx.registrations.get(registration_id, lock=True)
    if registration is None or registration.address_id != visit.person.id:
        return
    _erase(visit, [registration])


def erase_all(visit: Visit) -> None:
    _erase(visit, erasable(visit))


def _erase(visit: Visit, files: list[Registration]) -> None:
    tx, person = visit.tx, visit.person
    numbers, refused = [], []
    for registration in files:
        if registration.status is Status.ERASED:
            continue
        queue.withdrawn(tx, registration, visit.office)
        current = tx.registrations.get(registration.id, lock=True)
        assert current is not None
        try:
            number, names = tx.registrations.erase(current, by=Actor.WORKER, actor_id=person.id, reason="by_worker")
        except NotAllowed:
            refused.append(registration.receipt or "-")
            continue
        numbers.append(number)
        tx.forgotten.extend(names)
        tx.outbox.drop_registration(registration.id)
    if refused:
        visit.reply(
            visit.say(
                "Number {receipts} is with BPJS Ketenagakerjaan. An officer must confirm this: {contact}.",
                receipts=", ".join(refused),
                contact=visit.office.contact,
            )
        )
    left = [r for r in tx.registrations.of_person(person.id) if r.status is not Status.ERASED]
    if not left:
        tx.enquiries.drop(person.id)
        tx.events.forget(person.id)
        tx.registrations.drop_consents(person.id)
        tx.inbox.drop_failed(person.id)
        if visit.officer is None:
            tx.outbox.drop(person.id)
            tx.people.forget(person.id)
    if numbers and left:
        visit.reply(
            visit.say(
                "The data of this registration was erased on {day}. Proof number: {numbers}. The others stay.",
                day=visit.say.date(visit.office.today(tx.now)),
                numbers=", ".join(numbers),
            )
        )
    elif numbers or not refused:
        visit.reply(
            visit.say(
                "The data was erased on {day}. Proof number: {numbers}. Thank you, Bapak/Ibu.",
                day=visit.say.date(visit.office.today(tx.now)),
                numbers=", ".join(numbers) or "-",
            )
        )
