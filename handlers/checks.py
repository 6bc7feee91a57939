"""What the checks found about a case: each with a sign and a sentence. A warning is for the officer to weigh.

Not for: deciding anything; no finding refuses a case. Sources: domain guide sections 2, 3 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from conversation.say import N_, Say
from domain.dates import age_code, age_on
from domain.name import compare_names
from domain.nik import Nik, region_note
from domain.registration import Registration
from handlers.office import Office
from handlers.status import status_label
from storage.store import Tx

GOOD, LOOK, NOTE = "✅", "⚠️", "ℹ️"

# Names of this many people with the same birth date are compared; more are only counted.
COMPARED = 200

_FLAWS = {
    "small": N_("The photo is small."),
    "dark": N_("The photo is dark."),
    "blurred": N_("The photo is blurred."),
}

Finding = tuple[str, str]
"""A sign and a sentence."""


def findings(tx: Tx, case: Registration, answers: Mapping[str, str], office: Office) -> list[Finding]:
    """Everything worth knowing before the decision, the NIK first."""
    return [
        *_nik(tx, case, answers, office),
        *_age(tx, answers, office),
        *_place(case, office),
        *_others(tx, case, answers, office.say),
        *_photo(tx, case, office.say),
        *_contact(tx, case, office.say),
    ]


def _nik(tx: Tx, case: Registration, answers: Mapping[str, str], office: Office) -> Iterator[Finding]:
    say = office.say
    if not answers.get("nik"):
        yield LOOK, say("There is no NIK.")
        return
    nik = Nik(answers["nik"])
    born, gender = answers.get("birth_date"), answers.get("gender")
    if nik.unusual:
        yield LOOK, say("The NIK is unusual: no such number is issued. The worker says that it stands on the KTP.")
        return
    if nik.doubt(office.today(tx.now)) is not None:
        yield LOOK, say("The NIK may be the number of a family card (KK).")
    date_fits = born is None or nik.agrees_with(date.fromisoformat(born))
    gender_fits = gender is None or nik.gender == gender
    if not date_fits:
        yield LOOK, say("The birth date differs from the NIK.")
    if not gender_fits:
        yield LOOK, say("The gender differs from the NIK.")
    note = region_note(nik, area=office.places.area.code, known=office.places.knows, village=case.area)
    if note == "nik_region_unknown":
        yield LOOK, say("The region in the NIK is not known.")
    elif note == "nik_region_differs":
        yield NOTE, say("The NIK was issued in another regency. People do move.")
    elif date_fits and gender_fits:
        yield GOOD, say("The NIK fits birth date, gender and region.")


def _age(tx: Tx, answers: Mapping[str, str], office: Office) -> Iterator[Finding]:
    say, rules = office.say, office.rules
    if not answers.get("birth_date"):
        yield LOOK, say("There is no birth date.")
        return
    age = age_on(date.fromisoformat(answers["birth_date"]), office.today(tx.now))
    code = age_code(age, min_age=rules.min_age, max_age_exclusive=rules.max_age_exclusive)
    if code == "age_over_limit":
        yield LOOK, say("Age {age}: the limit is {limit}.", age=age, limit=rules.max_age_exclusive)
    elif code == "age_under_limit":
        yield LOOK, say("Age {age}: the minimum is {limit}.", age=age, limit=rules.min_age)
    else:
        yield GOOD, say("The age fits.")


def _place(case: Registration, office: Office) -> Iterator[Finding]:
    if case.out_of_area:
        yield LOOK, office.say("Lives outside {area}.", area=office.places.area.name)


def _others(tx: Tx, case: Registration, answers: Mapping[str, str], say: Say) -> Iterator[Finding]:
    same = [other for other in tx.registrations.holding(answers.get("nik", "")) if other.id != case.id]
    for other in same:
        yield (
            LOOK,
            say(
                "The same NIK stands in {receipt} ({status}).",
                receipt=other.receipt or "-",
                status=status_label(other.status, say),
            ),
        )
    alike = tx.search.same_birth(case.id, regency=(case.area or "")[:5], limit=COMPARED + 1)
    if len(alike) > COMPARED:
        yield LOOK, say("More than {n} people have this birth date; not all names were compared.", n=COMPARED)
    known, name = {other.id for other in same}, answers.get("name", "")
    for near in alike[:COMPARED]:
        if near.id not in known and compare_names(name, near.name) != "different":
            yield (
                LOOK,
                say(
                    "Nearly the same name and birth date: {receipt} ({status}).",
                    receipt=near.receipt or "-",
                    status=status_label(near.status, say),
                ),
            )
    phones = tx.search.same_phone(case.id)
    if phones:
        yield NOTE, say("The same phone is used in {n} other registrations.", n=say.number(phones))


def _photo(tx: Tx, case: Registration, say: Say) -> Iterator[Finding]:
    photo = tx.registrations.photo(case.id) if case.has_photo else None
    if photo is None:
        yield LOOK, say("There is no photo of the KTP.")
        return
    for flaw in photo.flaws:
        if flaw in _FLAWS:
            yield LOOK, say(_FLAWS[flaw])
    if not photo.flaws:
        yield GOOD, say("There is a photo of the KTP.")
    if tx.registrations.photo(case.id, "evidence") is not None:
        yield NOTE, say("There is a photo of a letter.")


def _contact(tx: Tx, case: Registration, say: Say) -> Iterator[Finding]:
    if case.for_other:
        yield NOTE, say("Somebody else has filled this in for them.")
    held = tx.outbox.held_of(case.id)
    if held:
        yield LOOK, say("{n} messages to the worker cannot be delivered now.", n=say.number(held))
    if tx.registrations.objection(case.id) is not None:
        yield NOTE, say("The worker has objected to an earlier decision.")
