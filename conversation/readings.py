"""How each answer of the registration is read: from a text or a picture to values, doubts or an end.

Not for: the words of the questions (registration_form.py) or of refusals (refusals.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date

from conversation.messages import Photo
from conversation.progress import Doubt
from conversation.questions import Accept, Again, End, Reading, Unsure, Values, View
from conversation.words import clean, is_listed, meanings, normal
from domain.dates import age_code, age_on, parse_birth_date
from domain.errors import Invalid
from domain.name import parse_name
from domain.nik import IMPOSSIBLE, Nik
from domain.occupation import COMMON, OTHER, find_occupation
from domain.phone import Phone
from domain.region import Village, labels

LONGEST = 200
OUTSIDE = "outside"
NONE = "none"
UNKNOWN_VILLAGE = Unsure(Doubt("village_unknown", "", (("again", ""), (OUTSIDE, ""))))


def doubt_with(kind: str, values: Values, options: tuple[tuple[str, str], ...] = ()) -> Unsure:
    """A doubt that carries the values to be taken when the person says yes."""
    return Unsure(Doubt(kind, json.dumps(values), options))


def nik(text: str, view: View) -> Reading:
    """The NIK, with birth date and gender where the number tells them (domain.md 2.1, 2.2)."""
    if not any(sign.isdigit() for sign in text):
        raise Invalid("nik_missing")
    try:
        number = Nik.parse(text, as_of=view.today)
    except Invalid as invalid:
        if invalid.code in IMPOSSIBLE:
            facts = {"code": invalid.code, **invalid.facts}
            return Unsure(Doubt("nik_unusual", json.dumps({"digits": Nik.take_unusual(text).digits, **facts})))
        raise
    return nik_taken(number, view)


def nik_taken(number: Nik, view: View) -> Reading:
    """What follows from a NIK: a stated birth date stays, otherwise the number's own is noted."""
    born = number.birth(view.today)
    if born is None or number.doubt(view.today):
        values: Values = {"nik": number.digits}
        return Accept(values)
    if view.answers.get("birth_from") == "stated":
        return Accept({"nik": number.digits})
    values = {"nik": number.digits, "birth_date": born.isoformat(), "birth_from": "nik"}
    if view.answers.get("gender_from") != "stated":
        values = {**values, "gender": number.gender}
    return _with_age(values, born, view, noted=("birth_date", "gender"))


def birth_date(text: str, view: View) -> Reading:
    """A stated birth date; one that differs from the NIK is asked back once (domain.md 2.4)."""
    found = parse_birth_date(clean(text), as_of=view.today)
    values: Values = {"birth_date": found.date.isoformat(), "birth_from": "stated"}
    if found.place and not view.answers.get("birth_place"):
        values = {**values, "birth_place": found.place[:LONGEST]}
    in_nik = Nik(view.answers["nik"]).birth(view.today) if view.answers.get("nik") else None
    if in_nik is not None and in_nik != found.date:
        options = (
            (found.date.isoformat(), view.say.date(found.date)),
            (in_nik.isoformat(), view.say.date(in_nik)),
        )
        return doubt_with("birth_mismatch", values, options)
    return _with_age(values, found.date, view)


def birth_settled(day: str, values: Values, view: View) -> Reading:
    """The date the person chose of the two."""
    return _with_age({**values, "birth_date": day}, date.fromisoformat(day), view)


def _with_age(values: Values, born: date, view: View, *, noted: tuple[str, ...] = ()) -> Reading:
    """Ages by domain.md 3.1 and 3.3: under the minimum the form ends; at the maximum the person is told first."""
    code = age_code(
        age_on(born, view.today), min_age=view.rules.min_age, max_age_exclusive=view.rules.max_age_exclusive
    )
    if code == "age_under_limit" and "name" in view.answers:
        # So far on, a slip of one digit must not cost everything: asked back once.
        return doubt_with("under_age", {"birth_date": born.isoformat()})
    if code == "age_under_limit":
        return End("too_young")
    if code == "age_over_limit" and view.answers.get("age_told") != "yes":
        return doubt_with("over_age", {**values, "age_told": "yes"})
    return Accept(values, noted)


def gender(text: str, view: View) -> Reading:
    word = normal(text)
    if word in {"l", "laki-laki", "laki laki", "laki", "pria", "lelaki", "cowok", "lk"}:
        return Accept({"gender": "L", "gender_from": "stated"})
    if word in {"p", "perempuan", "wanita", "cewek", "pr", "parampuang", "parampuan"}:
        return Accept({"gender": "P", "gender_from": "stated"})
    raise Invalid("gender_not_understood")


def name(text: str, view: View) -> Reading:
    """A name as on the KTP; one letter or a name dug out of a phrase is asked back."""
    found = parse_name(clean(text).replace("\n", " ")[:LONGEST])
    values: Values = {"name": found.text}
    if {"name_very_short", "phrase_stripped", "name_long"} & set(found.notes):
        return doubt_with("confirm", values)
    return Accept(values)


def in_words(key: str) -> Callable[[str, View], Reading]:
    """A reader for an answer in free words under `key`."""

    def read(text: str, view: View) -> Reading:
        return Accept({key: _kept(text)})

    return read


_BORN_IN = re.compile(r"(?:(?:saya|beta|ana|kita)\s+)?(?:(?:lahir\s+)?di|lahir)\s+(?=\S)", re.IGNORECASE)


def place(key: str, *, born: bool = False) -> Callable[[str, View], Reading]:
    """A reader for the name of a place, which has letters; `born`: without the words around it."""

    def read(text: str, view: View) -> Reading:
        kept = _kept(text)
        if not re.search(r"[^\W\d_]{2}", kept):
            raise Invalid("place_not_understood")
        if born and (around := _BORN_IN.match(kept)):
            kept = kept[around.end() :]
        return Accept({key: kept})

    return read


def _kept(text: str) -> str:
    kept = clean(text).replace("\n", ", ")
    if not re.search(r"\w", kept):
        raise Invalid("nothing_written")
    if len(kept) > LONGEST:
        raise Invalid("too_long", most=LONGEST, came=len(kept))
    return kept


_RT_RW = re.compile(r"\brt\W{0,3}(\d{1,3})\b(?:\W{0,5}rw\W{0,3}(\d{1,3})\b)?", re.IGNORECASE)


def street(text: str, view: View) -> Reading:
    """RT/RW and street in free words; "tidak ada" is valid, RT and RW are kept beside it when they stand there."""
    if "skip" in meanings(text) or "no" in meanings(text):
        return Accept({"street": "", "rt": None, "rw": None})
    kept = _kept(text)
    found = _RT_RW.search(text)
    rt, rw = (found.group(1), found.group(2)) if found else (None, None)
    return Accept({"street": kept, "rt": rt and rt.zfill(3), "rw": rw and rw.zfill(3)})


def village(text: str, view: View) -> Reading:
    """A village of the area served; only a doubtful match is a question of its own."""
    match = view.places.find(clean(text))
    if match.kind == "exact":
        return Accept({"village": match.villages[0].code, "outside_village": None}, noted=("village",))
    if match.kind == "none":
        return UNKNOWN_VILLAGE
    return choose_village(match.villages, view, at=0)


def choose_village(villages: tuple[Village, ...], view: View, *, at: int) -> Unsure:
    """Offer villages five at a time; `at` is where this page begins."""
    page = villages[at : at + 5]
    options = [(v.code, label) for v, label in zip(page, labels(page), strict=True)]
    if at + 5 < len(villages):
        options.append(("more", view.say("Other villages")))
    else:
        options.append(("again", view.say("None of these")))
    options.append((OUTSIDE, view.say("Outside {city}", city=view.city)))
    codes = [v.code for v in villages]
    return Unsure(Doubt("village", json.dumps({"codes": codes, "at": at}), tuple(options)))


def village_outside() -> Reading:
    """Who lives elsewhere is told the rule and may send it all the same (domain.md 3.5)."""
    return doubt_with("out_of_area", {"village": OUTSIDE})


def occupation(text: str, view: View) -> Reading:
    """A code of the list, or LNY with the person's own words for the officer to map."""
    if normal(text) in {"lainnya", "lain", OTHER.lower()}:
        return Unsure(Doubt("occupation_other"))
    found = find_occupation(clean(text))
    if len(found) == 1:
        return Accept({"occupation": found[0].code, "occupation_words": None})
    own: Values = {"occupation": OTHER, "occupation_words": clean(text).replace("\n", " ")[:LONGEST]}
    if found:
        options = [(each.code, view.say(each.name_id)) for each in found[:5]]
        return doubt_with("occupation", own, (*options, ("own", view.say("None of these"))))
    if not re.search(r"[^\W\d_]{2}", text):
        raise Invalid("occupation_not_understood")
    return Accept(own)


def occupation_in_words(text: str, view: View) -> Reading:
    """What is written after "Lainnya": mapped where the list knows it, kept as it is otherwise."""
    found = find_occupation(clean(text))
    if len(found) == 1:
        return Accept({"occupation": found[0].code, "occupation_words": None})
    if not re.search(r"[^\W\d_]{2}", text):
        raise Invalid("occupation_not_understood")
    return Accept({"occupation": OTHER, "occupation_words": clean(text).replace("\n", " ")[:LONGEST]})


def common_occupations(view: View) -> tuple[tuple[str, str], ...]:
    return (
        *((each.code, view.say(each.name_id)) for each in COMMON),
        (OTHER, view.say("Other (just write it)")),
    )


_NO_PHONE = re.compile(
    r"\b(?:tidak|tdk|gak|ga|nggak|seng|sing|tara|tra|trada|tarada|belum|balong|ndak|ndada)\b.*\b(?:hp|handphone|telepon|nomor)\b"
)


def phone(text: str, view: View) -> Reading:
    """A mobile number, or none at all, which is a valid answer (domain.md 6)."""
    if {"skip", "no"} & meanings(text) or _NO_PHONE.search(normal(text)):
        return Accept({"phone": NONE})
    return Accept({"phone": Phone.parse(clean(text)).number})


def photo_later(text: str, view: View) -> Reading:
    """The photo may come later; anything else written here is no picture."""
    if {"skip", "later", "no"} & meanings(text):
        return Accept({"photo": ""})
    raise Invalid("photo_expected")


def photo(picture: Photo, view: View, tries: int) -> Reading:
    """A picture of the KTP; a poor one is asked for again once, then the person may insist."""
    return _picture("photo", picture, tries)


def evidence_photo(picture: Photo, view: View, tries: int) -> Reading:
    return _picture("evidence", picture, tries)


def evidence_later(text: str, view: View) -> Reading:
    raise Invalid("photo_expected")


def _picture(key: str, picture: Photo, tries: int) -> Reading:
    if picture.unreadable:
        raise Invalid("photo_unreadable")
    if picture.flaws and tries == 0:
        raise Invalid(f"photo_{picture.flaws[0]}")
    if picture.flaws:
        return doubt_with("photo_flaws", {key: picture.name})
    return Accept({key: picture.name})


def heir(text: str, view: View) -> Reading:
    """Name and relation of somebody to be told; contact information, not a legal designation (domain.md 5)."""
    if {"skip", "no"} & meanings(text):
        return Accept({"heir": ""})
    kept = _kept(text)
    if not re.search(r"[^\W\d_]{2}", kept):
        raise Invalid("heir_without_name")
    return doubt_with("confirm", {"heir": kept}) if is_listed(text) else Accept({"heir": kept})


def went_there(text: str, view: View) -> Reading:
    """The worker comes back from the civil registry."""
    if {"done", "yes"} & meanings(text):
        return Accept({"civil_registry": view.today.isoformat()})
    if {"no", "later"} & meanings(text):
        return Again()
    raise Invalid("not_understood")
