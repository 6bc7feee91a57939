"""Invites an officer or admin: a one-time code, and the link that carries it.

Not for: taking the code (handlers/staff.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot.networks import channels_of
from bot.problems import CannotStart
from bot.work import Work
from channels.base import SendFailed
from channels.telegram import Telegram
from channels.telegram_probe import NoAnswer, probe
from channels.whatsapp import WhatsApp
from domain.link import Link
from domain.officer import Role
from domain.region import Places
from domain.registration import Actor
from storage.areas import load_places
from storage.store import Tx

_HOUR: Final = 3_600_000
_DISTRICT: Final = ("kecamatan ", "kec. ", "kec ")


async def invite(work: Work, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """`role` is "officer" or "admin"; `areas` are codes or names of kecamatan and villages, none for all."""
    role = Role(args["role"])
    places = load_places(work.settings.area)
    areas = sorted({area_code(text, places) for text in args["areas"]})
    code, until = await work.store.transact(_invite, role, areas, work.settings.invite_hours)
    yield f"Code for one {role.value}, valid until {until:%Y-%m-%d %H:%M} UTC: {code}"
    yield f"Area: {', '.join(_named(areas, places)) or places.area.name}"
    links, troubles = await _links(work)
    for link in links.values():
        yield f"Link: {link(code)}"
    for trouble in troubles:
        yield f"There is no link now: {trouble}."
    yield f"Without a link, the person writes to the bot: GABUNG {code}"


def area_code(text: str, places: Places) -> str:
    """The code of a kecamatan or village given by code or name. Raises CannotStart, with codes to choose from."""
    if text[:1].isdigit():
        return _known_code(text, places)
    wanted = text.strip().casefold()
    says_district = wanted.startswith(_DISTRICT)
    for word in _DISTRICT:
        wanted = wanted.removeprefix(word)
    districts = [(d.code, f"Kecamatan {d.name}") for d in places.districts if d.name.casefold() == wanted]
    villages = [(v.code, v.label) for v in places.villages if wanted in {v.name.casefold(), v.label.casefold()}]
    found = districts if says_district else [*districts, *villages]
    if len(found) == 1:
        return found[0][0]
    if not found:
        found = [(v.code, v.label) for v in places.find(text).villages]
    choices = ", ".join(f"{label} {code}" for code, label in found)
    raise CannotStart(
        f"{text!r} may be several places; give the code: {choices}."
        if found
        else f"No kecamatan or village of {places.area.name} is called {text!r}: give its code, such as"
        f" {places.districts[0].code}."
    )


def _known_code(text: str, places: Places) -> str:
    digits = "".join(sign for sign in text if sign.isdigit())
    code = ".".join(part for part in (digits[:2], digits[2:4], digits[4:6], digits[6:]) if part)
    if places.village(code) is None and all(code != district.code for district in places.districts):
        raise CannotStart(f"{text} is no kecamatan or village of {places.area.name}: look up its Kemendagri code.")
    return code


def _named(areas: Iterable[str], places: Places) -> list[str]:
    districts = {district.code: f"Kecamatan {district.name}" for district in places.districts}
    villages = {village.code: village.label for village in places.villages}
    return [(districts | villages)[code] for code in areas]


def _invite(tx: Tx, role: Role, areas: list[str], hours: int) -> tuple[str, datetime]:
    expires_at = tx.at + hours * _HOUR
    code = tx.staff.invite(role=role, areas=areas, expires_at=expires_at)
    tx.audit.record("invited", actor=Actor.SYSTEM, detail=role)
    return code, datetime.fromtimestamp(expires_at / 1000, UTC)


async def _links(work: Work) -> tuple[Mapping[str, Link], list[str]]:
    """Our address on each channel, and why one is not known."""
    if work.links is not None:
        return work.links, []
    links: dict[str, Link] = {}
    troubles = []
    settings = work.settings
    if settings.telegram_token is not None:
        try:
            bot = await probe(token=settings.telegram_token.get_secret_value(), api_url=settings.telegram_api_url)
            links[Telegram.name] = partial(_telegram_link, bot.username)
        except NoAnswer as reason:
            troubles.append(f"Telegram {reason}")
    whatsapp = channels_of(settings).get(WhatsApp.name)
    if isinstance(whatsapp, WhatsApp):
        try:
            await whatsapp.start()
            links[WhatsApp.name] = whatsapp.link
        except SendFailed as failed:
            troubles.append(f"WhatsApp does not tell our number ({failed.code})")
        finally:
            await whatsapp.close()
    return links, troubles


def _telegram_link(username: str, code: str = "") -> str:
    return f"https://t.me/{username}" + (f"?start={code}" if code else "")
