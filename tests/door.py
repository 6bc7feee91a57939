"""The program's insides behind a real webhook, in the test's own process, for tests that knock thousands of times.

Not for: polling (chat.py) or the program as a process (program.py).
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import office_of
from bot.delivery import Delivery
from bot.files import Files
from bot.open_store import opened
from bot.pace import Pace
from bot.service import Service
from bot.settings import Settings
from bot.web import Server, build_doors
from channels.base import Limits
from channels.telegram import Telegram
from domain.officer import Role
from storage.engine import Row
from storage.statement import Statement
from tests.chat import OFFICE
from tests.program import SECRET, TOKEN, free_port
from tests.servers.telegram import TelegramServer
from tests.servers.telegram_people import Person

HEADER = "X-Telegram-Bot-Api-Secret-Token"
_numbers = itertools.count(5_000_001)


class Door:
    """The program's insides behind a real webhook; people live at `server`."""

    def __init__(self, server: TelegramServer, folder: Path, url: str) -> None:
        self.server = server
        port = free_port()
        self.address = f"http://127.0.0.1:{port}/telegram"
        given: dict[str, Any] = {
            **OFFICE,
            "database_url": url,
            "telegram_token": TOKEN,
            "telegram_api_url": server.base,
            "telegram_webhook_url": self.address,
            "telegram_webhook_secret": SECRET,
            "http_port": port,
            "key_file": folder / "keys" / "lindung.key",
            "media_dir": folder / "media",
            "control_socket": folder / "control.sock",
            # What floods is held back elsewhere; here everything must get through.
            **dict.fromkeys(("messages_per_minute", "photos_per_hour", "wrong_niks_per_day"), 10**6),
        }
        self.settings = Settings(_env_file=None, **given)  # type: ignore[call-arg]
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Door:
        self.store = (await self._stack.enter_async_context(opened(self.settings))).store
        channel = Telegram(
            token=TOKEN, api_url=self.server.base, webhook_url=self.address, webhook_secret=SECRET, answer_seconds=5.0
        )
        channels = {"telegram": channel}
        service = Service(self.store, channels, office_of(self.settings, {}))
        delivery = Delivery(self.store, channel, self.settings.rules(), Pace(Limits(chat_burst=1e9)))
        files = Files(self.store, channels, service.take_parked)
        self.store.stirred = lambda: (delivery.wake(), files.wake())[0]
        doors = build_doors(receive=service.receive, webhooks={"telegram": "/telegram"})
        web = Server(doors, host="127.0.0.1", port=self.settings.http_port)
        knocker = socket.create_server(("127.0.0.1", self.settings.http_port))
        loops = [asyncio.create_task(each) for each in (web.serve(sockets=[knocker]), delivery.run(), files.run())]

        async def end() -> None:
            web.should_exit = True
            delivery.stop()
            files.stop()
            await asyncio.gather(*loops)
            await service.finish(5.0)
            await channel.close()

        self._stack.push_async_callback(end)
        await channel.start()
        self.http = await self._stack.enter_async_context(aiohttp.ClientSession())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def knock(self, body: bytes, **headers: str) -> int:
        """Post these bytes as Telegram would; the status."""
        async with self.http.post(self.address, data=io.BytesIO(body), headers={HEADER: SECRET, **headers}) as answer:
            return answer.status

    async def post(self, update: dict[str, Any]) -> int:
        return await self.knock(json.dumps({"update_id": next(_numbers), **update}).encode())

    async def settles(self, *, within: float = 20.0) -> None:
        """Wait until everything said is answered and every answer is delivered."""
        async with asyncio.timeout(within):
            while self.server.updates.undelivered() or await self.store.read(
                lambda tx: bool(
                    tx.outbox.due("telegram", limit=1) or tx.inbox.files_due(limit=1) or tx.inbox.stranded()
                )
            ):
                await self.server.world.bell.heard(0.003)

    async def is_unharmed(self) -> None:
        """No message failed, none was refused by the network, and nothing waits for ever."""
        await self.settles()
        assert await self.store.read(lambda tx: tx.inbox.failed(limit=5)) == []
        assert await self.store.read(lambda tx: tx.outbox.counts()) == {}
        assert not self.server.violations("error"), self.server.violations("error")

    async def everything(self, *tables: str) -> dict[str, list[Row]]:
        wanted = {name: Statement(f"SELECT * FROM {name}") for name in tables}  # noqa: S608 (our own names)
        return await self.store.engine.read(lambda db: {name: db.all(each) for name, each in wanted.items()})

    async def joins(self, name: str, role: Role) -> Person:
        person = self.server.person(name)
        code = await self.store.transact(lambda tx: tx.staff.invite(role=role, areas=[], expires_at=tx.at + 10**7))
        await person.starts(code)
        await person.hears("Selamat bergabung")
        return person
