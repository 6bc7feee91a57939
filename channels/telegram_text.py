"""How a Message looks on Telegram: marked-up text, rows of ready answers, the offer to share the own number.

Not for: sending. Pure functions of what the conversation says.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from channels.labels import shorten
from conversation.messages import Choice, Message

LABEL = 64

# A grey square that takes the place of what Telegram no longer deletes; where it cannot, three dots.
BLANK_TEXT = "…"
BLANK_PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAFoAAABaCAAAAAAdwx7eAAAAOUlEQVR42u3MQQEAAAQEsKN/MLGk4LUFWE2udNRqtVqtVqvV"
    "arVarVar1Wq1Wq1Wq9VqtVqtVj/UC18OAXx62MhpAAAAAElFTkSuQmCC"
)

# A masked NIK is made of asterisks too: bold begins and ends at a word, and stays within its line.
_BOLD = re.compile(r"\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*")
_NUMBERED = re.compile(r"\d+[.)]\s")

# Widest labels (in characters) that a narrow phone shows whole, three or two in a row.
_THREE = 9
_TWO = 16


def to_html(text: str) -> str:
    """Text for parse_mode HTML: everything a person may have written is escaped, `**word**` is bold."""
    safe = html.escape(text.encode("utf-8", "ignore").decode("utf-8"), quote=False)
    return _BOLD.sub(r"<b>\1</b>", safe) if "**" in safe else safe


def rows(labels: Sequence[str], *, stacked: bool = False) -> list[range]:
    """Which labels stand together in a row, as ranges of their places: long and numbered ones stand alone."""
    width = _in_a_row(labels, stacked)
    return [range(start, min(start + width, len(labels))) for start in range(0, len(labels), width)]


Keyboard = dict[str, Any]
"""A reply markup as the Bot API writes it. The same one serves many messages: it is never changed."""


def inline(choices: Sequence[Choice], *, stacked: bool = False) -> Keyboard | None:
    """Ready answers under the message."""
    return _written(tuple(choices), stacked=stacked) if choices else None


def markup(message: Message) -> Keyboard | None:
    """What stands under a message, of which Telegram takes one kind only.

    The own number can be offered only above the typing line, so the choices go there too, as words to send.
    Choices win over `ends_phone`: the offer was shown once only and has folded itself away.
    """
    if message.asks_phone:
        return _offer(message.asks_phone, message.choices)
    if message.choices:
        return inline(message.choices, stacked=message.stacked)
    return ReplyKeyboardRemove().to_dict() if message.ends_phone else None


# The same question stands under the same answers for everybody, and writing them costs more than sending them.
@lru_cache(maxsize=256)
def _written(choices: tuple[Choice, ...], *, stacked: bool) -> Keyboard:
    labels = [shorten(choice.label, LABEL) for choice in choices]
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(labels[place], callback_data=choices[place].data) for place in row]
            for row in rows(labels, stacked=stacked)
        ]
    ).to_dict()


@lru_cache(maxsize=8)
def _offer(asks_phone: str, choices: tuple[Choice, ...]) -> Keyboard:
    labels = [choice.label for choice in choices]
    return ReplyKeyboardMarkup(
        [
            [KeyboardButton(asks_phone, request_contact=True)],
            *([KeyboardButton(labels[place]) for place in row] for row in rows(labels)),
        ],
        resize_keyboard=True,
        one_time_keyboard=True,
    ).to_dict()


def _in_a_row(labels: Sequence[str], stacked: bool) -> int:
    widest = max(map(len, labels), default=0)
    if stacked or widest > _TWO or any(_NUMBERED.match(label) for label in labels):
        return 1
    # Four stand better two and two than three and one.
    return 2 if widest > _THREE or len(labels) % 3 == 1 else 3


def plain_length(text: str) -> int:
    """How long Telegram counts the text: without the marks."""
    return len(_BOLD.sub(r"\1", text))
