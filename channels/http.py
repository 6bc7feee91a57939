"""What every channel over HTTP needs: to know whether a request left, to read JSON of any sort, to stop at a limit.

Not for: any network's own addresses, words or errors.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
import orjson
from aiohttp.connector import Connection

_CONNECT_SECONDS: Final = 5.0
_DOWNLOAD_SECONDS: Final = 120.0
_QUIET_SECONDS: Final = 20.0
_PIECE: Final = 64 * 1024

LEFT: ContextVar[bool] = ContextVar("left")
"""Whether the last call of this task got a connection and began to write: from then on it may have arrived."""

DOWNLOAD: Final = aiohttp.ClientTimeout(
    total=_DOWNLOAD_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=_QUIET_SECONDS
)
"""How long a file may take."""


class TooBig(Exception):  # noqa: N818 (reads as a sentence)
    """A download went over its limit."""


class Leaving(aiohttp.ClientRequest):
    """A request that notes when it leaves.

    The library's exceptions do not tell: the time for the whole call may run out while it still waits for a
    connection, and a kept connection may break before or after the server has read from it.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write it to a connection that is open: not called where none could be had."""
        LEFT.set(True)
        return await super().send(conn)


def new_session(*, connections: int, agent: str) -> aiohttp.ClientSession:
    """A session that keeps no cookies and whose requests note in LEFT that they left."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=300),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": agent},
        request_class=Leaving,
    )


def within(seconds: float) -> aiohttp.ClientTimeout:
    """How long a call may take."""
    return aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)


def json_payload(fields: object) -> aiohttp.BytesPayload:
    """A body of JSON."""
    return aiohttp.BytesPayload(orjson.dumps(fields), content_type="application/json")


def load_json(payload: bytes) -> Any:
    """Parsed JSON; raises ValueError.

    orjson refuses lone surrogates and numbers over 64 bits. One such text must not block everything behind
    it, so the standard library has the second word.
    """
    try:
        return orjson.loads(payload)
    except ValueError:
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except RecursionError:
            raise ValueError("nested too deep") from None


async def read_up_to(limit: int, response: aiohttp.ClientResponse) -> bytes:
    """The bytes of an answer, piece by piece. Raises TooBig as soon as there are more than `limit`."""
    data = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        data += piece
        if len(data) > limit:
            raise TooBig
    return bytes(data)


def seconds_of(retry_after: object) -> float | None:
    """What a Retry-After names, where it names seconds; it may also hold a date, and our own pauses serve as well."""
    try:
        return float(retry_after) if isinstance(retry_after, str | int | float) else None
    except ValueError:
        return None
