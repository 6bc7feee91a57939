"""The way to Meta's Graph API: one aiohttp session for calls, uploads and downloads.

Not for: what is asked or what an error means to us (whatsapp_errors.py). The token goes in a header and only to the
hosts named here; no exception that leaves this module carries an address, an answer or a library's own message.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, cast

import aiohttp
from yarl import URL

from channels.http import DOWNLOAD, LEFT, json_payload, load_json, new_session, read_up_to, seconds_of, within

# As many as the outbox has in hand, and downloads besides; what is more waits here instead of opening connections.
_CONNECTIONS: Final = 140
_UPLOAD_SECONDS: Final = 60.0
# Where Meta keeps files besides the API itself: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
_FILE_HOSTS: Final = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net")

Json = dict[str, Any]


class GraphRefused(Exception):  # noqa: N818 (reads as a sentence)
    """An HTTP status that is no success. `code` and `subcode` are Meta's own, 0 where the answer was not Meta's.

    `retry_after` is in seconds.
    """

    def __init__(self, status: int, code: int = 0, subcode: int = 0, retry_after: float | None = None) -> None:
        super().__init__(f"HTTP {status}, {code}")
        self.status = status
        self.code = code
        self.subcode = subcode
        self.retry_after = retry_after


class GraphUnreached(Exception):  # noqa: N818 (the same)
    """No usable answer: `code` is "timeout", "unreachable", "garbled_answer" or "closed".

    `left` False: the request did not even leave, so nothing came of it.
    """

    def __init__(self, code: str, *, left: bool) -> None:
        super().__init__(code)
        self.code = code
        self.left = left


class Graph:
    """Calls below one version of the API. Each raises GraphRefused and GraphUnreached."""

    def __init__(self, *, token: str, api_url: str, api_version: str, answer_seconds: float = 15.0) -> None:
        self._token = token
        self._root = URL(api_url)
        self._base = f"{api_url.rstrip('/')}/{api_version}"
        self._timeout = within(answer_seconds)
        self._upload_timeout = within(max(answer_seconds, _UPLOAD_SECONDS))
        self._bearer = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self._date = ""

    @property
    def last_answer(self) -> datetime | None:
        """What time it was at Meta, aware, when it answered last, where it told."""
        try:
            return parsedate_to_datetime(self._date)
        except ValueError:
            return None

    def open(self) -> None:
        """Open the session; more than once is harmless."""
        if self._session is None:
            self._session = new_session(connections=_CONNECTIONS, agent="Lindung")

    async def close(self) -> None:
        """Close the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """Read an object or a page of a list."""
        url = self._url(path)
        return await self._call("GET", url.with_query(query) if query else url)

    async def post(self, path: str, fields: Mapping[str, Any]) -> Json:
        """Make or change something; the body is JSON."""
        return await self._call("POST", self._url(path), json_payload(fields))

    async def delete(self, path: str) -> Json:
        """Take something away."""
        return await self._call("DELETE", self._url(path))

    async def upload(self, path: str, *, content: bytes, name: str, mime: str) -> Json:
        """Bring a file that messages will name by its id."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", content, filename=name, content_type=mime)
        return await self._call("POST", self._url(path), form, limit=self._upload_timeout)

    async def upload_example(self, app: str, *, content: bytes, mime: str) -> str:
        """Bring a file that shows a reviewer how a template looks, for the app of this id; its handle.

        Empty where no upload can be begun: whoever needs the example then says so.

        https://developers.facebook.com/docs/graph-api/guides/upload
        """
        about = {"file_length": str(len(content)), "file_type": mime}
        session = await self._call("POST", self._url(f"{app}/uploads").with_query(about))
        path = str(session.get("id", ""))
        if not path.startswith("upload:"):
            return ""
        headers = {"Authorization": f"OAuth {self._token}", "file_offset": "0"}
        url = URL(f"{self._base}/{path}")
        done = await self._call("POST", url, content, limit=self._upload_timeout, headers=headers)
        return str(done.get("h", ""))

    async def download(self, address: str, limit: int) -> bytes:
        """The bytes at an address that Meta has named. Raises TooBig too."""
        url = URL(address)
        if not (url.absolute and self._is_metas(url)):
            raise GraphUnreached("strange_address", left=False)
        LEFT.set(False)
        try:
            async with self._opened().get(
                url, headers=self._bearer, timeout=DOWNLOAD, allow_redirects=False
            ) as response:
                if response.status != HTTPStatus.OK:
                    raise GraphRefused(response.status)
                return await read_up_to(limit, response)
        except TimeoutError:
            raise GraphUnreached("timeout", left=LEFT.get()) from None
        except (aiohttp.ClientError, OSError):
            raise GraphUnreached("unreachable", left=LEFT.get()) from None

    async def _call(
        self,
        method: str,
        url: URL,
        data: Any = None,
        *,
        limit: aiohttp.ClientTimeout | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        LEFT.set(False)
        try:
            async with self._opened().request(
                method,
                url,
                data=data,
                headers=headers or self._bearer,
                timeout=limit or self._timeout,
                allow_redirects=False,
            ) as response:
                payload = await response.read()
                self._date = response.headers.get("Date", "")
                if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                    return _object(payload)
                raise _refused(response.status, payload, response.headers)
        except TimeoutError:
            raise GraphUnreached("timeout", left=LEFT.get()) from None
        except (aiohttp.ClientError, OSError):
            raise GraphUnreached("unreachable", left=LEFT.get()) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise GraphUnreached("closed", left=False)
        return self._session

    def _url(self, path: str) -> URL:
        # A handful of addresses, but for files: parsing them anew would cost more than writing the body.
        known = self._urls.get(path)
        if known is None:
            known = URL(f"{self._base}/{path}")
            if not path.isdecimal():
                self._urls[path] = known
        return known

    def _is_metas(self, url: URL) -> bool:
        """Whether the token may go there: the API's own host, or encrypted to one where Meta keeps files."""
        if url.origin() == self._root.origin():
            return True
        return url.scheme == "https" and (url.host or "").endswith(_FILE_HOSTS)


def _object(payload: bytes) -> Json:
    try:
        answer = load_json(payload)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise GraphUnreached("garbled_answer", left=True)
    return cast("Json", answer)


def _refused(status: int, payload: bytes, headers: Mapping[str, str]) -> GraphRefused:
    try:
        answer = load_json(payload)
    except ValueError:
        answer = None
    error = answer.get("error") if isinstance(answer, dict) else None
    code, subcode = (
        (_number(error.get(name)) for name in ("code", "error_subcode")) if isinstance(error, dict) else (0, 0)
    )
    return GraphRefused(status, code, subcode, seconds_of(headers.get("Retry-After")))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
