"""What a broadcast says to one person: the placeholders filled in, the way to stop it, the answers to an invitation.

The same words are checked when they are composed, shown as a preview, and sent. Not for: to whom or when.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conversation.messages import Choice, Message
from conversation.say import N_
from domain.broadcast import Broadcast, Kind
from handlers.broadcast_late import late_of, one_line, room
from handlers.notices import place_name
from handlers.office import Office
from handlers.taps import data

PLACEHOLDERS = ("sapaan", "desa")
# "Bapak/Ibu" or "Pak" and one word of a name, cut so that no name makes a message too long.
LONGEST_NAME = 30
_FIELD = re.compile(r"\{([^{}]*)\}")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)|\n")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]\ufe0f?")
# The guide for texts: a notice has at most eight sentences of twelve words and, lists apart, 300 characters.
_SENTENCES, _WORDS, _CHARACTERS = 8, 12, 300
# With a picture or a file on top, networks take less; what fits everywhere is checked.
_PLAIN, _WITH_FILE = 3500, 1000


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text. `grave`: it cannot be sent so; else it may, if the admin insists."""

    sentence: str
    grave: bool


def needs_village(text: str) -> bool:
    """Whether the text names the person's village, so that who has none is left out."""
    return "desa" in _FIELD.findall(text)


def names_person(text: str) -> bool:
    """Whether the text addresses the person by name."""
    return "sapaan" in _FIELD.findall(text)


def filled(text: str, *, name: str, village: str) -> str:
    """The text with its placeholders filled in; what only looks like one stays."""
    values = {"sapaan": name, "desa": village}
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def message(broadcast: Broadcast, office: Office, *, name: str, village: str | None) -> Message:
    """Exactly what one person gets. `name` is how they are addressed, `village` a code."""
    content, say = broadcast.content, office.say
    text = filled(content.text, name=name[:LONGEST_NAME], village=place_name(village, office) if village else "")
    choices: tuple[Choice, ...] = ()
    lines = [text]
    if broadcast.kind in (Kind.INVITATION, Kind.CHANGE) and broadcast.event_id is not None:
        choices = tuple(Choice(say(label), data("ev", word, broadcast.event_id)) for word, label in ATTENDANCE_CHOICES)
        lines.append(say("Will you come? Reply **HADIR** or **TIDAK BISA**."))
    lines.append(say("No more such news? Reply **STOP**."))
    return Message(
        "\n\n".join(lines),
        choices,
        photo=content.photo,
        document=content.document,
        document_name=content.document_name,
        shared=bool(content.photo or content.document),
        late=late_of(broadcast, office, text) if text.strip() else None,
    )


ATTENDANCE_CHOICES: tuple[tuple[str, str], ...] = (("comes", N_("I come")), ("declines", N_("I cannot")))


def faults(broadcast: Broadcast, office: Office) -> list[Fault]:
    """Everything wrong with the text, the grave things first. Measured as filled in at its longest."""
    text, say = broadcast.content.text, office.say
    found = []
    if not text.strip():
        return [Fault(say("The text is empty. Please write it."), grave=True)]
    for field in dict.fromkeys(_FIELD.findall(text)):
        if field not in PLACEHOLDERS:
            sentence = say(
                "**{field}** is no placeholder. There are {known}. Please write the text again.",
                field="{" + field + "}",
                known=", ".join("{" + known + "}" for known in PLACEHOLDERS),
            )
            found.append(Fault(sentence, grave=True))
    if _FIELD.sub("", text).count("{") or _FIELD.sub("", text).count("}"):
        known = ", ".join("{" + each + "}" for each in PLACEHOLDERS)
        found.append(Fault(say("A bracket stands alone. Please write it whole: {known}.", known=known), grave=True))
    villages = [village.label for village in office.places.villages]
    longest = message(broadcast, office, name="x" * LONGEST_NAME, village=None)
    length = len(longest.text) + (len(max(villages, key=len, default="")) if needs_village(text) else 0)
    most = _WITH_FILE if longest.file else _PLAIN
    if length > most:
        sentence = say(
            "The text has {length} characters, filled in and with our last line. At most {most} can be sent.",
            length=say.number(length),
            most=say.number(most),
        )
        found.append(Fault(sentence, grave=True))
    return found + _too_long_late(broadcast, office) + _style(text, office)


def _too_long_late(broadcast: Broadcast, office: Office) -> list[Fault]:
    """Where a network shuts, whoever has not written for a day gets the text in one line, with less room."""
    say, text = office.say, broadcast.content.text
    village = max((village.label for village in office.places.villages), key=len, default="")
    length = len(one_line(filled(text, name="x" * LONGEST_NAME, village=village)))
    most = room(broadcast, office)
    if not office.shutting or length <= most:
        return []
    names = ", ".join(office.label(channel) for channel in office.shutting)
    sentence = say(
        "{names}: whoever has not written for a day gets at most {most} characters. Filled in, these are {length}."
        " Please make it shorter.",
        names=names,
        most=say.number(most),
        length=say.number(length),
    )
    return [Fault(sentence, grave=True)]


def _style(text: str, office: Office) -> list[Fault]:
    """What the guide for texts asks for: a person who reads little must understand it."""
    say = office.say
    found = []
    emoji = len(_EMOJI.findall(text))
    if emoji > 1:
        found.append(say("There are {n} emoji. One is enough.", n=emoji))
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("-", "•")))
    sentences = [part for part in _SENTENCE.split(plain) if part.strip()]
    if len(sentences) > _SENTENCES:
        found.append(say("There are {n} sentences. At most {most} are read.", n=len(sentences), most=_SENTENCES))
    longest = max((len(part.split()) for part in sentences), default=0)
    if longest > _WORDS:
        found.append(say("One sentence has {n} words. At most {most} are easy to read.", n=longest, most=_WORDS))
    if len(plain) > _CHARACTERS:
        found.append(say("It has {n} characters. At most {most} fit a small phone.", n=len(plain), most=_CHARACTERS))
    if any(word.isupper() and len(word) > 3 and word not in _COMMANDS for word in re.findall(r"[A-Za-z]+", plain)):
        found.append(say("Words in capitals look like shouting. Only command words are written so."))
    return [Fault(sentence, grave=False) for sentence in found]


_COMMANDS = frozenset(
    {"BPJS", "BANTUAN", "DAFTAR", "STATUS", "UBAH", "STOP", "MULAI", "HADIR", "TIDAK", "BISA", "PETUGAS", "INFO"}
    | {"DISNAKER", "DUKCAPIL", "APBD", "SERTAKAN", "HAPUS", "BATAL", "SETUJU"}
)
