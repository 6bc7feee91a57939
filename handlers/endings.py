"""What each form leads to when it is over: the receipt, a correction on its way, a change, an erasure, a question.

Not for: taking the answers (handlers/registration.py) or keeping them (handlers/filing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conversation import engine
from conversation.progress import Progress
from domain.registration import Actor, Status
from domain.topic import ALL_TOPICS, Topic
from handlers import attendance, chosen, consent, help, joining, privacy, queue
from handlers.filing import CHANGEABLE, drop_draft, index, own
from handlers.salutation import salutation
from handlers.status import waiting_words
from handlers.visit import Visit
from handlers.walk import begin


def _registered(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    if turn.event == "finished":
        _submit(visit, progress)
        return
    registration = own(visit, progress)
    if turn.event == "stop_notices":
        # The choices of this question are taken away already.
        consent.stop(visit, replace(progress, doubt=None, prompt=None))
        return
    if registration is None:
        return
    if turn.event == "too_young" and registration.status is not Status.DRAFT:
        visit.reply(
            visit.say(
                "Thank you, Bapak/Ibu. This registration is for people aged {age} and over. The birth date stays as it"
                " was. The office explains more: {contact}.",
                age=visit.office.rules.min_age,
                contact=visit.office.contact,
            )
        )
        return
    if progress.form == "change":
        visit.reply(visit.say("All right, nothing more is changed."))
        return
    if registration.status is not Status.DRAFT:
        chosen.withdraw(visit, registration)
        return
    drop_draft(visit, registration, reason=turn.event)
    texts = {
        "too_young": visit.say(
            "Thank you, Bapak/Ibu. This registration is for people aged {age} and over. We have erased the answers."
            " The office explains more: {contact}.",
            age=visit.office.rules.min_age,
            contact=visit.office.contact,
        ),
        "declined": visit.say(
            "All right, Bapak/Ibu. We have erased the answers. The office explains more: {contact}.",
            contact=visit.office.contact,
        ),
    }
    visit.reply(
        texts.get(
            turn.event,
            visit.say("All right. The registration is stopped and the answers are erased. To begin again: **DAFTAR**."),
        )
    )


def _submit(visit: Visit, progress: Progress) -> None:
    """BENAR: the draft becomes a registration with a number, in the queue."""
    tx, office = visit.tx, visit.office
    draft = own(visit, progress)
    if draft is None or draft.status is not Status.DRAFT:
        return
    draft = index(tx, visit, draft)
    ready = replace(
        draft,
        receipt=tx.registrations.new_receipt(office.letters),
        priority=1 if draft.has_photo else 2,
        submitted_at=tx.at,
        queued_at=tx.at,
    )
    ready = tx.registrations.save(draft, ready)
    submitted = tx.registrations.move(ready, Status.SUBMITTED, by=Actor.WORKER, actor_id=visit.person.id)
    visit.reply(
        visit.say(
            "✅ Thank you, {name}. We have received the data.\n\n**Registration number: {receipt}**\n\nKeep this"
            " number. An officer checks it, {wait}. You are **not yet protected** until word comes from us. It is free."
            " Give nobody money, a PIN or an OTP code.",
            name=salutation(tx.registrations.answers(draft.id), office, for_other=draft.for_other),
            receipt=submitted.receipt,
            wait=waiting_words(tx, office),
        ),
        registration_id=submitted.id,
    )
    queue.arrived(tx, submitted, office)
    if visit.person.notices is None:
        begin(visit, "notices")


def _corrected(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    """All flagged answers are in: back to the queue, first in line, under the same number."""
    if turn.event != "finished":
        _registered(visit, progress, turn)
        return
    tx = visit.tx
    registration = own(visit, progress)
    if registration is None or registration.status is not Status.NEEDS_CORRECTION:
        return
    fixed = index(tx, visit, registration)
    fixed = tx.registrations.save(fixed, replace(fixed, priority=0, queued_at=tx.at))
    submitted = tx.registrations.move(fixed, Status.SUBMITTED, by=Actor.WORKER, actor_id=visit.person.id)
    visit.reply(
        visit.say(
            "✅ Thank you. The correction has arrived for number **{receipt}**. An officer checks it first. You are"
            " **not yet protected**.",
            receipt=submitted.receipt,
        ),
        registration_id=submitted.id,
    )
    queue.arrived(tx, submitted, visit.office)


def _change_ended(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    if turn.event != "finished":
        _registered(visit, progress, turn)
        return
    registration = own(visit, progress)
    if registration is None:
        return
    if registration.status in CHANGEABLE and progress.carry == "photo":
        visit.reply(
            visit.say(
                "✅ Thank you. The photo of the KTP for number **{receipt}** has arrived. You are **not yet"
                " protected**.",
                receipt=registration.receipt,
            ),
            registration_id=registration.id,
        )
        if visit.person.notices is None:
            # The question after the receipt stood open when the photo came.
            begin(visit, "notices")
    elif registration.status in CHANGEABLE:
        visit.reply(
            visit.say(
                "The answer is changed. Number **{receipt}** keeps its place. To change more, reply **UBAH**.",
                receipt=registration.receipt,
            ),
            registration_id=registration.id,
        )
    else:
        visit.reply(visit.say("The registration was decided meanwhile. Reply **STATUS** to see how it stands."))


def _noticed(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    yes = turn.event == "finished"
    consent.set_notices(visit, ALL_TOPICS if yes else Topic(0))
    visit.reply(
        visit.say("Thank you. We will send invitations here. To stop: **STOP**.")
        if yes
        else visit.say(
            "All right, no invitations or announcements. News about your own registration still comes. If you change"
            " your mind, reply **MULAI**."
        )
    )


def _for_whom(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    if turn.event != "finished":
        visit.reply(visit.say("All right. To see your registration, reply **STATUS**."))
        return
    whom = turn.values.get("for_whom") or "self"
    lead = ""
    if whom == "other":
        lead = visit.say("Please read this out to the person. They must say yes themselves.")
    consent.start(visit, carry=whom, lead=lead)


def _withdrawn(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    tx = visit.tx
    registration = own(visit, progress)
    if turn.event != "finished" or registration is None:
        visit.reply(visit.say("All right, the registration stays as it is."))
        return
    queue.withdrawn(tx, registration, visit.office)
    current = tx.registrations.get(registration.id)
    assert current is not None
    tx.registrations.move(current, Status.CANCELLED, by=Actor.WORKER, actor_id=visit.person.id, reason="by_worker")
    tx.forgotten.extend(tx.registrations.clear(registration.id))
    tx.outbox.drop_registration(registration.id)
    visit.reply(
        visit.say(
            "Number **{receipt}** is cancelled and its answers are erased. To register again: **DAFTAR**.",
            receipt=registration.receipt,
        )
    )


def _erased(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    if turn.event != "finished":
        visit.reply(visit.say("All right, nothing is erased."))
        return
    if progress.registration_id is None:
        privacy.erase_all(visit)
    else:
        privacy.erase_one(visit, progress.registration_id)


def _asked(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    text = turn.values.get("enquiry")
    if turn.event != "finished" or not text:
        visit.reply(visit.say("All right, no question was sent."))
        return
    visit.reply(help.ask_office(visit, text))


def _noted(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    text = turn.values.get("note")
    if turn.event != "finished" or not text or progress.registration_id is None:
        visit.reply(visit.say("All right, no note was left."))
        return
    visit.tx.registrations.add_note(progress.registration_id, text, actor=Actor.WORKER, actor_id=visit.person.id)
    visit.reply(visit.say("The note is kept. An officer reads it before the data goes on."))


def _which(visit: Visit, progress: Progress, turn: engine.Turn) -> None:
    picked = turn.values.get("which")
    if progress.carry in attendance.ANSWERS:
        attendance.picked(visit, picked, progress.carry)
        return
    if turn.event != "finished" or not picked:
        texts = {
            "erase": visit.say("All right, nothing is erased."),
            "cancel": visit.say("All right, nothing is cancelled."),
        }
        visit.reply(texts.get(progress.carry, visit.say("All right, nothing is changed.")))
        return
    if picked == "all":
        chosen.ask_to_erase_all(visit)
        return
    registration = visit.tx.registrations.get(int(picked))
    if registration is None or registration.address_id != visit.person.id:
        return
    chosen.CHOSEN[progress.carry](visit, registration)


EVENTS: dict[str, Callable[[Visit, Progress, engine.Turn], None]] = {
    "consent": consent.answered,
    "registration": _registered,
    "correction": _corrected,
    "change": _change_ended,
    "notices": _noticed,
    "topics": consent.topic_kept,
    "for_whom": _for_whom,
    "withdraw": _withdrawn,
    "erase": _erased,
    "erase_one": _erased,
    "enquiry": _asked,
    "note": _noted,
    "which": _which,
    "join_receipt": joining.receipt_given,
    "join_birth": joining.birth_given,
    "join_how": joining.how_given,
}
