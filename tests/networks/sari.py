"""Ibu Sari on any network: what she does reaches our channel through its real door, and what she then sees.

Not for: how she does it on one network; that is in the modules beside this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from channels.base import Channel, Refused
from conversation.messages import Incoming, Receipt

NUMBER = "+6281234500001"


@dataclass(frozen=True)
class Shown:
    """A message as it stands on Sari's phone: `rows` are the labels of its ready answers, `bold` its bold words.

    `document` is a file that came with it, as (name, bytes).
    """

    id: str
    text: str
    bold: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    picture: bytes = b""
    document: tuple[str, bytes] = ("", b"")
    protected: bool = False


class Sari(Protocol):
    """Ibu Sari, her phone, and our channel at the other end. What she does gives the Incoming it was read as.

    `number` and `language` are what the network tells of her along with every message, empty where it tells none.
    """

    channel: Channel
    to: str
    number: str
    language: str

    async def says(self, text: str) -> Incoming: ...
    async def edits(self, message_id: str, text: str) -> Incoming: ...
    async def taps(self, label: str) -> Incoming: ...
    async def sends(self, content: bytes, *, what: str = "photo", album: bool = False) -> Incoming:
        """Send a "photo", a picture as a file ("image") or another "document"."""

    async def shares_number(self, *, own: bool = True) -> Incoming: ...
    async def blocks(self) -> Incoming: ...
    async def unblocks(self) -> Incoming: ...

    def sees(self) -> list[Shown]:
        """Our messages as they stand, oldest first."""

    def wrote(self) -> list[str]:
        """The ids of her own messages that still stand."""

    def offer(self) -> str:
        """The label under which she may share her number now."""

    def menu(self) -> list[str]: ...
    async def toast(self) -> str:
        """The words that answered her last tap."""

    async def sees_typing(self) -> None:
        """Wait for it."""

    def waits(self, *, hours: float) -> None:
        """Let time pass at the network."""

    def network_is_busy(self) -> None:
        """The next send is put off by the network; see network_is_well."""

    def network_is_well(self) -> None: ...
    async def posts(self, body: bytes, *, stranger: bool = False) -> int:
        """Bring any bytes to the door, as the network or as a stranger; gives the status."""

    def arrived(self) -> list[Incoming | Receipt]:
        """What the channel has read and nobody has looked at."""

    async def receipts(self, count: int) -> list[Receipt]:
        """The next receipts that come."""


class Door:
    """What stands behind our door: the channel reads, a test looks."""

    def __init__(self) -> None:
        self.channel: Channel
        self.read: asyncio.Queue[Incoming] = asyncio.Queue()
        self.told: asyncio.Queue[Receipt] = asyncio.Queue()

    async def receive(self, name: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert name == self.channel.name
        try:
            arrived = self.channel.read(body, headers)
        except Refused:
            return 401
        for each in arrived:
            if isinstance(each, Receipt):
                self.told.put_nowait(each)
            else:
                self.read.put_nowait(each)
        return 200

    async def one(self) -> Incoming:
        incoming = await asyncio.wait_for(self.read.get(), 10)
        assert self.read.empty()
        return incoming

    def all(self) -> list[Incoming | Receipt]:
        told = [self.told.get_nowait() for _ in range(self.told.qsize())]
        return [*(self.read.get_nowait() for _ in range(self.read.qsize())), *told]

    async def receipts(self, count: int) -> list[Receipt]:
        async with asyncio.timeout(10):
            return [await self.told.get() for _ in range(count)]
