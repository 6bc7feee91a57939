"""Ibu Sari on Telegram, by webhook. What polling adds is in test_telegram_channel.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.web import build_doors
from channels.telegram import Telegram
from conversation.messages import Incoming
from tests.networks.sari import NUMBER, Door, Sari, Shown
from tests.servers.doors import open_doors
from tests.servers.telegram import TOKEN, TelegramServer
from tests.servers.telegram_people import Person
from tests.servers.telegram_things import Message

SECRET = "rahasia-webhook-uji-0001"


@asynccontextmanager
async def on_telegram() -> AsyncIterator[Sari]:
    door = Door()
    doors = build_doors(receive=door.receive, webhooks={"telegram": "/telegram"})
    async with TelegramServer() as server, open_doors(doors) as port:
        address = f"http://127.0.0.1:{port}/telegram"
        door.channel = telegram = Telegram(
            token=TOKEN, api_url=server.base, webhook_url=address, webhook_secret=SECRET, answer_seconds=5
        )
        await telegram.start()
        yield SariOnTelegram(telegram, server, door, address)
        await telegram.close()


class SariOnTelegram:
    number, language = "", "id"

    def __init__(self, channel: Telegram, server: TelegramServer, door: Door, address: str) -> None:
        self.channel = channel
        self.server = server
        self.arrived, self.receipts = door.all, door.receipts
        self._door = door
        self._address = address
        self.person = Person(server, "Sari", phone=NUMBER, started=True)
        self.to = str(self.person.id)

    async def says(self, text: str) -> Incoming:
        await self.person.says(text)
        return await self._door.one()

    async def edits(self, message_id: str, text: str) -> Incoming:
        await self.person.edits(text, message_id=int(message_id))
        return await self._door.one()

    async def taps(self, label: str) -> Incoming:
        await self.person.taps(label)
        return await self._door.one()

    async def sends(self, content: bytes, *, what: str = "photo", album: bool = False) -> Incoming:
        if what == "document":
            await self.person.sends_document(content, "surat.pdf", mime="application/pdf")
        elif album:
            await self.person.sends_album([content])
        else:
            await self.person.sends_photo(content, as_document=what == "image")
        return await self._door.one()

    async def shares_number(self, *, own: bool = True) -> Incoming:
        await self.person.shares_contact(own=own)
        return await self._door.one()

    async def blocks(self) -> Incoming:
        await self.person.blocks()
        return await self._door.one()

    async def unblocks(self) -> Incoming:
        await self.person.unblocks()
        return await self._door.one()

    def sees(self) -> list[Shown]:
        return [_on_telegram(message) for message in self.person.sees()]

    def wrote(self) -> list[str]:
        return [str(message.message_id) for message in self.person.wrote()]

    def offer(self) -> str:
        keys = [key for row in (self.person.chat.keyboard or ((),))[0] for key in row]
        return next((key.text for key in keys if key.asks == "contact"), "")

    def menu(self) -> list[str]:
        return self.person.commands()

    async def toast(self) -> str:
        return await self.person.toast()

    async def sees_typing(self) -> None:
        await self.server.called("sendChatAction")

    def waits(self, *, hours: float) -> None:
        self.server.skip(hours=hours)

    def network_is_busy(self) -> None:
        self.server.fault("send*", 429, retry_after=7, times=None)

    def network_is_well(self) -> None:
        self.server.clear_faults()
        self.server.doors.pace.told.clear()

    async def posts(self, body: bytes, *, stranger: bool = False) -> int:
        headers = {} if stranger else {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with aiohttp.ClientSession() as http, http.post(self._address, data=body, headers=headers) as answer:
            return answer.status


def _on_telegram(message: Message) -> Shown:
    text = message.text.encode("utf-16-le")
    places = [(2 * each["offset"], 2 * each["length"]) for each in message.entities if each["type"] == "bold"]
    sent = message.file
    photo = sent is not None and sent.kind == "Photo"
    return Shown(
        str(message.message_id),
        message.text,
        tuple(text[start : start + length].decode("utf-16-le") for start, length in places),
        tuple(tuple(button.text for button in row) for row in message.rows),
        sent.content if sent and photo else b"",
        (sent.name, sent.content) if sent and not photo else ("", b""),
        message.protected,
    )
