"""The case card: who it is, what the checks found, and what the officer can choose. No NIK, no photo.

Not for: showing the KTP (handlers/verification.py), which is logged and taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conversation.late import late
from conversation.messages import Choice, Message
from conversation.registration_form import REGISTRATION
from conversation.say import N_
from conversation.summary import gender_word, occupation_words, other_lines, phone_words, village_words
from domain.dates import age_on
from domain.nik import Nik
from domain.officer import Officer
from domain.registration import Actor, Registration
from handlers.checks import findings
from handlers.hold import moment
from handlers.labels import length
from handlers.office import Office
from handlers.taps import data
from storage.store import Tx

# The newest notes; older ones stand in the history.
_NOTES = 3

# A picture's text may be no longer anywhere (Limits.photo_text).
_CAPTION = 900


def show(tx: Tx, officer: Officer, case: Registration, office: Office, *, above: str = "") -> None:
    """Send the card of a case to the officer who holds it; one view."""
    person = tx.people.get(officer.address_id)
    if person is None:
        return
    text = card_text(tx, case, office)
    text = f"{above}\n\n{text}" if above else text
    prompt = tx.outbox.put(person, Message(text, choices(case, office), late=late("office_news")))
    tx.sights.record(case, officer.id, "card", prompt=prompt)


def choices(case: Registration, office: Office) -> tuple[Choice, ...]:
    """What the holder of a case may do with this version of it."""
    say = office.say
    look = say("Look at KTP") if case.has_photo else say("Look at NIK")
    labels = (("ktp", look), *_decisions(office), ("back", say("Give back")))
    return tuple(Choice(label, data("c", word, case.id, case.version)) for word, label in labels)


def decision_choices(case: Registration, office: Office) -> tuple[Choice, ...]:
    """The three decisions, to stand under the KTP."""
    return tuple(Choice(label, data("c", word, case.id, case.version)) for word, label in _decisions(office))


def card_text(tx: Tx, case: Registration, office: Office) -> str:
    """The card in words, one fact a line."""
    say, answers = office.say, tx.registrations.answers(case.id)
    who = [
        say("Name: {value}", value=answers.get("name") or "-"),
        say("Age: {value}", value=_age(tx, answers, office)),
        say("Lives in: {value}", value=village_words(answers, office.places)),
        say("Work: {value}", value=occupation_words(answers, say)),
        *other_lines(REGISTRATION, answers, say),
    ]
    found = [f"{sign} {sentence}" for sign, sentence in findings(tx, case, answers, office)]
    noted = [
        say("Note of {who} on {time}: {note}", who=_actor(actor, office), time=say.time(moment(at)), note=note)
        for actor, note, at in tx.registrations.notes(case.id)[-_NOTES:]
    ]
    since = case.submitted_at or case.status_at
    head = say("Case **{receipt}**, sent in {age} ago", receipt=case.receipt, age=length((tx.at - since) / 1000, say))
    return "\n\n".join("\n".join(part) for part in ([head], who, found, noted) if part)


def ktp_text(tx: Tx, case: Registration, office: Office) -> str:
    """What is compared with the photo, as a message that is taken back."""
    say = office.say
    lines = [say("Case **{receipt}**", receipt=case.receipt)]
    lines += [say(text, value=value) for text, value in ktp_facts(tx, case, office)]
    text = "\n".join(lines)
    return text if len(text) <= _CAPTION else text[:_CAPTION] + "…"


def ktp_facts(tx: Tx, case: Registration, office: Office) -> list[tuple[str, str]]:
    """The full NIK and what stands on a KTP: each a text with a {value}, and that value."""
    say, answers = office.say, tx.registrations.answers(case.id)
    born = answers.get("birth_date")
    birth = ", ".join(part for part in (answers.get("birth_place"), _day(born, office) if born else None) if part)
    address = ", ".join(part for part in (answers.get("street"), village_words(answers, office.places)) if part)
    return [
        (N_("NIK: {value}"), answers.get("nik") or "-"),
        (N_("Name: {value}"), answers.get("name") or "-"),
        (N_("Born: {value}"), birth or "-"),
        (N_("Gender: {value}"), gender_word(answers.get("gender", ""), say)),
        (N_("Address: {value}"), address or "-"),
        (N_("Phone: {value}"), phone_words(answers.get("phone", ""), say)),
    ]


def masked(question: str, value: str) -> str:
    """An answer as history may show it: the NIK by its last two digits."""
    if question == "nik":
        return Nik(value).masked if len(value) == 16 and value.isdigit() else "****"
    return value


def _decisions(office: Office) -> tuple[tuple[str, str], ...]:
    say = office.say
    return (("ok", say("Approve")), ("fix", say("Ask to correct")), ("no", say("Reject")))


def _age(tx: Tx, answers: Mapping[str, str], office: Office) -> str:
    say, born = office.say, answers.get("birth_date")
    gender = gender_word(answers.get("gender", ""), say)
    if not born:
        return gender
    age = age_on(date.fromisoformat(born), office.today(tx.now))
    return say("{age} years, {gender}", age=age, gender=gender)


def _day(iso: str, office: Office) -> str:
    return office.say.date(date.fromisoformat(iso))


def _actor(actor: str, office: Office) -> str:
    return office.say("an officer") if actor in (Actor.OFFICER, Actor.ADMIN) else office.say("the worker")
