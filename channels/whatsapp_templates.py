"""Late texts as Meta's message templates: how they are written, which of Meta's rules they break, how they are sent.

Not for: asking Meta about them (whatsapp_desk.py) or which late texts there are (conversation/late.py).
https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, Final

from channels.base import NeedsTemplate
from channels.whatsapp_text import marked, plain
from conversation.late import LATE_TEXTS, LateText
from conversation.messages import Message
from conversation.say import Say

PREFIX: Final = "lindung_"
LANGUAGE: Final = "id"
_BODY: Final = 1024
_BUTTON: Final = 25
_BUTTONS: Final = 10
_NAME: Final = re.compile(r"[a-z0-9_]{1,504}")
_VARIABLE: Final = re.compile(r"\{\{\d+\}\}")
_AT_AN_EDGE: Final = re.compile(r"\s*\{\{\d+\}\}.*|.*\{\{\d+\}\}[\s\W]*", re.DOTALL)
_HEADS: Final = {"photo": "IMAGE", "document": "DOCUMENT"}

# What a reviewer sees in the place of a photo or a document: a grey square, an empty page.
_EXAMPLES: Final[Mapping[str, tuple[bytes, str]]] = {
    "photo": (
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAFoAAABaCAAAAAAdwx7eAAAAOUlEQVR42u3MQQEAAAQEsKN/MLGk4LUFWE2udNRqtVqtVqvV"
            "arVarVar1Wq1Wq1Wq9VqtVqtVj/UC18OAXx62MhpAAAAAElFTkSuQmCC"
        ),
        "image/png",
    ),
    "document": (
        base64.b64decode(
            "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tp"
            "ZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRpYUJveFswIDAgMjAw"
            "IDIwMF0+PmVuZG9iagp4cmVmCjAgNAowMDAwMDAwMDAwIDY1NTM1IGYgCjAwMDAwMDAwMDkgMDAwMDAgbiAKMDAwMDAwMDA1MiAw"
            "MDAwMCBuIAowMDAwMDAwMTAxIDAwMDAwIG4gCnRyYWlsZXI8PC9TaXplIDQvUm9vdCAxIDAgUj4+CnN0YXJ0eHJlZgoxNjQKJSVF"
            "T0YK"
        ),
        "application/pdf",
    ),
}

Json = dict[str, Any]


def template_name(text: LateText) -> str:
    """Its name at Meta."""
    return f"{PREFIX}{text.name}"


def category(text: LateText) -> str:
    """What Meta lets it cost and to whom it lets it go."""
    return "MARKETING" if text.news else "UTILITY"


def example_of(text: LateText) -> tuple[bytes, str] | None:
    """The file that a reviewer is shown above the text, and its sort."""
    return _EXAMPLES.get(text.head)


def components_of(text: LateText, say: Say, *, handle: str = "") -> list[Json]:
    """The template's parts, in Meta's shape; `handle` names the example that was brought for its head."""
    found: list[Json] = []
    if text.head:
        example = {"example": {"header_handle": [handle]}} if handle else {}
        found.append({"type": "HEADER", "format": _HEADS[text.head], **example})
    body: Json = {"type": "BODY", "text": _body(text, say)}
    if text.places:
        body["example"] = {"body_text": [[plain(text.examples.get(place, "")) for place in text.places]]}
    found.append(body)
    if text.choices:
        labels = [plain(say(label)) for label in text.choices]
        found.append({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": label} for label in labels]})
    return found


def problems_of(text: LateText, say: Say) -> list[str]:
    """Which of Meta's rules it breaks, as short plain words; empty for none."""
    body = _body(text, say)
    words = len(re.findall(r"\w+", _VARIABLE.sub(" ", body)))
    labels = [plain(say(label)) for label in text.choices]
    rules = {
        "name": _NAME.fullmatch(text.name) is not None,
        "too_long": len(body) <= _BODY,
        "empty": bool(body.strip()),
        "variable_at_edge": _AT_AN_EDGE.fullmatch(body) is None,
        # Meta's reviewers ask for two words and one more to a variable; fewer are refused at once.
        "too_many_variables": words > 2 * len(text.places),
        "variables_together": re.search(r"\}\}\s*\{\{", body) is None,
        "example_missing": all(text.examples.get(place, "").strip() for place in text.places),
        "example_broken": not any(re.search(r"[\n\t]| {5,}", each) for each in text.examples.values()),
        "too_long_with_examples": len(say(text.text, **_room(text))) <= _BODY,
        "spaces": re.search(r"\n{3,}| {5,}|\t", body) is None,
        "head": text.head in ("", *_HEADS),
        "too_many_choices": len(labels) <= _BUTTONS,
        "choice_too_long": all(0 < len(label) <= _BUTTON for label in labels),
        "choice_twice": len(set(labels)) == len(labels),
        "choice_marked": not any(re.search(r"[\n*_~{}]", label) for label in labels),
    }
    return [rule for rule, kept in rules.items() if not kept]


def is_the_same(ours: Sequence[Json], theirs: object) -> bool:
    """Whether Meta holds these words: examples aside, which it writes in ways of its own."""
    return _bare(ours) == _bare(theirs)


def late_content(out: Message) -> Json:
    """The message as a template, without the file of its head. Raises NeedsTemplate where it has no late text."""
    text = late_text(out)
    assert out.late is not None
    found: list[Json] = []
    if out.late.values:
        values = [{"type": "text", "text": plain(value)} for value in out.late.values]
        found.append({"type": "body", "parameters": values})
    for index, (_, choice) in enumerate(zip(text.choices, out.choices, strict=False)):
        payload = {"type": "payload", "payload": choice.data}
        found.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": [payload]})
    about = {"name": template_name(text), "language": {"code": LANGUAGE}, "components": found}
    return {"type": "template", "template": about}


def late_text(out: Message) -> LateText:
    """The late text of a message. Raises NeedsTemplate where it has none that we know."""
    text = LATE_TEXTS.get(out.late.name) if out.late is not None else None
    if text is None:
        raise NeedsTemplate("no_late_text")
    return text


def with_head(late: Json, file: Json, *, sort: str) -> Json:
    """The template with its photo or document."""
    head = {"type": "header", "parameters": [{"type": sort, sort: file}]}
    about = late["template"]
    return {**late, "template": {**about, "components": [head, *about["components"]]}}


def _body(text: LateText, say: Say) -> str:
    numbered = {place: f"{{{{{number}}}}}" for number, place in enumerate(text.places, 1)}
    return marked(say(text.text, **numbered))


def _room(text: LateText) -> dict[str, str]:
    return {place: text.examples.get(place, "") for _, place, _, _ in Formatter().parse(text.text) if place}


def _bare(components: object) -> list[Json]:
    """What people see of a template, in one order and one spelling."""
    found: list[Json] = []
    for each in components if isinstance(components, Sequence) else ():
        if not isinstance(each, Mapping):
            continue
        sort = str(each.get("type", "")).upper()
        buttons = [(str(b.get("type", "")).upper(), b.get("text")) for b in each.get("buttons", ())]
        shape = str(each.get("format", "TEXT")).upper() if sort == "HEADER" else ""
        found.append({"type": sort, "format": shape, "text": str(each.get("text", "")).strip(), "buttons": buttons})
    return sorted(found, key=lambda each: str(each["type"]))
