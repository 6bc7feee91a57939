"""A strict Telegram Bot API server on loopback, for tests (in their event loop) and benches (as a process).

    async with TelegramServer(token="990001:uji") as server:   # server.base is "http://127.0.0.1:PORT"
        sari = server.person("Sari")
        await sari.starts()
        await sari.hears("Selamat")

    python -m tests.servers.telegram --port 8081 --token 990001:uji --latency-ms 50

Here is what tests ask of it; doors, rules, methods, faults, updates and people are in the files beside it. It
has one bot, and no Markdown, no channels and no albums from the bot; it forgets everything when it ends.
"""

import asyncio
import sys
import time
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.servers.telegram_control import control, main
from tests.servers.telegram_doors import Doors
from tests.servers.telegram_faults import Fault
from tests.servers.telegram_people import Person
from tests.servers.telegram_rules import UPLOAD_BYTES
from tests.servers.telegram_things import Call, Chat, Json, Settings, Violation
from tests.servers.telegram_world import World

TOKEN = "990001:token-uji"


class TelegramServer:
    """The server, its world and what tests plan for it."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        settings: Settings | None = None,
        **thresholds: Any,
    ) -> None:
        self.settings = settings or Settings(**thresholds)
        self.token = token
        self.port = port
        self.world = World(token, self.settings)
        self.doors = Doors(self.world)
        self.updates = self.doors.updates
        self.people: dict[str, Person] = {}
        self._server: web.Server | None = None
        self._listening: asyncio.Server | None = None

    # Running

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, ours: Any) -> web.BaseRequest:
            most = UPLOAD_BYTES + (1 << 20)
            return web.BaseRequest(message, payload, protocol, writer, ours, loop, client_max_size=most)

        self._server = web.Server(self._door, request_factory=request, access_log=None)
        self._listening = await loop.create_server(self._server, "127.0.0.1", self.port, backlog=1024)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._listening is not None
        self._listening.close()
        self.doors.faults.clear()
        await self.updates.close()
        await self._server.shutdown(0.1)
        await self._listening.wait_closed()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _door(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith("/_control/"):
            return await control(self, request, request.path.removeprefix("/_control/"))
        return await self.doors.open(request)

    # What tests say and ask

    def person(self, name: str, **about: Any) -> Person:
        """The person of this name, made at the first mention (see Person for `about`)."""
        if name not in self.people:
            self.people[name] = Person(self, name, **about)
        return self.people[name]

    def chat(self, chat_id: int) -> Chat | None:
        """The chat of this id, if Telegram knows it."""
        return self.world.chat(chat_id)

    def fault(self, method: str, kind: str | int, **how: Any) -> Fault:
        """Plan a fault: `fault("sendMessage", 429, retry_after=2, times=3)`; see Fault."""
        return self.doors.faults.add(Fault(method=method, kind=str(kind), **how))

    def clear_faults(self) -> None:
        self.doors.faults.clear()

    def push(self, update: Json) -> int:
        """Deliver any raw update, asked for or not; returns its id."""
        return self.updates.push(update)

    def redeliver(self, last: int = 1) -> None:
        """Deliver the last updates again."""
        self.updates.redeliver(last)

    def reorder(self, count: int = 2) -> None:
        """Deliver the next updates in the wrong order."""
        self.updates.reorder(count)

    def skip(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Put Telegram's clock forward."""
        self.world.skip(hours=hours, seconds=seconds)

    def calls(self, method: str = "*", chat_id: int | None = None) -> list[Call]:
        """The calls so far, oldest first."""
        return [call for call in self.world.calls if method in ("*", call.method) and chat_id in (None, call.chat_id)]

    def violations(self, severity: str = "", *, rule: str = "", ignore: tuple[str, ...] = ()) -> list[Violation]:
        """What a correct bot does not do; `severity` "error" or "warn", all when empty."""
        return [
            each
            for each in self.world.violations
            if severity in ("", each.severity) and rule in ("", each.rule) and each.rule not in ignore
        ]

    def unanswered(self) -> int:
        """How many taps were never answered: spinners left turning."""
        return sum(not tap.answered for tap in self.world.taps.values())

    async def called(self, method: str, *, times: int = 1, within: float = 10.0) -> list[Call]:
        """Wait until a method was answered 200 so many times; returns those calls."""
        deadline = time.monotonic() + within
        while len(done := [call for call in self.calls(method) if call.code == 200]) < times:
            left = deadline - time.monotonic()
            assert left > 0, f"{method} was called {len(done)} times, not {times}"
            await self.world.bell.heard(left)
        return done


if __name__ == "__main__":
    sys.exit(main(TelegramServer))
