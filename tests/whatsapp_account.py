"""Our channel with the account that the pretended Graph server knows; what it reads is kept for the test.

Not for: Ibu Sari on any network (tests/networks/) or the whole program.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.texts import Voice
from bot.web import build_doors
from channels.base import Refused
from channels.whatsapp import WhatsApp, WhatsAppWords
from conversation.messages import Incoming, Receipt
from tests.servers.doors import open_doors
from tests.servers.whatsapp import (
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    TOKEN,
    VERIFY_TOKEN,
    WhatsAppServer,
)

SAY = Voice("Asia/Jayapura")


def channel_to(base: str, **about: Any) -> WhatsApp:
    """The channel, not started."""
    ours: dict[str, Any] = {
        "token": TOKEN,
        "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "words": WhatsAppWords(pick="Pilih", say=SAY),
        "api_url": base,
    }
    return WhatsApp(**{**ours, **about})


@asynccontextmanager
async def door_of(whatsapp: WhatsApp) -> AsyncIterator[tuple[str, list[Incoming | Receipt]]]:
    """Its door, open: the address, and what the channel reads there."""
    found: list[Incoming | Receipt] = []

    async def receive(_: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            found.extend(whatsapp.read(body, headers))
        except Refused:
            return 401
        return 200

    doors = build_doors(receive=receive, webhooks={"whatsapp": "/whatsapp"}, verifies={"whatsapp": whatsapp.verify})
    async with open_doors(doors) as port:
        yield f"http://127.0.0.1:{port}/whatsapp", found


@asynccontextmanager
async def heard(server: WhatsAppServer, whatsapp: WhatsApp) -> AsyncIterator[list[Incoming | Receipt]]:
    """What the channel reads while notices come to its door."""
    async with door_of(whatsapp) as (address, found):
        server.webhook(address)
        yield found
        server.webhook("")
