"""Ibu Sari on WhatsApp, who lets her number be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import aiohttp
import pytest

from bot.texts import Voice
from bot.web import build_doors
from channels.whatsapp import WhatsApp, WhatsAppWords
from channels.whatsapp_read import known_as
from conversation.messages import Incoming
from tests.networks.sari import NUMBER, Door, Sari, Shown
from tests.servers.doors import open_doors
from tests.servers.whatsapp import (
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    TOKEN,
    VERIFY_TOKEN,
    WhatsAppServer,
)
from tests.servers.whatsapp_bodies import sign
from tests.servers.whatsapp_people import Person
from tests.servers.whatsapp_things import Message

WORDS = WhatsAppWords(pick="Pilih", say=Voice("Asia/Jayapura"))


@asynccontextmanager
async def on_whatsapp() -> AsyncIterator[Sari]:
    door = Door()
    doors = build_doors(receive=door.receive, webhooks={"whatsapp": "/whatsapp"})
    async with WhatsAppServer() as server, open_doors(doors) as port:
        address = f"http://127.0.0.1:{port}/whatsapp"
        door.channel = whatsapp = WhatsApp(
            token=TOKEN,
            phone_number_id=PHONE_NUMBER_ID,
            business_account_id=BUSINESS_ACCOUNT_ID,
            app_secret=APP_SECRET,
            verify_token=VERIFY_TOKEN,
            api_url=server.base,
            words=WORDS,
            answer_seconds=5,
        )
        await whatsapp.start()
        server.webhook(address)
        yield SariOnWhatsApp(whatsapp, server, door, address)
        await whatsapp.close()
        assert server.violations("error") == []


class SariOnWhatsApp:
    language = ""
    number = NUMBER.removeprefix("+")

    def __init__(self, channel: WhatsApp, server: WhatsAppServer, door: Door, address: str) -> None:
        self.channel = channel
        self.server = server
        self.arrived, self.receipts = door.all, door.receipts
        self._door = door
        self._address = address
        self.person = Person(server, "Sari", phone=NUMBER)
        self.person.account.wrote_at = server.world.now()
        self.to = self.person.user_id

    async def says(self, text: str) -> Incoming:
        await self.person.says(text)
        return await self._door.one()

    async def edits(self, message_id: str, text: str) -> Incoming:
        (own,) = (each.id for each in self.person.wrote() if known_as(each.id) == message_id)
        await self.person.edits(text, message_id=own)
        return await self._door.one()

    async def taps(self, label: str) -> Incoming:
        await self.person.taps(label)
        return await self._door.one()

    async def sends(self, content: bytes, *, what: str = "photo", album: bool = False) -> Incoming:
        if album:
            pytest.skip("WhatsApp brings the photos of an album one by one")
        if what == "document":
            await self.person.sends_document(content, "surat.pdf", mime="application/pdf")
        else:
            await self.person.sends_photo(content, as_document=what == "image")
        return await self._door.one()

    async def shares_number(self, *, own: bool = True) -> Incoming:
        await self.person.shares_contact(own=own)
        return await self._door.one()

    async def blocks(self) -> NoReturn:
        pytest.skip("WhatsApp tells nobody who blocked us")

    async def unblocks(self) -> NoReturn:
        pytest.skip("WhatsApp tells nobody who lets us in again")

    def sees(self) -> list[Shown]:
        return [_on_whatsapp(message) for message in self.person.sees()]

    def wrote(self) -> list[str]:
        return [known_as(message.id) for message in self.person.wrote()]

    def offer(self) -> NoReturn:
        pytest.skip("WhatsApp has no button that shares the own number")

    def menu(self) -> NoReturn:
        pytest.skip("WhatsApp has no menu of commands")

    async def toast(self) -> NoReturn:
        pytest.skip("WhatsApp answers a tap with nothing")

    async def sees_typing(self) -> None:
        await self.person.sees_typing()

    def waits(self, *, hours: float) -> None:
        self.server.skip(hours=hours)

    def network_is_busy(self) -> None:
        self.server.fault("*", 130429, times=None)

    def network_is_well(self) -> None:
        self.server.clear_faults()

    async def posts(self, body: bytes, *, stranger: bool = False) -> int:
        headers = {} if stranger else {"X-Hub-Signature-256": sign(body)}
        async with aiohttp.ClientSession() as http, http.post(self._address, data=body, headers=headers) as answer:
            return answer.status


def _on_whatsapp(message: Message) -> Shown:
    labels = tuple(message.labels)
    # Up to three buttons are one group under the text; a list opens with one answer a line.
    rows = (labels,) if message.kind == "button" else message.rows
    return Shown(known_as(message.id), message.text, message.bold, rows, message.picture, message.document)
