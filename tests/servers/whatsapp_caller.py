"""A bare program for the tests of the WhatsApp stand-in: it posts what it is told and keeps the notices it gets.

Not for tests of our service, which speaks through its own channel.
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from tests.servers.whatsapp import PHONE_NUMBER_ID, TOKEN, VERIFY_TOKEN, WhatsAppServer
from tests.servers.whatsapp_bodies import sign
from tests.servers.whatsapp_people import Person
from tests.servers.whatsapp_things import Json

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


class Caller:
    """Calls the Graph API."""

    def __init__(self, server: WhatsAppServer, session: aiohttp.ClientSession) -> None:
        self.server, self.session = server, session

    async def __call__(self, verb: str, path: str, body: object = None, **more: Any) -> tuple[int, Json]:
        more.setdefault("headers", HEADERS)
        url = f"{self.server.base}/v23.0/{path}"
        async with self.session.request(verb, url, json=body, **more) as answer:
            return answer.status, await answer.json()

    async def gets(self, path: str, **query: str) -> Json:
        status, answer = await self("GET", path, params=query)
        assert status == 200, answer
        return answer

    async def posts(self, path: str, body: object) -> Json:
        status, answer = await self("POST", path, body)
        assert status == 200, answer
        return answer

    async def sends(self, to: Person | str, kind: str = "text", content: object = None, **more: object) -> str:
        """Send a message; its id."""
        answer = await self.posts(f"{PHONE_NUMBER_ID}/messages", message(to, kind, content, **more))
        return str(answer["messages"][0]["id"])

    async def fails(self, path: str, body: object, verb: str = "POST") -> str:
        """The refusal of a call, as "status code details"."""
        status, answer = await self(verb, path, body)
        error = answer["error"]
        told = error.get("error_data", {}).get("details") or error["message"]
        assert error["fbtrace_id"]
        return f"{status} {error['code']} {told}"

    async def refuses(self, to: Person | str, kind: str = "text", content: object = None, **more: object) -> str:
        return await self.fails(f"{PHONE_NUMBER_ID}/messages", message(to, kind, content, **more))

    async def uploads(self, content: bytes, mime: str, name: str = "berkas") -> str:
        form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
        form.add_field("file", io.BytesIO(content), filename=name, content_type=mime)
        status, answer = await self("POST", f"{PHONE_NUMBER_ID}/media", data=form)
        assert status == 200, answer
        return str(answer["id"])


def message(to: Person | str, kind: str = "text", content: object = None, **more: object) -> Json:
    """The body of a message; text "Halo" unless told otherwise."""
    to = to if isinstance(to, str) else to.wa_id
    if kind == "text" and content is None:
        content = {"body": "Halo"}
    return {"messaging_product": "whatsapp", "to": to, "type": kind, kind: content, **more}


class Listener:
    """Our door, for these tests: it keeps what it was told. `answers` are the next statuses, 200 once they are used."""

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        self.raw: list[bytes] = []
        self.answers: list[int] = []
        self.refused = 0
        self.url = ""
        self._came = asyncio.Event()

    async def door(self, request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            known = request.query.get("hub.verify_token") == VERIFY_TOKEN
            return web.Response(text=request.query["hub.challenge"] if known else "", status=200 if known else 403)
        raw = await request.read()
        if request.headers["X-Hub-Signature-256"] != sign(raw):
            self.refused += 1
            self._came.set()
            return web.Response(status=401)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.raw.append(raw)
            self.bodies.append(orjson.loads(raw))
            self._came.set()
        return web.Response(status=status)

    @property
    def values(self) -> list[Json]:
        """The value of every change that came."""
        return [change["value"] for body in self.bodies for entry in body["entry"] for change in entry["changes"]]

    @property
    def messages(self) -> list[Json]:
        return [each for value in self.values for each in value.get("messages", ())]

    @property
    def statuses(self) -> list[Json]:
        return [each for value in self.values for each in value.get("statuses", ())]

    async def waits_for(self, what: str, count: int = 1) -> list[Json]:
        """So many messages, statuses or values."""
        async with asyncio.timeout(10):
            while len(getattr(self, what)) < count:
                self._came.clear()
                await self._came.wait()
        found: list[Json] = getattr(self, what)
        return found


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """A door that is open."""
    listener = Listener()
    server = web.Server(listener.door, access_log=None)
    opened = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    listener.url = f"http://127.0.0.1:{opened.sockets[0].getsockname()[1]}/whatsapp"
    try:
        yield listener
    finally:
        opened.close()
        await server.shutdown(0.01)
        await opened.wait_closed()
