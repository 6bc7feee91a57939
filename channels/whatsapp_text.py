"""How a Message looks on WhatsApp: its marks, and its ready answers as buttons, as a list, or written out with numbers.

Not for: sending (whatsapp.py) or files (whatsapp_files.py). Pure functions of what the conversation says.
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from channels.base import Permanent
from channels.labels import shorten
from conversation.messages import Choice, Message

TEXT: Final = 4096
CAPTION: Final = 1024
"""Also the most under which buttons stand; over a list a text may be as long as alone."""
BUTTONS: Final = 3
BUTTON: Final = 20
ROWS: Final = 10
ROW: Final = 24
ROW_WORDS: Final = 72
_DATA: Final = 64

Json = dict[str, Any]

# A masked NIK is made of asterisks too: bold begins and ends at a word, and stays within its line.
_BOLD: Final = re.compile(r"\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*")
# What people type and WhatsApp would take for a mark of its own: by pairs, at the edges of words, within a line.
_MARKED: Final = re.compile(r"(?<![\w*_~`])([*_~`])((?!\1)\S(?:(?:(?!\1)[^\n])*(?!\1)\S)?)\1(?![\w*_~`])")
_ADDRESS: Final = re.compile(r"https?://\S+")
# Signs that look alike and mark nothing.
_HARMLESS: Final = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
# "/ambil AMB-1", but no path, no "RT/RW" and no address: this network has no menu of commands, people write words.
_COMMAND: Final = re.compile(r"(?<![^\s(*])/([a-z]{3,20})(?![\w/*])")


def marked(text: str) -> str:
    """The text with WhatsApp's marks: `**bold**` is bold, "/ambil" is **AMBIL**, what people typed marks nothing."""
    safe = text.encode("utf-8", "ignore").decode("utf-8")
    parts, at = [], 0
    for bold in _BOLD.finditer(safe):
        parts += [_unmarked(safe[at : bold.start()]), _bold(bold, safe)]
        at = bold.end()
    return "".join([*parts, _unmarked(safe[at:])])


def plain(text: str) -> str:
    """The text without any marks, for labels and for values inside a template."""
    return _harmless(_BOLD.sub(r"\1", text.encode("utf-8", "ignore").decode("utf-8")))


def _bold(found: re.Match[str], text: str) -> str:
    words = _COMMAND.sub(lambda command: command[1].upper(), _harmless(found[1]))
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    # WhatsApp would show the asterisks themselves.
    inside_a_word = any(edge.isalnum() or edge in ("*", "_") for edge in (before, after) if edge)
    return words if inside_a_word else f"*{words}*"


def _unmarked(text: str) -> str:
    return _COMMAND.sub(lambda command: f"*{command[1].upper()}*", _harmless(text))


def _harmless(text: str) -> str:
    """Marks of WhatsApp's own taken away, but not from addresses, which would lead elsewhere."""
    parts, at = [], 0
    for address in _ADDRESS.finditer(text):
        parts += [_without_marks(text[at : address.start()]), address[0]]
        at = address.end()
    return "".join([*parts, _without_marks(text[at:])])


def _without_marks(text: str) -> str:
    if not any(sign in text for sign in "*_~`"):
        return text
    while (found := _MARKED.search(text)) is not None:
        sign = found[1].translate(_HARMLESS)
        text = f"{text[: found.start()]}{sign}{found[2]}{sign}{text[found.end() :]}"
    return text


def content(message: Message, *, pick: str) -> Json:
    """A message without a file, by its type. Raises Permanent where WhatsApp has no room for it."""
    text = marked(message.text)
    choices = _checked(message.choices)
    if choices and (_fit_on_buttons(choices, text) and not message.stacked):
        return _interactive("button", text, _buttons(choices))
    if choices and len(choices) <= ROWS and 0 < len(text) <= TEXT:
        return _interactive("list", text, _list(choices, pick))
    body = _sized(_numbered(text, choices), TEXT)
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def content_with_file(message: Message, file: Json, *, sort: str) -> Json:
    """A message with a file that is at Meta already: `sort` is "image" or "document". Raises Permanent."""
    text = marked(message.text)
    choices = _checked(message.choices)
    if choices and _fit_on_buttons(choices, text):
        about = _interactive("button", text, _buttons(choices))
        about["interactive"]["header"] = {"type": sort, sort: file}
        return about
    caption = _numbered(text, choices)
    about = {**file, "caption": _sized(caption, CAPTION)} if caption else file
    return {"type": sort, sort: about}


def _checked(choices: Sequence[Choice]) -> Sequence[Choice]:
    ids = [choice.data for choice in choices]
    if any(not choice.label.strip() for choice in choices):
        raise Permanent("label_empty")
    if any(not 0 < len(each.encode()) <= _DATA for each in ids):
        raise Permanent("data_too_long")
    if len(set(ids)) < len(ids):
        raise Permanent("data_twice")
    return choices


def _fit_on_buttons(choices: Sequence[Choice], text: str) -> bool:
    labels = {choice.label for choice in choices}
    short = all(len(label) <= BUTTON for label in labels)
    return len(choices) <= BUTTONS and len(labels) == len(choices) and short and 0 < len(text) <= CAPTION


def _interactive(sort: str, text: str, action: Json) -> Json:
    return {"type": "interactive", "interactive": {"type": sort, "body": {"text": text}, "action": action}}


def _buttons(choices: Sequence[Choice]) -> Json:
    return {"buttons": [{"type": "reply", "reply": {"id": choice.data, "title": choice.label}} for choice in choices]}


def _list(choices: Sequence[Choice], pick: str) -> Json:
    rows: list[Json] = []
    taken: set[str] = set()
    for choice in choices:
        title = _own_title(choice.label, taken)
        taken.add(title)
        row = {"id": choice.data, "title": title}
        if title != choice.label:
            row["description"] = shorten(choice.label, ROW_WORDS)
        rows.append(row)
    return {"button": shorten(pick, BUTTON), "sections": [{"rows": rows}]}


def _own_title(label: str, taken: set[str]) -> str:
    """The label cut to a row; where another row is called so already, a number tells them apart."""
    title, number = shorten(label, ROW), 1
    while title in taken:
        number += 1
        title = f"{shorten(label, ROW - len(f' ({number})'))} ({number})"
    return title


def _numbered(text: str, choices: Sequence[Choice]) -> str:
    """The ready answers written out: people answer by the number."""
    lines = [f"{number}. {plain(choice.label)}" for number, choice in enumerate(choices, 1)]
    return "\n".join(line for line in (text, "\n".join(lines)) if line)


def _sized(text: str, most: int) -> str:
    if not text.strip():
        raise Permanent("empty")
    if len(text) > most:
        raise Permanent("too_long")
    return text
