"""The small forms around the registration: consent, notices, their topics, for whom, erasing, asking the office.

Not for: the registration itself (registration_form.py) or what follows from an answer (handlers/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from conversation import join_forms, readings
from conversation.questions import Accept, End, Form, Prompt, Putter, Question, Reading, View
from conversation.registration_form import REGISTRATION
from conversation.say import N_, Say
from conversation.words import meanings, normal, number
from domain.errors import Invalid
from domain.topic import Topic

# Goes up with every change of meaning in the consent or its information; stored with each yes.
CONSENT_VERSION = "2026-11-1"
NOTICES_VERSION = "2026-11-1"


def _consent(view: View) -> Prompt:
    say = view.say
    text = "\n\n".join(
        (
            say(
                "{daytime}, Bapak/Ibu. This is the automatic service of Disnaker {city}. We help you register for"
                " work protection by BPJS Ketenagakerjaan. It is **free**.",
                daytime=say.daytime(view.now),
                city=view.city,
            ),
            say(
                "May we keep your data? That is: name, KTP number (NIK), birth date, address, occupation, phone"
                " number, photo of the KTP and the name of a relative. The data serves only this registration. We"
                " send it to BPJS Ketenagakerjaan and compare it with Dukcapil."
            ),
            say(
                "You may see, change or erase it at any time. This programme is not for civil servants, army,"
                " police, or people registered by a company."
            ),
            say("Reply **SETUJU** or **TIDAK**. For all details reply **INFO**."),
        )
    )
    return Prompt(text, _consent_options(say))


def _consent_again(view: View) -> Prompt:
    """The same question once its text has been read."""
    text = view.say("May we keep the data for this registration? Reply **SETUJU** or **TIDAK**.")
    return Prompt(text, _consent_options(view.say))


def _consent_options(say: Say) -> tuple[tuple[str, str], ...]:
    return (("yes", say("I agree")), ("no", say("No")), ("info", say("Details")))


def _consent_answer(text: str, view: View) -> Reading:
    found = meanings(text)
    if {"yes", "done"} & found:
        return Accept({"consent": "yes"})
    if {"no", "cancel"} & found:
        return End("refused")
    raise Invalid("consent_expected")


CONSENT = Form("consent", (Question("consent", "", _consent, _consent_answer, again=_consent_again),))


class YesNo:
    """A yes or no that ends its form with one of two events."""

    def __init__(self, key: str, no_event: str, refusal: str) -> None:
        self._key = key
        self._no_event = no_event
        self._refusal = refusal

    def __call__(self, text: str, view: View) -> Reading:
        found = meanings(text)
        if {"yes", "done"} & found:
            return Accept({self._key: "yes"})
        if {"no", "cancel", "skip", "stop"} & found:
            return End(self._no_event)
        raise Invalid(self._refusal)


NOTICES = Form(
    "notices",
    (
        Question(
            "notices",
            "",
            Putter(
                N_(
                    "May we send invitations to meetings and announcements here? Reply **YA** or **TIDAK**. You can"
                    " stop at any time with **STOP**."
                ),
                ("yes", N_("Yes")),
                ("no", N_("No")),
            ),
            YesNo("notices", "no_notices", "yes_or_no_expected"),
        ),
    ),
)

# What a person may stop separately, by the words of the table in words.py that name it.
TOPICS = {"events": Topic.EVENTS, "announcements": Topic.ANNOUNCEMENTS}


def _topic_answer(text: str, view: View) -> Reading:
    found = meanings(text)
    picked = next((topic for topic in TOPICS if text == topic or topic in found), None)
    if picked is not None:
        return Accept({"topics": picked})
    if {"no", "cancel", "skip", "back", "zero"} & found:
        return End("none")
    raise Invalid("topic_expected")


# Everything is stopped already when this is asked, so it need not be answered: see takes_up_offer.
OFFER = Form(
    "topics",
    (
        Question(
            "topics",
            "",
            Putter(
                N_("Do you still want one of the two? Reply with the number. No reply is fine too."),
                ("events", N_("Invitations to meetings")),
                ("announcements", N_("Announcements")),
                listed=True,
            ),
            _topic_answer,
            skippable=True,
        ),
    ),
)
_ANSWERS_OFFER = frozenset({"yes", "done", "no", "cancel", "skip", "back", "zero", "thanks", "stop", *TOPICS})


def takes_up_offer(text: str) -> bool:
    """Whether the text can be meant for the offer after STOP; anything else leaves the offer behind."""
    return number(text) is not None or bool(_ANSWERS_OFFER & meanings(text))


def _for_whom_answer(text: str, view: View) -> Reading:
    word = text.strip().lower()
    if word in {"self", "1", "sendiri", "saya", "saya sendiri", "beta", "untuk saya"}:
        return Accept({"for_whom": "self"})
    if word in {"other", "2", "orang lain", "lain", "istri", "suami", "anak", "teman", "keluarga"}:
        return Accept({"for_whom": "other"})
    if {"no", "cancel"} & meanings(text):
        return End("not_again")
    raise Invalid("choice_expected")


FOR_WHOM = Form(
    "for_whom",
    (
        Question(
            "for_whom",
            "",
            Putter(
                N_(
                    "Is this registration for **yourself** or for somebody else? Reply with the number. To stop, reply"
                    " BATAL.\nExample: 2"
                ),
                ("self", N_("For myself")),
                ("other", N_("For somebody else")),
                listed=True,
            ),
            _for_whom_answer,
        ),
    ),
)


def _sure(refusal: str, *, stops: bool = False) -> Callable[[str, View], Reading]:
    """A reader for a yes that cannot be taken back. `stops`: BATAL is what was asked for, and may mean either."""

    def read(text: str, view: View) -> Reading:
        found = meanings(text)
        if {"yes", "done", "erase_sure"} & found or (refusal == "erase_one_expected" and "erase" in found):
            return Accept({"sure": "yes"})
        if stops and normal(text) in ("batal", "batalkan", "/batal"):
            raise Invalid(refusal)
        if {"no", "cancel", "back"} & found:
            return End("kept")
        raise Invalid(refusal)

    return read


ERASE = Form(
    "erase",
    (
        Question(
            "sure",
            "",
            Putter(
                N_(
                    "You ask us to **erase all data**. The registration ends and cannot come back. What BPJS"
                    " Ketenagakerjaan already has is not erased with it. Sure? Reply **HAPUS DATA SAYA** or **TIDAK**."
                ),
                ("hapus data saya", N_("Erase my data")),
                ("no", N_("No")),
            ),
            _sure("erase_expected"),
        ),
    ),
)
ERASE_ONE = Form(
    "erase_one",
    (
        Question(
            "sure",
            "",
            Putter(
                N_(
                    "Its data is **erased** then and cannot come back. What BPJS Ketenagakerjaan already has is not"
                    " erased with it. Sure? Reply **HAPUS** or **TIDAK**."
                ),
                ("hapus", N_("Erase it")),
                ("no", N_("No")),
            ),
            _sure("erase_one_expected"),
        ),
    ),
)
WITHDRAW = Form(
    "withdraw",
    (
        Question(
            "sure",
            "",
            Putter(
                N_("Shall this registration be **cancelled**? Reply **YA** or **TIDAK**."),
                ("yes", N_("Yes")),
                ("no", N_("No")),
            ),
            _sure("yes_or_no_expected", stops=True),
        ),
    ),
)

# A correction and a change walk the registration's questions, but end when what was asked is answered; a picture
# asked for here is not put off.
_PHOTO = Putter(N_("📷 Please send a **photo of the KTP**. Put it in a bright place, all edges visible, no flash."))
_WITHOUT_SUMMARY = tuple(
    replace(question, put=_PHOTO) if question.key == "photo" else question for question in REGISTRATION.questions[:-1]
)
CORRECTION = Form("correction", _WITHOUT_SUMMARY, insists=True)
CHANGE = Form("change", _WITHOUT_SUMMARY, insists=True)


def _enquiry(text: str, view: View) -> Reading:
    if {"cancel", "no", "back", "skip"} & meanings(text):
        return End("not_asked")
    return readings.in_words("enquiry")(text, view)


ENQUIRY = Form(
    "enquiry",
    (
        Question(
            "enquiry",
            "",
            Putter(
                N_(
                    "Or write your question to the officer here, in one message. To stop, reply BATAL."
                    "\nExample: KTP saya hilang, bagaimana?"
                )
            ),
            _enquiry,
            free=True,
        ),
    ),
)


def _note(text: str, view: View) -> Reading:
    if {"cancel", "no", "back", "skip"} & meanings(text):
        return End("no_note")
    return readings.in_words("note")(text, view)


NOTE = Form(
    "note",
    (
        Question(
            "note",
            "",
            Putter(
                N_(
                    "The data was checked already. Write here what should be changed; an officer will read it. To stop,"
                    " reply BATAL.\nExample: nomor HP saya ganti"
                )
            ),
            _note,
            free=True,
        ),
    ),
)


def _which_answer(text: str, view: View) -> Reading:
    if {"no", "cancel", "back"} & meanings(text):
        return End("kept")
    raise Invalid("choice_expected")


# Several people register through one phone: which of them is meant stands in the doubt's options.
WHICH = Form("which", (Question("which", "", Putter(N_("Please reply with one of the numbers.")), _which_answer),))

FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        REGISTRATION,
        CONSENT,
        NOTICES,
        OFFER,
        FOR_WHOM,
        ERASE,
        ERASE_ONE,
        WITHDRAW,
        CORRECTION,
        CHANGE,
        ENQUIRY,
        NOTE,
        WHICH,
        *join_forms.ALL,
    )
}
