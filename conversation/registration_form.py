"""The registration, as one ordered list to be read from top to bottom. Most changes touch this file alone.

Not for: how an answer is read (readings.py), when a person may skip, go back or stop (engine.py), or the small
forms around it (forms.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from conversation import readings
from conversation.questions import Accept, Form, Prompt, Putter, Question, Reading, Takes, View, never
from conversation.say import N_
from conversation.summary import summary_text
from conversation.words import meanings
from domain.errors import Invalid


def _name(view: View) -> Prompt:
    return Prompt(
        view.say("What is your **full name**? Write it as on the KTP. One word is fine.\nExample: SARNI TUHUMURY")
    )


def _village(view: View) -> Prompt:
    example = view.places.villages[0].name if view.places.villages else "Latuhalat"
    if view.places.village("81.71.01.2001"):
        example = "Latuhalat"
    return Prompt(
        view.say(
            "In which **village, negeri or kelurahan** do you live? Type its name.\nExample: {example}",
            example=example,
        )
    )


def _occupation(view: View) -> Prompt:
    return Prompt(
        view.say("What is your **main work**? Reply with the number, or just write it.\nExample: 1"),
        readings.common_occupations(view),
        listed=True,
    )


def _phone(view: View) -> Prompt:
    return Prompt(
        view.say("What is your **mobile number**? A family member's is fine too.\nExample: 0812-3450-0001"),
        (("tidak ada", view.say("No phone")),),
        asks_phone=view.say("Send my number"),
    )


def _summary(view: View) -> Prompt:
    return Prompt(summary_text(view, REGISTRATION), (("yes", view.say("Correct")), ("ubah", view.say("Change"))))


def _summary_answer(text: str, view: View) -> Reading:
    found = meanings(text)
    if {"yes", "done"} & found:
        return Accept({"summary": "yes"})
    if {"no", "wrong", "change"} & found:
        return Accept(detour=("change",))
    raise Invalid("summary_expected")


def _nik_is_unreadable(answers: Mapping[str, str]) -> bool:
    """Birth date and gender are asked only where the NIK did not tell them."""
    return "nik" in answers


def _nik_told(answers: Mapping[str, str]) -> bool:
    return answers.get("birth_from") == "nik"


def _lives_outside(answers: Mapping[str, str]) -> bool:
    return answers.get("village") == readings.OUTSIDE


# The groups of the UBAH menu: at most seven lines fit one small screen.
CHANGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("nik", N_("KTP number (NIK)"), ("nik",)),
    ("name", N_("Name"), ("name",)),
    ("birth", N_("Birth: place, date, gender"), ("birth_place", "birth_date", "gender")),
    ("address", N_("Address"), ("village", "street")),
    ("work", N_("Work"), ("occupation", "workplace")),
    ("contact", N_("Phone and family"), ("phone", "heir")),
    ("photo", N_("Photo of the KTP"), ("photo",)),
)


def _change(view: View) -> Prompt:
    return Prompt(
        view.say("What should be changed? Reply with the number. Nothing after all? Reply KEMBALI.\nExample: 2"),
        tuple((key, view.say(label)) for key, label, _ in CHANGES),
        listed=True,
    )


def _change_answer(text: str, view: View) -> Reading:
    """A group of the menu, or the question itself by its own name."""
    groups = {key: questions for key, _, questions in CHANGES}
    questions = groups.get(text, ())
    if not questions:
        word = text.strip().lower()
        labels = {view.say(q.label).lower(): q.key for q in REGISTRATION.questions if q.label and q.when(view.answers)}
        found = [key for label, key in labels.items() if len(word) > 1 and word in label]
        questions = tuple(found[:7])
    if len(questions) == 1:
        return Accept(detour=questions)
    if not questions:
        raise Invalid("choice_expected")
    options = tuple((key, view.say(REGISTRATION[key].label)) for key in questions)
    return readings.doubt_with("choose_question", {}, options)


REGISTRATION = Form(
    "registration",
    (
        Question(
            "nik",
            N_("KTP number (NIK)"),
            Putter(
                N_(
                    "Please type the **KTP number (NIK)**. It has 16 digits, at the top of the KTP."
                    "\nExample: 8171021503859901"
                )
            ),
            readings.nik,
            digits=True,
        ),
        Question(
            "birth_date",
            N_("Birth date"),
            Putter(N_("What is your **birth date**? Write day, month, year.\nExample: 15-03-1985")),
            readings.birth_date,
            when=_nik_is_unreadable,
            told=_nik_told,
            digits=True,
        ),
        Question(
            "gender",
            N_("Gender"),
            Putter(
                N_("Are you a **man** or a **woman**?\nExample: perempuan"),
                ("L", N_("Man")),
                ("P", N_("Woman")),
            ),
            readings.gender,
            when=_nik_is_unreadable,
            told=_nik_told,
        ),
        Question("name", N_("Name"), _name, readings.name, free=True),
        Question(
            "birth_place",
            N_("Birth place"),
            Putter(N_("Where were you **born**? Write the place as on the KTP.\nExample: Ambon")),
            readings.place("birth_place", born=True),
            free=True,
        ),
        Question("village", N_("Village"), _village, readings.village, free=True),
        Question(
            "outside_village",
            N_("Village and regency"),
            Putter(N_("In which **village and regency** do you live?\nExample: Tulehu, Maluku Tengah")),
            readings.in_words("outside_village"),
            when=_lives_outside,
            free=True,
        ),
        Question(
            "street",
            N_("Address: RT/RW and street"),
            Putter(
                N_(
                    "What is the **RT/RW and street or dusun**? If there is none, reply TIDAK ADA."
                    "\nExample: RT 001/RW 002, Dusun Omputty"
                )
            ),
            readings.street,
            free=True,
            vital=False,
            skippable=True,
        ),
        Question("occupation", N_("Work"), _occupation, readings.occupation),
        Question(
            "workplace",
            N_("Work place"),
            Putter(N_("**Where** do you work? Write the village, market or sea.\nExample: laut Latuhalat")),
            readings.place("workplace"),
            free=True,
            vital=False,
        ),
        Question(
            "phone",
            N_("Mobile number"),
            _phone,
            readings.phone,
            takes=Takes.PHONE,
            vital=False,
            skippable=True,
            digits=True,
        ),
        Question(
            "photo",
            N_("Photo of the KTP"),
            Putter(
                N_(
                    "📷 Now send a **photo of the KTP**. Put it in a bright place, all edges visible, no flash."
                    " Cannot now? Reply **NANTI**."
                ),
                ("nanti", N_("Later")),
            ),
            readings.photo_later,
            takes=Takes.PHOTO,
            vital=False,
            skippable=True,
            read_photo=readings.photo,
        ),
        Question(
            "heir",
            N_("Family member"),
            Putter(
                N_(
                    "Whom of your **family** can we reach if something happens? Write name and relation. It is only"
                    " a note; the law says who is entitled.\nExample: Yohana, istri"
                ),
                ("lewati", N_("Leave out")),
            ),
            readings.heir,
            free=True,
            vital=False,
            skippable=True,
        ),
        # Put only when an officer asks for it.
        Question(
            "evidence",
            N_("Photo of the letter"),
            Putter(
                N_("📷 Please send a **photo of the letter** that the officer asks for. All text must be readable.")
            ),
            readings.evidence_later,
            when=never,
            takes=Takes.PHOTO,
            read_photo=readings.evidence_photo,
        ),
        Question(
            "civil_registry",
            N_("Visit to Dukcapil"),
            Putter(
                N_("Please take KTP and KK to the office of **Dukcapil**. When you have been there, reply **SUDAH**."),
                ("sudah", N_("I have been there")),
            ),
            readings.went_there,
            when=never,
        ),
        Question("change", "", _change, _change_answer, when=never),
        # After this one the registration is sent.
        Question("summary", "", _summary, _summary_answer),
    ),
)
