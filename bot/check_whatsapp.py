"""WhatsApp's part of the go-live check: token, number, where notices go, late texts, the time there.

Not for: asking Meta (channels/whatsapp_probe.py) or submitting late texts (bot/templates.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.finding import Finding
from bot.setting_kinds import is_loopback
from bot.settings import WHATSAPP_PATH, Settings
from bot.texts import Voice
from channels.whatsapp_probe import NoAnswer, Probe, probe
from storage.areas import load_places

_SUBMIT: Final = "run `python -m bot templates --submit`"
# The states in the order in which they are told, and what is to be done about each.
_LATE_TEXTS: Final = (
    ("missing", f"are not there yet: {_SUBMIT}."),
    ("changed", f"have other words there: {_SUBMIT}."),
    ("rejected", f"were rejected: WhatsApp Manager names the reason. Change their words, then {_SUBMIT}."),
    ("paused", "are paused, for people complained of them: WhatsApp Manager says until when."),
    ("disabled", "are switched off for good, for many complained of them: WhatsApp Manager says what can be done."),
    ("pending", "are being reviewed, which takes minutes to a day: look again later."),
)
_NAME_IS_WELL: Final = ("", "approved", "available_without_review", "none")


async def check_whatsapp(settings: Settings, token: str) -> tuple[list[Finding], datetime | None]:
    """What was found, and what time it is at Meta; None where it does not tell."""
    assert settings.whatsapp_phone_number_id is not None
    assert settings.whatsapp_business_account_id is not None
    found = list(_api(settings))
    try:
        seen = await probe(
            token=token,
            phone_number_id=settings.whatsapp_phone_number_id,
            business_account_id=settings.whatsapp_business_account_id,
            api_url=settings.whatsapp_api_url,
            api_version=settings.whatsapp_api_version,
            say=Voice(load_places(settings.area).area.zone),
        )
    except NoAnswer as reason:
        trouble = f"Meta {reason}: look at LINDUNG_WHATSAPP_TOKEN, the two ids beside it, and the network."
        return [Finding(False, trouble), *found], None
    known = Finding(True, f"Meta knows the token: WhatsApp number {seen.number}, {seen.verified_name}.")
    return [known, *_number(seen), _notices(settings, seen), *_late_texts(seen), *found], seen.at


def _number(seen: Probe) -> Iterator[Finding]:
    if seen.status and seen.status != "connected":
        yield Finding(False, f"The WhatsApp number is {seen.status}: look at it in WhatsApp Manager.")
    if seen.name_status not in _NAME_IS_WELL:
        yield Finding(
            False, f"The name that people see beside the number is {seen.name_status}: look at it in WhatsApp Manager."
        )
    if seen.quality in ("yellow", "red"):
        yield Finding(
            False, f"Meta rates the number {seen.quality}: people complain. Send fewer broadcasts, better chosen."
        )
    else:
        yield Finding(True, f"Meta rates the number {seen.quality or 'not yet'}.")
    limit = "as many people as we like" if seen.daily is None else f"{seen.daily:,} people"
    yield Finding(True, f"Within a day we may write first to {limit}.")


def _notices(settings: Settings, seen: Probe) -> Finding:
    if settings.public_url is None:
        return Finding(
            False,
            "LINDUNG_PUBLIC_URL is not set: Meta must be told by hand to bring what people write to"
            f" {WHATSAPP_PATH}, and officers on WhatsApp are shown no KTP.",
        )
    ours = f"{settings.public_url}{WHATSAPP_PATH}"
    if not seen.subscribed:
        return Finding(
            False, f"Meta tells nobody what people write: start the program, which asks for it at {ours}, once."
        )
    if seen.callback and seen.callback != ours:
        return Finding(
            False, "Meta brings what people write to another address: start the program, which names its own."
        )
    if not seen.callback:
        return Finding(True, f"Meta brings what people write to the app's own address; it must be {ours}.")
    return Finding(True, f"Meta brings what people write to {ours}.")


def _late_texts(seen: Probe) -> Iterator[Finding]:
    well = True
    for state, sentence in _LATE_TEXTS:
        names = [name for name, told in seen.late_texts.items() if told == state]
        if names:
            well = False
            yield Finding(False, f"Late texts {', '.join(names)} {sentence}")
    if well:
        yield Finding(True, f"All {len(seen.late_texts)} late texts are approved.")


def _api(settings: Settings) -> Iterator[Finding]:
    api = urlsplit(settings.whatsapp_api_url)
    if api.scheme == "http" and not is_loopback(api.hostname or ""):
        yield Finding(False, "LINDUNG_WHATSAPP_API_URL is not https: the token can be read on the way.")
