"""A broadcast as a late text: the admin's words in one line, between words of ours that the network has reviewed.

Not for: the words of ours (conversation/late.py) or who gets it so (handlers/broadcast_sending.py).
"""

from __future__ import annotations

import re
from dataclasses import replace

from conversation.late import LATE_TEXTS, LONGEST, LONGEST_VALUE, with_head
from conversation.messages import Late, Message
from domain.broadcast import Broadcast, Content, Kind
from handlers.office import Office

_NAMES: dict[Kind, str] = {
    Kind.ANNOUNCEMENT: "announcement",
    Kind.INVITATION: "invitation",
    Kind.REMINDER: "event_reminder",
    Kind.CHANGE: "event_change",
    Kind.CANCELLATION: "event_cancellation",
}
_STOPS = ".,:;!?…"
_LISTED = re.compile(r"^[-•]\s*")


def late_name(broadcast: Broadcast) -> str:
    """The late text that it goes by."""
    asked = broadcast.kind not in (Kind.INVITATION, Kind.CHANGE) or broadcast.event_id is not None
    return with_head(_NAMES[broadcast.kind if asked else Kind.ANNOUNCEMENT], _head(broadcast.content))


def _head(content: Content) -> str:
    return "photo" if content.photo else "document" if content.document else ""


def late_of(broadcast: Broadcast, office: Office, text: str) -> Late:
    """Its late text with its values; `text` is the admin's, filled in."""
    return LATE_TEXTS[late_name(broadcast)].late(city=office.places.area.name, text=one_line(text))


def one_line(text: str) -> str:
    """The text without line breaks and emphasis; a line that ends without a stop gets one."""
    lines = [_LISTED.sub("", " ".join(line.replace("**", "").split())) for line in text.splitlines()]
    *before, last = [line for line in lines if line] or [""]
    return " ".join([*(line if line[-1] in _STOPS else f"{line}." for line in before), last])


def room(broadcast: Broadcast, office: Office) -> int:
    """How many characters the admin's text may have in one line."""
    ours = office.say(LATE_TEXTS[late_name(broadcast)].text, city=office.places.area.name, text="")
    return min(LONGEST_VALUE, LONGEST - len(ours))


def as_late(shown: Message, office: Office) -> Message:
    """How a message looks to those who get it late."""
    assert shown.late is not None
    text = LATE_TEXTS[shown.late.name]
    values = dict(zip(text.places, shown.late.values, strict=True))
    return replace(shown, text=office.say(text.text, **values), late=None)


def previews(shown: Message, office: Office) -> list[Message]:
    """The message, and how it looks as a late text where a network wants that."""
    plain = replace(shown, late=None)
    if not office.shutting or shown.late is None:
        return [plain]
    lead = office.say("So it looks to people who have not written for a day:")
    late = replace(as_late(shown, office), photo="", document="", document_name="", shared=False)
    return [plain, replace(late, text=f"{lead}\n\n{late.text}")]
