"""Ibu Sari on the demo's page, where she has the first phone."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import pytest

from bot.web import build_doors
from channels.webchat import WebChat
from conversation.messages import Incoming
from tests.networks.sari import NUMBER, Door, Sari, Shown
from tests.servers.doors import open_doors
from tests.servers.page import Bubble, Page

_MARKED = re.compile(r"\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*")


@asynccontextmanager
async def on_the_page() -> AsyncIterator[Sari]:
    door, token = Door(), "a-token-of-the-demo-page"
    door.channel = webchat = WebChat(patience=10)
    doors = build_doors(receive=door.receive, webchat=webchat, page_token=token)
    async with open_doors(doors, webchat=webchat) as port, Page(f"http://127.0.0.1:{port}/demo/{token}") as page:
        await webchat.start()
        yield SariOnThePage(webchat, page, door)
        await webchat.close()


class SariOnThePage:
    to, number, language = "worker-1", "", "id"

    def __init__(self, channel: WebChat, page: Page, door: Door) -> None:
        self.channel = channel
        self.page = page
        self.phone = page.phone(self.to)
        self.arrived, self.receipts = door.all, door.receipts
        self._door = door

    async def says(self, text: str) -> Incoming:
        return await self._does("text", own_message=True, text=text)

    async def edits(self, message_id: str, text: str) -> Incoming:
        return await self._does("edit", message_id=message_id, text=text)

    async def taps(self, label: str) -> Incoming:
        for bubble in reversed(self.phone.bubbles.values()):
            for choice in bubble.choices:
                if choice["label"] == label:
                    self.phone.toast = None
                    return await self._does("tap", message_id=bubble.id, data=choice["data"])
        raise AssertionError(f"there is no {label!r} to tap")

    async def sends(self, content: bytes, *, what: str = "photo", album: bool = False) -> Incoming:
        ref = uuid.uuid4().hex
        self.page.files[ref] = content
        mime = "application/pdf" if what == "document" else "image/jpeg"
        name = {"document": "surat.pdf", "image": "ktp.jpg"}.get(what, "foto.jpg")
        about = {"what": what, "ref": ref, "size": len(content), "mime": mime, "file_name": name}
        about["album"] = "a-1" if album else ""
        return await self._does("file", own_message=True, **about)

    async def shares_number(self, *, own: bool = True) -> Incoming:
        self.phone.offer = ""
        return await self._does("phone", own_message=True, number=NUMBER, own=own)

    async def blocks(self) -> Incoming:
        self.phone.blocked = True
        return await self._does("blocked")

    async def unblocks(self) -> Incoming:
        self.phone.blocked = False
        return await self._does("returned")

    def sees(self) -> list[Shown]:
        return [_on_the_page(bubble) for bubble in self.phone.bubbles.values() if not bubble.mine]

    def wrote(self) -> list[str]:
        return [bubble.id for bubble in self.phone.bubbles.values() if bubble.mine]

    def offer(self) -> str:
        return self.phone.offer

    def menu(self) -> list[str]:
        return [word for word, _ in self.phone.menu]

    async def toast(self) -> str:
        # What was sent to the page is shown before the send returns.
        assert self.phone.toast is not None
        return self.phone.toast

    async def sees_typing(self) -> None:
        async with asyncio.timeout(10):
            while (await self.page.next())["type"] != "typing":
                pass

    def waits(self, *, hours: float) -> NoReturn:
        pytest.skip("the page deletes messages of any age")

    def network_is_busy(self) -> None:
        self.page.silent, self.channel.patience = True, 0.05

    def network_is_well(self) -> None:
        self.page.silent, self.channel.patience = False, 10

    async def posts(self, body: bytes, *, stranger: bool = False) -> int:
        address = self.page.address[:-1] + "x" if stranger else self.page.address
        async with self.page.http.post(f"{address}/update", data=body) as answer:
            return answer.status

    async def _does(self, kind: str, *, own_message: bool = False, **about: Any) -> Incoming:
        if own_message:
            about["message_id"] = uuid.uuid4().hex
            self.phone.bubbles[about["message_id"]] = Bubble(about["message_id"], mine=True)
        assert await self.page.post(kind=kind, phone=self.to, name="Sari", **about) == 200
        return await self._door.one()


def _on_the_page(bubble: Bubble) -> Shown:
    labels = [choice["label"] for choice in bubble.choices]
    return Shown(
        bubble.id,
        _MARKED.sub(r"\1", bubble.text),
        tuple(_MARKED.findall(bubble.text)),
        tuple((label,) for label in labels) if bubble.stacked or not labels else (tuple(labels),),
        bubble.picture,
        (bubble.document_name, bubble.document),
        bubble.protected,
    )
