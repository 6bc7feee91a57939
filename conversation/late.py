"""Texts that may come late: what a network lets in that takes free text only for some hours after a person's last word.

Each has a name, places for values, and examples of them: the network reviews it before it may be sent. Not for: when
it is late (bot/delivery.py) or how a network is shown it (channels/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Final

from conversation.messages import Choice, Late, Message
from conversation.say import N_, Say

_SPACES: Final = re.compile(r"\s+")
LONGEST: Final = 1024
"""Characters of a text, filled in."""
LONGEST_VALUE: Final = 600
"""Characters of one value, and of all together where they are about somebody's own case."""


@dataclass(frozen=True)
class LateText:
    """`text` is an English sentence with {places}; `examples` are invented values by place.

    `whole`: it says all there is to say; else it only knocks, and the message itself follows once the person writes.
    `news`: for those who want to hear of events and the like, not about anybody's own case. `choices` are the labels
    of ready answers, those of the Message in their order. `head`: "photo" or "document" where such a file stands
    above it. `instead` knocks where the values are too long for it.
    """

    name: str
    text: str
    examples: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    news: bool = False
    choices: tuple[str, ...] = ()
    head: str = ""
    instead: str = "news_for_you"

    @property
    def places(self) -> tuple[str, ...]:
        """The places in their order; one that stands twice is one."""
        return tuple(dict.fromkeys(place for _, place, _, _ in Formatter().parse(self.text) if place))

    def late(self, **values: str) -> Late:
        """With its values: each in one line, none empty, no word of somebody's own case left out."""
        plain = tuple(_SPACES.sub(" ", values[place]).strip() or "-" for place in self.places)
        if not self.news and sum(map(len, plain)) > LONGEST_VALUE:
            return Late(self.instead)
        return Late(self.name, tuple(value[:LONGEST_VALUE].strip() for value in plain))


_RECEIPT: Final = "AMB-2608-4731"

_FOR_WORKERS: Final = (
    LateText(
        "news_for_you",
        N_("There is news for Bapak/Ibu about the registration. To read it, reply **LIHAT**."),
        whole=False,
    ),
    LateText(
        "decision_approved",
        N_(
            "✅ Good news, {name}. The data of number **{receipt}** is **right**. Now we arrange who pays the monthly"
            " money. You are **not yet protected**. Wait for word from us; there is nothing to pay. Give nobody money,"
            " a PIN or an OTP code."
        ),
        {"name": "Ibu Sarni", "receipt": _RECEIPT},
    ),
    LateText(
        "correction_needed",
        N_("Something needs a correction, {name}. Number **{receipt}**: {reasons} To correct it, reply **LIHAT**."),
        {
            "name": "Ibu Sarni",
            "receipt": _RECEIPT,
            "reasons": "Foto KTP kurang jelas. Coba foto lagi di tempat terang.",
        },
        whole=False,
    ),
    LateText(
        "decision_rejected",
        N_(
            "We are sorry, {name}. Number **{receipt}** **cannot be accepted yet**. The reason: {reason}. If you think"
            " this is wrong, reply **KEBERATAN**, or come to {office} with the KTP."
        ),
        {
            "name": "Ibu Sarni",
            "receipt": _RECEIPT,
            "reason": "alamatnya di luar Kota Ambon",
            "office": "Jalan Contoh 1, Ambon",
        },
    ),
    LateText(
        "decision_rejected_noted",
        N_(
            "We are sorry, {name}. Number **{receipt}** **cannot be accepted yet**. The reason: {reason}.\n"
            "The officer writes: {note}\n"
            "If you think this is wrong, reply **KEBERATAN**, or come to {office} with the KTP."
        ),
        {
            "name": "Ibu Sarni",
            "receipt": _RECEIPT,
            "reason": "alamatnya di luar Kota Ambon",
            "note": "Silakan daftar di kantor Kabupaten Maluku Tengah.",
            "office": "Jalan Contoh 1, Ambon",
        },
    ),
    LateText(
        "objection_granted",
        N_(
            "Your objection for number **{receipt}** was accepted. An officer checks the data again. You are not"
            " yet protected."
        ),
        {"receipt": _RECEIPT},
    ),
    LateText(
        "objection_refused",
        N_(
            "We read your objection for number **{receipt}**. The decision stays. If you have questions, call"
            " {contact} or come to the office."
        ),
        {"receipt": _RECEIPT, "contact": "0812-3450-0000"},
    ),
    LateText(
        "registration_reminder",
        N_("The registration is not finished yet. Shall we go on? It is free. Reply **LANJUT**. To stop: **BATAL**."),
    ),
    LateText(
        "correction_reminder",
        N_("Something still needs a correction. Shall we go on? It is free. Reply **LANJUT**."),
    ),
    LateText(
        "draft_erased",
        N_(
            "The registration was not finished for {days} days. We have erased the answers. To begin again, reply"
            " **DAFTAR**."
        ),
        {"days": "30"},
    ),
    LateText(
        "address_joined",
        N_(
            "The registration of Bapak/Ibu is used from another chat now. Was that not you? Reply"
            " **BATALKAN SAMBUNGAN** here within a day. Give nobody a code, a PIN or money."
        ),
        choices=(N_("Undo the connection"),),
    ),
    LateText(
        "connection_undone",
        N_("The connection was undone in the other chat. Nothing of it is shown here. To register, **DAFTAR**."),
    ),
    LateText(
        "office_answered",
        N_("The office has answered the question of Bapak/Ibu. To read the answer, reply **LIHAT**."),
        whole=False,
    ),
)

_FOR_THE_OFFICE: Final = (
    LateText(
        "office_news",
        N_("There is news for Bapak/Ibu as an officer of this service. To read it, reply **LIHAT**."),
        whole=False,
    ),
    LateText(
        "queue_waits",
        N_("There are {n} registrations waiting in {area}. The oldest has waited {age}. Please have a look."),
        {"n": "5", "area": "Kec. Nusaniwe", "age": "3 jam"},
        choices=(N_("Take the next"),),
        instead="office_news",
    ),
    LateText(
        "questions_wait",
        N_("There are {n} questions of workers waiting for an answer."),
        {"n": "2"},
        choices=(N_("Questions"),),
        instead="office_news",
    ),
    LateText(
        "queue_and_questions",
        N_(
            "There are {n} registrations waiting in {area}. The oldest has waited {age}.\n"
            "There are {questions} questions of workers waiting for an answer."
        ),
        {"n": "5", "area": "Kec. Nusaniwe", "age": "3 jam", "questions": "2"},
        choices=(N_("Take the next"), N_("Questions")),
        instead="office_news",
    ),
    LateText(
        "objection_waits",
        N_("There is an **objection** to the decision on {receipt}. Please have a look."),
        {"receipt": _RECEIPT},
        choices=(N_("Objections"),),
        instead="office_news",
    ),
)

# What broadcasts say: the admin's own text in one line, between words of ours.
_BROADCASTS: Final = (
    LateText(
        "announcement",
        N_("News from Disnaker {city} for Bapak/Ibu: {text}\n\nNo more such news? Reply **STOP**."),
        {"city": "Kota Ambon", "text": "Besok kantor tutup. Kantor buka lagi hari Senin pukul 08.00."},
    ),
    LateText(
        "invitation",
        N_(
            "An invitation from Disnaker {city} for Bapak/Ibu: {text}\n\nWill you come? Reply **HADIR** or"
            " **TIDAK BISA**.\nNo more such news? Reply **STOP**."
        ),
        {"city": "Kota Ambon", "text": "Pertemuan BPJS Ketenagakerjaan. Hari: Rabu, 25 November 2026, 10.00 WIT."},
        choices=(N_("I come"), N_("I cannot")),
    ),
    LateText(
        "event_reminder",
        N_("A reminder from Disnaker {city}. {text}\n\nNo more such news? Reply **STOP**."),
        {"city": "Kota Ambon", "text": "Bapak/Ibu, pertemuannya besok. Hari: Rabu, 25 November 2026, 10.00 WIT."},
    ),
    LateText(
        "event_change",
        N_(
            "A change, from Disnaker {city}. {text}\n\nWill you come? Reply **HADIR** or **TIDAK BISA**."
            "\nNo more such news? Reply **STOP**."
        ),
        {"city": "Kota Ambon", "text": "Bapak/Ibu, pertemuannya berubah. Hari: Kamis, 26 November 2026, 10.00 WIT."},
        choices=(N_("I come"), N_("I cannot")),
    ),
    LateText(
        "event_cancellation",
        N_("From Disnaker {city}: a meeting is cancelled. {text}\n\nNo more such news? Reply **STOP**."),
        {"city": "Kota Ambon", "text": "Bapak/Ibu, pertemuan hari Rabu, 25 November 2026 di Balai Desa batal."},
    ),
)
HEADS: Final = ("", "photo", "document")
"""What may stand above the text of a broadcast; each needs a late text of its own."""


def with_head(name: str, head: str) -> str:
    """The name of a broadcast's late text with such a file above it."""
    return f"{name}_{head}" if head else name


_NEWS: Final = tuple(
    replace(each, name=with_head(each.name, head), head=head, news=True) for each in _BROADCASTS for head in HEADS
)

_ALL: Final = (*_FOR_WORKERS, *_FOR_THE_OFFICE, *_NEWS)

LATE_TEXTS: Final[Mapping[str, LateText]] = {each.name: each for each in _ALL}


def late_message(name: str, say: Say, choices: tuple[Choice, ...] = (), /, **values: str) -> Message:
    """A message whose words are those of a late text, whether it comes late or not."""
    text = LATE_TEXTS[name]
    return Message(say(text.text, **values), choices, late=text.late(**values))


def late(name: str, /, **values: str) -> Late:
    """How a message goes late, by the name of its text and its values."""
    return LATE_TEXTS[name].late(**values)
