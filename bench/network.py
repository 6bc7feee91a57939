"""Both ends of the network, as light as they can be: a Bot API that counts what arrives, and the way to a webhook.

It shares one loop with the load and costs a tenth of what it measures. Not for: strictness; the tests' own server
(tests/servers/) has that.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

import httptools
import orjson

_ME = {"id": 990001, "is_bot": True, "first_name": "Lindung", "username": "lindung_uji_bot"}
_RESULTS: dict[str, Any] = {
    "getMe": _ME,
    "getMyCommands": [],
    "getMyName": {"name": ""},
    "getMyDescription": {"description": ""},
    "getMyShortDescription": {"short_description": ""},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}


class TooMany(Exception):  # noqa: N818 (reads as a sentence)
    """A call too many: 429."""


_TOO_MANY = orjson.dumps(
    {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
)


class Awaited:
    """The answers a person waits for. `at` is when the last of them reached the network (monotonic seconds)."""

    __slots__ = ("at", "done", "left", "texts")

    def __init__(self, replies: int) -> None:
        self.left = replies
        self.texts: list[str] = []
        self.at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class BotApi:
    """The Bot API on a port of its own; every call is answered after `latency` seconds."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self.latency = latency
        self.calls: Counter[str] = Counter()
        self.unasked = 0
        self._awaited: dict[int, Awaited] = {}
        self._ids = itertools.count(101)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> BotApi:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Call(self), "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def expect(self, chat_id: int, replies: int) -> Awaited:
        """From now on the next messages to this chat are the answers."""
        awaited = self._awaited[chat_id] = Awaited(replies)
        return awaited

    def call(self, method: str, body: bytes, form: bool) -> bytes:
        """Take one call; gives the answer's body. Raises TooMany."""
        self.calls[method] += 1
        if method != "sendMessage":
            if method.startswith("editMessage"):
                return orjson.dumps({"ok": True, "result": True})
            return orjson.dumps({"ok": True, "result": _RESULTS.get(method, True)})
        given = dict(parse_qsl(body.decode())) if form else orjson.loads(body)
        chat_id = int(given["chat_id"])
        self._arrived(chat_id, given["text"])
        sent = {"message_id": next(self._ids), "date": 0, "chat": {"id": chat_id, "type": "private"}}
        return orjson.dumps({"ok": True, "result": sent | {"from": _ME, "text": given["text"]}})

    def _arrived(self, chat_id: int, text: str) -> None:
        awaited = self._awaited.get(chat_id)
        if awaited is None:
            self.unasked += 1
            return
        awaited.texts.append(text)
        awaited.left -= 1
        if awaited.left == 0:
            awaited.at = time.monotonic()
            del self._awaited[chat_id]
            if not awaited.done.done():
                awaited.done.set_result(None)


class _Call(asyncio.Protocol):
    """One connection of the bot."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""
        self._form = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._form = value.startswith(b"application/x-www-form-urlencoded")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._url.partition(b"?")[0].rpartition(b"/")[2].decode()
        status = b"200 OK"
        try:
            answer = self._api.call(method, self._body, self._form)
        except TooMany:
            status, answer = b"429 Too Many Requests", _TOO_MANY
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(answer))
        self._url, self._body, self._form = b"", b"", False
        if self._api.latency:
            asyncio.get_running_loop().call_later(self._api.latency, self._write, head + answer)
        else:
            self._write(head + answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


class Door(asyncio.Protocol):
    """One kept connection to a webhook, on which one update after the other is posted.

    `proves` gives the header by which a body is known to be the network's.
    """

    def __init__(self, port: int, path: str, proves: Callable[[bytes], str]) -> None:
        self._port = port
        self._proves = proves
        self._head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[int] | None = None

    async def post(self, update: bytes) -> int:
        """The status of the answer. Raises OSError when nobody answers."""
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        assert self._transport is not None
        self._parser = httptools.HttpResponseParser(self)
        self._answered = loop.create_future()
        head = f"{self._head}{self._proves(update)}\r\nContent-Length: {len(update)}\r\n\r\n"
        self._transport.write(head.encode() + update)
        return await self._answered

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        assert self._answered is not None
        if not self._answered.done():
            self._answered.set_result(self._parser.get_status_code())

    def connection_lost(self, problem: Exception | None) -> None:
        self._transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionResetError("the bot hung up"))
