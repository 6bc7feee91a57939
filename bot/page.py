"""The door to the page on which an officer sees photo and NIK once, where a message could not be taken back.

A GET shows only a button, the same for every address, for previews and crawlers open links too; a POST of that
button shows the page. Not for: who may see a case (handlers/peek.py) or the words of the pages (bot/page_text.py).
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot import page_text
from bot.web import GUARD_HEADERS, read_body
from handlers.office import Office
from handlers.peek import PATH, NotShown, Sight, open_once
from storage.engine import StoreError
from storage.files import Unreadable
from storage.peeks import TOKEN, is_genuine
from storage.store import Store

log = structlog.get_logger()

MOST_BYTES = 1024
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")

# The browser tells where a press comes from only to a page that lets it tell more than nothing; what a press leads to
# tells nothing.
_HEADERS = {
    **GUARD_HEADERS,
    "Content-Security-Policy": (
        f"default-src 'none'; img-src data:; style-src '{page_text.STYLE_HASH}'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_BUTTON_HEADERS = {**_HEADERS, "Referrer-Policy": "strict-origin"}


class PageDoor:
    """An app for everything below `path`. `office.page` is the address under which people reach it.

    What a proxy says about the caller is not listened to: where a press must come from, and whether the cookie is for
    https only, that address says.
    """

    def __init__(self, store: Store, office: Office) -> None:
        public = urlsplit(office.page)
        self.path = public.path + PATH
        self._origin = f"{public.scheme}://{public.netloc}".lower().removesuffix(
            ":443" if public.scheme == "https" else ":80"
        )
        self._secure = public.scheme == "https"
        self._cookie = "__Secure-lihat" if self._secure else "lihat"
        self._store = store
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        token = scope["path"].removeprefix(self.path)
        try:
            answer = await self._answer(request, token)
        except ClientDisconnect:
            answer = _empty(400)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, token: str) -> Response:
        if not TOKEN.fullmatch(token):
            return _empty(404)
        if request.method in ("GET", "HEAD"):
            return self._button(request, token)
        if request.method != "POST":
            return _empty(405, Allow="GET, HEAD, POST")
        body = await read_body(request.headers, request.receive, MOST_BYTES)
        if body is None:
            return _empty(413)
        return await self._pressed(request, token, body)

    def _button(self, request: Request, token: str) -> Response:
        # A second look at the button keeps the key: the first one may still be open in another tab.
        key = self._key_of(request) or secrets.token_urlsafe(32)
        html = page_text.button(self._office.say, _proof(key, token))
        answer = Response(html, headers=_BUTTON_HEADERS, media_type="text/html")
        self._set_cookie(answer, token, key, self._office.rules.page_time)
        return answer

    async def _pressed(self, request: Request, token: str, body: bytes) -> Response:
        """The data, once; else one and the same page, whatever the reason was."""
        if not is_genuine(token, self._store.vault):
            return self._refused("")
        if (stranger := self._stranger(request, token, body)) is not None:
            return self._refused(stranger)
        try:
            sight = await self._store.transact(open_once, token, self._office)
        except StoreError as error:
            log.error("not_stored", code=type(error).__name__)
            return _page(page_text.later(self._office.say), 503)
        except Exception as error:
            log.exception("page_failed", code=type(error).__name__)
            return _page(page_text.later(self._office.say), 500)
        if isinstance(sight, NotShown):
            return self._refused(sight.code)
        photo, letter = await asyncio.to_thread(self._pictures, sight)
        answer = _page(page_text.shown(self._office.say, sight, photo=photo, letter=letter))
        self._set_cookie(answer, token, "", 0)
        return answer

    def _stranger(self, request: Request, token: str, body: bytes) -> str | None:
        """Why this press is not one of our button in the browser that was shown it; None when it is."""
        origins = [origin.lower() for origin in request.headers.getlist("origin")]
        sites = request.headers.getlist("sec-fetch-site")
        if any(origin != self._origin for origin in origins) or any(site != "same-origin" for site in sites):
            return "another_site"
        key, proof = self._key_of(request), _field(body)
        if key is None:
            return "no_cookie"
        return None if hmac.compare_digest(_proof(key, token), proof) else "another_browser"

    def _key_of(self, request: Request) -> str | None:
        key = request.cookies.get(self._cookie, "")
        return key if _KEY.fullmatch(key) else None

    def _set_cookie(self, answer: Response, token: str, key: str, seconds: int) -> None:
        answer.set_cookie(
            self._cookie,
            key,
            max_age=seconds,
            path=self.path + token,
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def _refused(self, code: str) -> Response:
        """Of addresses that were never ours nothing is written down, or strangers would fill the log."""
        if code:
            log.info("page_refused", code=code)
        return _page(page_text.refused(self._office.say, self._office.letters), 410)

    def _pictures(self, sight: Sight) -> tuple[bytes | None, bytes | None]:
        photo, letter = (self._picture(name) if name else None for name in (sight.photo, sight.letter))
        return photo, letter

    def _picture(self, name: str) -> bytes | None:
        """A picture's bytes; None when the file is gone or does not open."""
        try:
            return self._store.media.read(name)
        except (OSError, Unreadable):
            log.error("file_missing")
            return None


def _proof(key: str, token: str) -> str:
    """What the button sends along. Only who was given the key, in a cookie for this address alone, can make it.

    The key is the cookie itself and nothing of ours, so a button pressed after a restart still counts.
    """
    return hmac.new(key.encode(), token.encode(), "sha256").hexdigest()


def _field(body: bytes) -> str:
    """The hidden field of the button; empty when it is not there exactly once."""
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=2)
    except ValueError:
        return ""
    values = fields.get(page_text.FIELD, [])
    return values[0] if len(values) == 1 and values[0].isascii() else ""


def _page(html: str, status: int = 200) -> Response:
    return Response(html, status, headers=_HEADERS, media_type="text/html")


def _empty(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers={**_HEADERS, **headers})
