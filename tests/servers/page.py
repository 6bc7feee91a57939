"""A web chat page without a browser: it reads the stream, keeps what each phone shows, and confirms it in order.

Not for: how the page looks and what it keeps over a reload; that is tested in a real browser.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

_KNOWN = re.compile(r"(worker|officer|admin)-[1-9][0-9]?")


@dataclass
class Bubble:
    """One message as it stands on a phone; `mine` is the owner's own."""

    id: str
    text: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)
    stacked: bool = False
    picture: bytes = b""
    protected: bool = False
    mine: bool = False
    document: bytes = b""
    document_name: str = ""


@dataclass
class Screen:
    """What one phone shows, besides messages: the offer to share the number, the menu, the last toast."""

    bubbles: dict[str, Bubble] = field(default_factory=dict)
    offer: str = ""
    menu: list[list[str]] = field(default_factory=list)
    toast: str | None = None
    blocked: bool = False


class Page:
    """One open page at `address` (http://127.0.0.1:PORT/demo/TOKEN). `silent` shows without confirming.

    `hung_up_on` tells a stream that was ended from one that broke.
    """

    def __init__(self, address: str, *, silent: bool = False) -> None:
        self.address = address
        self.silent = silent
        self.seen: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.files: dict[str, bytes] = {}
        self.phones: dict[str, Screen] = {}
        self.ended = asyncio.Event()
        self.hung_up_on = False
        self._said: dict[str, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession()
        self.stream = await self.http.get(f"{self.address}/events", timeout=aiohttp.ClientTimeout(total=None))
        assert self.stream.status == 200
        await self.stream.content.readuntil(b"\n\n")
        self.reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *args: object) -> None:
        self.reading.cancel()
        await asyncio.gather(self.reading, return_exceptions=True)
        self.stream.close()
        await self.http.close()

    async def next(self) -> dict[str, Any]:
        """The next event, in the order of the stream."""
        return await asyncio.wait_for(self.seen.get(), 10)

    async def post(self, **update: Any) -> int:
        """One update as the page writes it; gives the status."""
        update.setdefault("id", uuid.uuid4().hex)
        async with self.http.post(f"{self.address}/update", json=update) as answer:
            return answer.status

    def phone(self, name: str) -> Screen:
        """The phone of this id, such as "worker-1"."""
        return self.phones.setdefault(name, Screen())

    async def _read(self) -> None:
        try:
            unread = b""
            async for part in self.stream.content.iter_any():
                *frames, unread = (unread + part).split(b"\n\n")
                for frame in frames:
                    if frame.startswith(b"data: "):
                        await self._take(json.loads(frame[6:]))
            self.hung_up_on = True
        except aiohttp.ClientError:
            pass
        finally:
            self.ended.set()

    async def _take(self, event: dict[str, Any]) -> None:
        self.seen.put_nowait(event)
        if self.silent or "id" not in event:
            return
        if event["type"] == "fetch" and event["ref"] in self.files:
            data = self.files[event["ref"]]
            async with self.http.put(f"{self.address}/files/{event['id']}", data=data):
                return
        document = b""
        if event.get("document"):
            async with self.http.get(f"{self.address}/files/{event['id']}") as answer:
                assert answer.status == 200
                document = await answer.read()
            assert len(document) == event["document"]["size"]
        if event["id"] not in self._said:
            self._said[event["id"]] = self._show(event, document)
        said = {"id": event["id"], **self._said[event["id"]]}
        async with self.http.post(f"{self.address}/confirm", json=said) as answer:
            assert answer.status == 204

    def _show(self, event: dict[str, Any], document: bytes) -> dict[str, str]:
        """Change the phone this event is for; what to confirm, as the page in the browser does."""
        if event["type"] == "fetch":
            return {"error": "gone"}
        if not _KNOWN.fullmatch(event["to"]):
            return {"error": "no_phone"}
        phone = self.phone(event["to"])
        if phone.blocked:
            return {"error": "blocked"}
        match event["type"]:
            case "message":
                return _message(phone, event, document)
            case "edit":
                return _edit(phone, event)
            case "delete":
                phone.bubbles.pop(event["ref"], None)
            case "commands":
                phone.menu = event["entries"]
            case "ack":
                phone.toast = event["text"]
        return {}


def _message(phone: Screen, event: dict[str, Any], document: bytes) -> dict[str, str]:
    number = f"m-{event['id']}"
    phone.bubbles[number] = Bubble(
        number,
        event["text"],
        event["choices"],
        event["stacked"],
        base64.b64decode(event["photo"]),
        event["protected"],
        document=document,
        document_name=event["document"]["name"] if event["document"] else "",
    )
    if event["ends_phone"]:
        phone.offer = ""
    phone.offer = event["asks_phone"] or phone.offer
    return {"message_id": number}


def _edit(phone: Screen, event: dict[str, Any]) -> dict[str, str]:
    bubble = phone.bubbles.get(event["ref"])
    if bubble is None:
        return {"error": "no_message"}
    if event["blank"]:
        bubble.text, bubble.picture, bubble.document, bubble.document_name = "", b"", b"", ""
    elif event["text"] is not None:
        bubble.text = event["text"]
    bubble.choices, bubble.stacked = event["choices"], event["stacked"]
    return {}
