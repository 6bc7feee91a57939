"""The command `templates`: late texts as WhatsApp calls them, printed, held to its rules, submitted for review.

Not for: which late texts there are (conversation/late.py) or how one is written for Meta (channels/).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from bot.finding import Finding
from bot.problems import CannotStart
from bot.settings import Settings
from bot.texts import Voice
from channels.base import SendFailed
from channels.whatsapp_desk import TemplateDesk
from channels.whatsapp_probe import what_meta_does
from channels.whatsapp_request import Graph
from channels.whatsapp_templates import category, components_of, problems_of, template_name
from conversation.late import LATE_TEXTS, LateText
from conversation.say import Say
from storage.areas import load_places

_RULES: Final[Mapping[str, str]] = {
    "name": "its name may have small letters, digits and _ only",
    "too_long": "it has more than 1,024 letters",
    "empty": "it has no words",
    "variable_at_edge": "it begins or ends with a value",
    "too_many_variables": "it has too few words for its values",
    "variables_together": "two values stand side by side",
    "example_missing": "a value has no example",
    "example_broken": "an example has more than one line or many spaces",
    "too_long_with_examples": "filled in it has more than 1,024 letters",
    "spaces": "it has empty lines, tabs or many spaces in a row",
    "head": "only a photo or a document may stand above it",
    "too_many_choices": "it has more than ten ready answers",
    "choice_too_long": "a ready answer is empty or has more than 25 letters",
    "choice_twice": "two ready answers are the same",
    "choice_marked": "a ready answer has signs that WhatsApp does not take",
}
_AS_IT_IS: Final[Mapping[str, Finding]] = {
    "approved": Finding(True, "is approved."),
    "pending": Finding(True, "is being reviewed: look again later."),
    "rejected": Finding(
        False, "was rejected: WhatsApp Manager names the reason. Change its words in locales/id, then submit again."
    ),
    "paused": Finding(False, "is paused by Meta, for people complained of it: WhatsApp Manager says until when."),
    "disabled": Finding(
        False,
        "is switched off for good by Meta, for people complained of it again and again: WhatsApp Manager says what can"
        " be done.",
    ),
}
_DONE: Final[Mapping[str, str]] = {"missing": "was submitted", "changed": "was changed there"}


def show_texts(settings: Settings, states: Mapping[str, str]) -> Iterator[str]:
    """Each with its words in Indonesian, its places with examples, and its state where one is known."""
    say = _say(settings)
    for text in LATE_TEXTS.values():
        state = f": {states[text.name]}" if text.name in states else ""
        yield f"{template_name(text)} ({category(text).lower()}){state}"
        if text.head:
            yield f"  [{text.head}]"
        for component in components_of(text, say):
            if component["type"] == "BODY":
                yield from (f"  {line}" for line in component["text"].split("\n"))
        for number, place in enumerate(text.places, 1):
            yield f"  {{{{{number}}}}} {place}: {text.examples[place]}"
        for label in text.choices:
            yield f"  ({say(label)})"
        if not text.whole:
            yield "  It only knocks: the message itself follows when the person writes."
        yield ""


def check_texts(settings: Settings, texts: Mapping[str, LateText] = LATE_TEXTS) -> list[Finding]:
    """Whether they keep WhatsApp's rules, a sentence for each broken one."""
    say = _say(settings)
    found = [
        Finding(False, f"{template_name(text)}: {_RULES.get(code, code)}.")
        for text in texts.values()
        for code in problems_of(text, say)
    ]
    return found or [Finding(True, f"All {len(texts)} late texts keep WhatsApp's rules.")]


async def states_there(settings: Settings) -> dict[str, str]:
    """The state of each at Meta; nothing where WhatsApp is not configured. Raises CannotStart."""
    if settings.whatsapp_token is None:
        return {}
    async with _desk(settings) as desk:
        return await desk.states()


async def submit_texts(settings: Settings) -> AsyncIterator[Finding]:
    """Submit what is missing and what has other words there; say of each what was done. Raises CannotStart."""
    if settings.whatsapp_token is None:
        raise CannotStart("WhatsApp is not configured: set LINDUNG_WHATSAPP_TOKEN first, see docs/whatsapp.md.")
    async with _desk(settings) as desk:
        states = await desk.states()
        for name, text in LATE_TEXTS.items():
            try:
                after = await desk.submit(text) if states[name] in _DONE else states[name]
            except SendFailed as failed:
                yield Finding(False, f"{template_name(text)} was not submitted: {_trouble(failed)}.")
                continue
            now = _AS_IT_IS.get(after, Finding(False, f"is {after}."))
            done = f"{_DONE[states[name]]} and " if states[name] in _DONE else ""
            yield Finding(now.well, f"{template_name(text)} {done}{now.sentence}")


def _trouble(failed: SendFailed) -> str:
    return _RULES.get(failed.code) or f"Meta {what_meta_does(failed)}"


def _say(settings: Settings) -> Say:
    return Voice(load_places(settings.area).area.zone)


@asynccontextmanager
async def _desk(settings: Settings) -> AsyncIterator[TemplateDesk]:
    """Meta's desk for templates, while it is asked. Raises CannotStart where it does not answer."""
    token, account = settings.whatsapp_token, settings.whatsapp_business_account_id
    assert token is not None
    assert account is not None
    graph = Graph(
        token=token.get_secret_value(), api_url=settings.whatsapp_api_url, api_version=settings.whatsapp_api_version
    )
    graph.open()
    try:
        yield TemplateDesk(graph, account, _say(settings))
    except SendFailed as failed:
        raise CannotStart(f"Meta {what_meta_does(failed)}: see docs/whatsapp.md.") from None
    finally:
        await graph.close()
