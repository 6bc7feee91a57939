"""What the worker hears when their case is decided, and the correction that is asked of them.

Not for: deciding (handlers/verification.py); this runs inside the transaction that settles a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversation.late import late, late_message
from conversation.messages import Message
from conversation.say import N_
from domain.person import Person
from domain.registration import CORRECTIONS, Decided, Registration, Status
from handlers.office import Office
from handlers.salutation import salutation
from handlers.walk import KEPT, begin_for, repeat_for
from storage.store import Tx

CORRECTION_TEXTS: dict[str, str] = {
    "photo_blurred": N_("The photo of the KTP is not sharp. Please take it again in a bright place."),
    "photo_incomplete": N_("The photo of the KTP is cut off. All four edges must be visible."),
    "photo_wrong": N_("The photo does not show the right KTP. Please send a photo of your own KTP."),
    "name_mismatch": N_("The name is not yet the same as on the KTP. Please write it as on the KTP."),
    "nik_mismatch": N_("The number is not yet the same as on the KTP. Please type it again."),
    "nik_not_found": N_("Dukcapil does not find the number yet."),
    "birthdate_mismatch": N_("The birth date is not yet the same as on the KTP. Please write it again."),
    "address_unclear": N_("The address is not clear yet. Please write it again."),
    "occupation_unclear": N_("The work is not clear yet. Please write it again."),
    "phone_unreachable": N_("We could not reach the phone number. Please write one that is switched on."),
    "evidence_missing": N_("A letter is still missing. Please send a photo of the letter."),
    "photo_missing": N_("The photo of the KTP is still missing. Please send it."),
}
REJECTION_TEXTS: dict[str, str] = {
    "out_of_area": N_("the address is outside {city}"),
    "already_participant": N_("you are an active participant already"),
    "age_over_limit": N_("the age is {limit} years or more"),
    "age_under_limit": N_("the age is under {least} years"),
    "civil_servant": N_("civil servants, army and police have a scheme of their own"),
    "formal_employee": N_("you are registered through your work place already"),
    "not_working": N_("this programme is for people who work"),
    "deceased": N_("the person has died; we are sorry"),
    "duplicate": N_("there is another registration with the same data"),
    "no_consent": N_("the person did not agree"),
    "false_data": N_("the data does not agree with the papers"),
    "quota_rule": N_("the rules for the places do not allow it now"),
}


def correction_words(reason: str, office: Office) -> str:
    return office.say(CORRECTION_TEXTS[reason])


def rejection_words(reason: str, office: Office) -> str:
    return office.say(
        REJECTION_TEXTS[reason],
        city=office.places.area.name,
        limit=office.rules.max_age_exclusive,
        least=office.rules.min_age,
    )


def told(
    tx: Tx,
    registration: Registration,
    decided: Decided,
    reasons: Sequence[str],
    note: str | None,
    office: Office,
) -> None:
    """Write the worker's message. `registration` is already in its new state; a correction opens its form.

    The officer's note is shown to the worker for a correction or a rejection.
    """
    person = tx.people.get(registration.address_id)
    if person is None:
        return
    say = office.say
    name = salutation(tx.registrations.answers(registration.id), office, for_other=registration.for_other)
    if decided is Decided.CORRECT:
        ask_again(tx, person, registration, office, reasons=reasons, note=note)
        return
    about = {"name": name, "receipt": str(registration.receipt)}
    if decided is Decided.APPROVE:
        message = late_message("decision_approved", say, **about)
    else:
        about |= {
            "reason": "; ".join(rejection_words(reason, office) for reason in reasons),
            "office": office.address,
        }
        if note:
            message = late_message("decision_rejected_noted", say, note=note, **about)
        else:
            message = late_message("decision_rejected", say, **about)
    tx.outbox.put(person, message, registration_id=registration.id)
    repeat_question(tx, person, office)


def _with_note(text: str, note: str | None, office: Office) -> str:
    return f"{text}\n\n" + office.say("The officer writes: {note}", note=note) if note else text


def ask_again(
    tx: Tx,
    person: Person,
    registration: Registration,
    office: Office,
    *,
    reasons: Sequence[str] | None = None,
    note: str | None = None,
) -> None:
    """Ask only the flagged answers again, under a new version.

    Without `reasons` an interrupted correction goes on: the reasons are read from the last move. While another
    form of this phone is open the correction waits; it comes when that one is over, or with UBAH.
    """
    fresh = reasons is not None
    if reasons is None:
        changes = tx.registrations.changes(registration.id)
        last = next((c["reason"] for c in reversed(changes) if c["to_status"] == Status.NEEDS_CORRECTION), "")
        reasons = [reason for reason in last.split(",") if reason in CORRECTIONS]
    done = frozenset() if fresh else _corrected(tx, registration)
    known = [reason for reason in reasons if reason in CORRECTIONS and not done.issuperset(CORRECTIONS[reason])]
    flagged = tuple(dict.fromkeys(key for reason in reasons for key in CORRECTIONS.get(reason, ())))
    detour = tuple(key for key in flagged if key not in done)
    say = office.say
    name = salutation(tx.registrations.answers(registration.id), office, for_other=registration.for_other)
    lead = say(
        "{name}, something needs a correction for number **{receipt}**.", name=name, receipt=registration.receipt
    )
    wrong = [correction_words(reason, office) for reason in known]
    lead = _with_note("\n".join([lead, *wrong]), note, office)
    knock = late("correction_needed", name=name, receipt=str(registration.receipt), reasons=" ".join(wrong))
    progress = tx.people.progress(person.id)
    if fresh:
        registration = tx.registrations.save(registration, replace(registration, version=registration.version + 1))
    if progress is not None and progress.form in ("registration", "correction"):
        if progress.registration_id == registration.id:
            tx.people.end_progress(person.id)
        else:
            waits = say("When this form is finished, reply **UBAH** to correct it.")
            tx.outbox.put(person, Message(f"{lead}\n\n{waits}", late=knock), registration_id=registration.id)
            repeat_question(tx, person, office)
            return
    begin_for(
        tx,
        person,
        office,
        "correction",
        registration_id=registration.id,
        detour=detour or flagged,
        lead=lead,
        carry=",".join(flagged),
        late=knock,
    )


def _corrected(tx: Tx, registration: Registration) -> frozenset[str]:
    """What was answered again already, before the correction was interrupted."""
    new = {
        each.question: each.value
        for each in tx.registrations.answer_versions(registration.id)
        if each.version == registration.version
    }
    # A birth date that was only read from the NIK is not the person's own answer.
    read = {"birth_date"} if new.get("birth_from") == "nik" else set()
    return frozenset(new.keys() - read)


def objection_answered(tx: Tx, registration: Registration, *, granted: bool, office: Office) -> None:
    """An admin has decided about an objection; a granted one is back in the queue already."""
    person = tx.people.get(registration.address_id)
    if person is None:
        return
    receipt = str(registration.receipt)
    message = (
        late_message("objection_granted", office.say, receipt=receipt)
        if granted
        else late_message("objection_refused", office.say, receipt=receipt, contact=office.contact)
    )
    tx.outbox.put(person, message, registration_id=registration.id)


def repeat_question(tx: Tx, person: Person, office: Office) -> None:
    """Repeat the worker's open question after something else was said, if a form is open.

    Nobody is called for it alone: where free text comes too late, it stands there when they write.
    """
    progress = tx.people.progress(person.id)
    if progress is not None and progress.form in KEPT:
        repeat_for(tx, person, office, progress, late=None)
