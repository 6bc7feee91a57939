"""The way to the Bot API: python-telegram-bot's `BaseRequest` over one aiohttp session.

Not for: what is asked or what an answer means (telegram.py). Every address holds the bot's token, so no
exception that leaves this module carries an address or a library's own message.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, cast

import aiohttp
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from channels.http import DOWNLOAD, LEFT, json_payload, load_json, new_session, read_up_to, seconds_of, within

# A long poll, sends and downloads at once; what is more waits here instead of opening connections.
_CONNECTIONS = 140
_UPLOAD_SECONDS = 60.0

SENT_ID: ContextVar[int] = ContextVar("sent_id")
"""The id of the message that the last call of this task has sent."""


SENT_FILE: ContextVar[str] = ContextVar("sent_file")
"""Telegram's id of the file in that message, empty where it has none: sent again by it, the bytes need not go."""


class Rejected(TelegramError):  # noqa: N818 (reads as a sentence)
    """The Bot API (or something on the way) answered with an HTTP status that is no success.

    `description` is its own sentence, empty when the answer was not the Bot API's JSON; it may quote what was
    sent and is therefore never logged. `retry_after` is in seconds.
    """

    def __init__(self, status: int, description: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.description = description
        self.retry_after = retry_after


class Unreached(TelegramError):  # noqa: N818 (the same)
    """No usable answer: `code` is "timeout", "unreachable", "garbled_answer" or "closed".

    `left` False: the request did not even leave, so nothing came of it.
    """

    def __init__(self, code: str, *, left: bool) -> None:
        super().__init__(code)
        self.code = code
        self.left = left


def trim_result(result: Any) -> Any:
    """A result with what nobody reads left out: the library's objects cost more than the whole call.

    A message becomes True, which is what Telegram itself answers to an edit under an inline message; its id is
    kept in SENT_ID and that of its file in SENT_FILE. Updates are wrapped one by one into the field "raw", which the
    library hands on untouched: it reads a list as a whole, so one update it cannot read would otherwise stop all of
    them for ever.
    """
    if isinstance(result, dict) and "message_id" in result and "chat" in result:
        SENT_ID.set(int(result["message_id"]))
        SENT_FILE.set(_file_id(result))
        return True
    if isinstance(result, list) and result and isinstance(result[0], dict) and "update_id" in result[0]:
        return [{"update_id": update["update_id"], "raw": update} for update in result]
    return result


def _file_id(message: dict[str, Any]) -> str:
    # Of a photo the largest size is the last one.
    sent = message["photo"][-1:] if message.get("photo") else [message.get("document")]
    return str(sent[0]["file_id"]) if sent[0] else ""


class Request(BaseRequest):
    """One aiohttp session for calls, long polls and downloads; `base` is the bot's own address at the Bot API."""

    def __init__(self, base: str = "", *, read_timeout: float = 15.0) -> None:
        self._base = base
        self._session: aiohttp.ClientSession | None = None
        self._read_timeout = read_timeout
        self._timeout = within(read_timeout)
        self._urls: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float:
        """Seconds an answer may take; a long poll's own timeout is added to it."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session; more than once is harmless, as the Bot does it for calls and for polls."""
        if self._session is None:
            self._session = new_session(connections=_CONNECTIONS, agent=self.USER_AGENT)

    async def shutdown(self) -> None:
        """Close the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. Raises Rejected and Unreached; only the read timeout of the four is of use here."""
        seconds = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        data: aiohttp.BytesPayload | aiohttp.FormData | None = None
        if request_data is not None:
            if request_data.contains_files:
                data, seconds = _form(request_data), max(seconds, _UPLOAD_SECONDS)
            else:
                data = json_payload(request_data.parameters)
        return await self._exchange(method, url, data, within(seconds))

    async def call(self, method: str, **fields: Any) -> Any:
        """One call without the library, for what every answer to a person needs: the result as it came.

        A field that is None is left out. Raises Rejected and Unreached.
        """
        data = json_payload({name: value for name, value in fields.items() if value is not None})
        _, payload = await self._exchange("POST", f"{self._base}/{method}", data, self._timeout)
        return _result(payload)

    async def _exchange(
        self,
        method: str,
        url: str,
        data: aiohttp.BytesPayload | aiohttp.FormData | None,
        limit: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        LEFT.set(False)
        try:
            async with self._open().request(
                method, self._url(url), data=data, timeout=limit, allow_redirects=False
            ) as response:
                payload = await response.read()
                if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                    return response.status, payload
                raise _rejected(response.status, payload, response.headers)
        except TimeoutError:
            raise Unreached("timeout", left=LEFT.get()) from None
        except (aiohttp.ClientError, OSError):
            raise Unreached("unreachable", left=LEFT.get()) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, its result trimmed. The library's own version logs what it cannot read."""
        try:
            return {"ok": True, "result": trim_result(_result(payload))}
        except (TypeError, KeyError, ValueError):
            raise Unreached("garbled_answer", left=True) from None

    async def download(self, url: str, limit: int) -> bytes:
        """The bytes at `url`, read piece by piece; raises TooBig, Rejected and Unreached."""
        try:
            async with self._open().get(URL(url), timeout=DOWNLOAD, allow_redirects=False) as response:
                if response.status != HTTPStatus.OK:
                    raise _rejected(response.status, b"", response.headers)
                return await read_up_to(limit, response)
        except TimeoutError:
            raise Unreached("timeout", left=True) from None
        except (aiohttp.ClientError, OSError):
            raise Unreached("unreachable", left=True) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise Unreached("closed", left=False)
        return self._session

    def _url(self, url: str) -> URL:
        # One address per method: parsing them anew would cost more than writing the body.
        known = self._urls.get(url)
        if known is None:
            known = self._urls[url] = URL(url)
        return known


def _result(payload: bytes) -> Any:
    try:
        return load_json(payload)["result"]
    except (ValueError, TypeError, KeyError):
        raise Unreached("garbled_answer", left=True) from None


def _form(request_data: RequestData) -> aiohttp.FormData:
    # Telegram undoes no escapes: with them people would read "Surat%20undangan.pdf".
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, field in request_data.multipart_data.items():
        filename, content, mime = cast("tuple[str, bytes, str]", field)
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


def _rejected(status: int, payload: bytes, headers: Mapping[str, str]) -> Rejected:
    description = ""
    retry_after: object = headers.get("Retry-After")
    try:
        answer = load_json(payload)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        description = str(answer.get("description") or "")
        parameters = answer.get("parameters")
        if isinstance(parameters, dict):
            retry_after = parameters.get("retry_after", retry_after)
    return Rejected(status, description, seconds_of(retry_after))
