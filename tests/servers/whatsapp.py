"""A strict WhatsApp Cloud API (Graph) server on loopback, for tests, in their event loop.

    async with WhatsAppServer() as server:   # server.base is "http://127.0.0.1:PORT"
        server.webhook("http://127.0.0.1:8000/whatsapp")
        sari = Person(server, "Sari", phone="+6281234500001")
        await sari.says("halo")
        await sari.hears("Selamat")

Here is what tests ask of it; doors, rules, methods, faults, webhooks and people are in the files beside it. It has one
number, and no groups, calls, catalogs, flows or media by address; it forgets everything when it ends.
"""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.servers.whatsapp_bodies import Notice
from tests.servers.whatsapp_doors import MOST, Doors
from tests.servers.whatsapp_faults import Fault
from tests.servers.whatsapp_people import Person
from tests.servers.whatsapp_things import Call, Json, Media, Settings, Template, Violations
from tests.servers.whatsapp_world import (
    APP_ID,
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    TOKEN,
    VERIFY_TOKEN,
    World,
)

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "BUSINESS_ACCOUNT_ID",
    "PHONE_NUMBER_ID",
    "TOKEN",
    "VERIFY_TOKEN",
    "Person",
    "WhatsAppServer",
]


class WhatsAppServer:
    """The server, its world and what tests plan for it."""

    def __init__(self, *, port: int = 0, settings: Settings | None = None, **thresholds: Any) -> None:
        self.settings = settings or Settings(**thresholds)
        self.port = port
        self.world = World(self.settings)
        self.doors = Doors(self.world)
        self.notices = self.doors.notices
        self.webhooks = self.doors.webhooks
        self.people: dict[str, Person] = {}
        self._server: web.Server | None = None
        self._listening: asyncio.Server | None = None

    # Running

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, ours: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, ours, loop, client_max_size=MOST)

        self._server = web.Server(self.doors.open, request_factory=request, access_log=None)
        self._listening = await loop.create_server(self._server, "127.0.0.1", self.port, backlog=1024)
        self.port = self._listening.sockets[0].getsockname()[1]
        self.doors.base = self.base
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._listening is not None
        self._listening.close()
        self.doors.faults.clear()
        await self.webhooks.close()
        await self._server.shutdown(0.1)
        await self._listening.wait_closed()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # People and templates

    def person(self, name: str, **about: Any) -> Person:
        """The person of this name, made at the first mention (see Person for `about`)."""
        if name not in self.people:
            self.people[name] = Person(self, name, **about)
        return self.people[name]

    def add_template(
        self,
        name: str,
        body: str,
        language: str = "id",
        status: str = "APPROVED",
        category: str = "UTILITY",
        buttons: tuple[str | Json, ...] = (),
        header: str = "",
        footer: str = "",
    ) -> Template:
        """A template that Meta has already reviewed. `header` is IMAGE, DOCUMENT or a text; a button's word alone is
        a quick reply.
        """
        components: list[Json] = []
        if header in ("IMAGE", "DOCUMENT"):
            components.append({"type": "HEADER", "format": header})
        elif header:
            components.append({"type": "HEADER", "format": "TEXT", "text": header})
        components.append({"type": "BODY", "text": body})
        if footer:
            components.append({"type": "FOOTER", "text": footer})
        if buttons:
            made = [{"type": "QUICK_REPLY", "text": each} if isinstance(each, str) else each for each in buttons]
            components.append({"type": "BUTTONS", "buttons": made})
        return self.world.add_template(name, language, category, components, status=status)

    def review(self, name: str, status: str, *, language: str = "id", reason: str = "NONE") -> Notice:
        """Meta changes its mind about a template: APPROVED, REJECTED, PAUSED, DISABLED; it tells us."""
        template = self.world.template(name, language)
        assert template is not None, f"there is no template {name} in {language}"
        template.status, template.reason = status, reason
        return self.notices.template(template)

    @property
    def templates(self) -> list[Template]:
        return list(self.world.templates.values())

    @property
    def phone_number(self) -> Json:
        """What GET of our number tells; a test may change it, such as its messaging_limit_tier."""
        return self.world.phone_number

    @property
    def media(self) -> dict[str, Media]:
        """The files that still exist, those of people and those we uploaded."""
        return self.world.media

    # Notices

    def webhook(self, url: str) -> None:
        """Where notices go from now on, without a verification; empty: nowhere, they wait."""
        self.webhooks.point_to(url)

    def batch(self, count: int = 2, *, of: str = "messages", spread: str = "messages") -> None:
        """Put the next notices into one body once all are there.

        `of` is messages, statuses or any; `spread` them over one list ("messages"), "changes" or "entries".
        """
        self.webhooks.batch(count, of, spread)

    def reorder(self, count: int = 2) -> None:
        """Hold the next bodies back and bring them in the wrong order once all are there."""
        self.webhooks.hold(count)

    def hold(self) -> None:
        """Hold all notices back until release()."""
        self.webhooks.hold()

    def release(self, order: str = "reversed") -> None:
        """Bring what was held back: "kept", "reversed" or "shuffled"."""
        self.webhooks.release(order)

    def redeliver(self, last: int = 1) -> None:
        """Bring the last bodies again."""
        self.webhooks.redeliver(last)

    def forge(self, times: int = 1) -> None:
        """The next bodies carry a wrong signature; whatever the answer, they come no more."""
        self.webhooks.forge(times)

    def push(self, name: str, value: Json) -> Notice:
        """Deliver any notice at all."""
        return self.webhooks.add(name, value)

    # Faults and time

    def fault(self, method: str, kind: str | int, **how: Any) -> Fault:
        """Plan a fault: `fault("messages", 131056, times=3)`; see Fault."""
        return self.doors.faults.add(Fault(method=method, kind=str(kind), **how))

    def clear_faults(self) -> None:
        self.doors.faults.clear()

    def skip(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Put WhatsApp's clock forward: windows close, addresses of files and files expire."""
        self.world.skip(hours=hours, seconds=seconds)

    # What was asked

    def calls(self, method: str = "*", to: str = "") -> list[Call]:
        """The calls so far, oldest first."""
        return [call for call in self.world.calls if method in ("*", call.method) and to in ("", call.to)]

    @property
    def violations(self) -> Violations:
        """What Meta would refuse or find sloppy; also to be called, with a severity or a rule."""
        return self.world.violations

    async def called(self, method: str, *, times: int = 1, within: float = 10.0) -> list[Call]:
        """Wait until a method was answered 200 so many times; returns those calls."""
        deadline = time.monotonic() + within
        while len(done := [call for call in self.calls(method) if call.code == 200]) < times:
            left = deadline - time.monotonic()
            assert left > 0, f"{method} was called {len(done)} times, not {times}"
            await self.world.bell.heard(left)
        return done

    async def settles(self, *, within: float = 10.0) -> None:
        """Wait until every notice was answered 200."""
        deadline = time.monotonic() + within
        while self.webhooks.undelivered():
            left = deadline - time.monotonic()
            assert left > 0, f"{self.webhooks.undelivered()} notices were not taken"
            await self.world.bell.heard(min(left, 0.05))
