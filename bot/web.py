"""The HTTP doors: webhooks, the web chat's page and its stream, health.

Hands bytes to whoever understands them and gives back a status; it knows no network's format. Not for: what
happens with an Incoming (bot/app.py) or what the page says (channels/webchat.py).
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.base import Refused
from channels.webchat import PAGE_FOLDER, WebChat

log = structlog.get_logger()

Receiver = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Takes the channel's name, the body and the headers; gives the HTTP status: 200 only after the commit."""

Answer = Callable[[Mapping[str, str]], str]
"""Takes the question in the address; gives the answer. Raises Refused."""

Health = Callable[[], Awaitable[bool]]

# A webhook of many notices may have some megabytes; refused, it would come again for days.
MOST_BYTES = 4 * 1024 * 1024
SHORTEST_TOKEN = 16

PAGE_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

GUARD_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_GUARDS = [(name.lower().encode(), value.encode()) for name, value in GUARD_HEADERS.items()]
_GUARDED = frozenset(name for name, _ in _GUARDS)


def build_doors(
    *,
    receive: Receiver,
    webhooks: Mapping[str, str] | None = None,
    verifies: Mapping[str, Answer] | None = None,
    rooms: Mapping[str, ASGIApp] | None = None,
    webchat: WebChat | None = None,
    page_token: str = "",
    health: Health | None = None,
) -> ASGIApp:
    """The whole HTTP side as one app. `webhooks` gives each channel's path, as {"telegram": "/telegram/..."},
    `verifies` what answers a network that asks with a GET on its path whether we are meant. `rooms` are apps for all
    that lies below a path, which put guarding headers of their own on every answer.

    With `webchat`, its page is at /demo/<page_token>/ and open to browsers on this machine only. Raises
    ValueError when that token is too short to be a secret.
    """
    routes: list[BaseRoute] = [Route("/health", _health(health), methods=["GET"])]
    webhooks, verifies = webhooks or {}, verifies or {}
    doors = {path: _Webhook(name, receive) for name, path in webhooks.items()}
    routes += [Route(path, door, methods=["POST"]) for path, door in doors.items()]
    routes += [_question(path, name, verifies[name]) for name, path in webhooks.items() if name in verifies]
    if webchat is not None:
        if len(page_token) < SHORTEST_TOKEN:
            raise ValueError(f"the page token needs at least {SHORTEST_TOKEN} characters")
        page = Router(_page_routes(webchat, receive), redirect_slashes=False)
        routes.append(Mount("/demo", _ThisMachineOnly(page, page_token)))
    app = Starlette(routes=routes, exception_handlers={ClientDisconnect: _gone})
    app.router.redirect_slashes = False
    return _Rooms(rooms or {}, _GuardHeaders(_Shortcut(doors, app)))


class Server(uvicorn.Server):
    """Uvicorn that hangs up on the web chat's page before it waits for open requests to end."""

    def __init__(self, app: ASGIApp, *, host: str, port: int, webchat: WebChat | None = None) -> None:
        """Serve `app`; addresses hold tokens and bodies hold answers, so no request is ever logged."""
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                access_log=False,
                log_config=None,
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=10,
            )
        )
        self._webchat = webchat

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the program's: it stops its loops first, then this server."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the stream, which would never end by itself, then stop as always."""
        if self._webchat is not None:
            self._webchat.hang_up()
        await super().shutdown(sockets)


Endpoint = Callable[[Request], Awaitable[Response]]


def _health(health: Health | None) -> Endpoint:
    async def answer(request: Request) -> Response:
        well = await health() if health is not None else True
        return JSONResponse({"ok": well}, 200 if well else 503)

    return answer


def _question(path: str, name: str, verify: Answer) -> Route:
    """Where a network asks whether we are meant, before it calls us."""

    async def answer(request: Request) -> Response:
        try:
            return PlainTextResponse(verify(request.query_params))
        except Refused as refused:
            log.warning("door_refused", channel=name, code=refused.code)
            return Response(status_code=403)

    route = Route(path, answer, methods=["GET"])
    # Starlette adds HEAD by itself, and no network asks so.
    route.methods = {"GET"}
    return route


class _Webhook:
    """A network's door, without what a Starlette endpoint costs: every message of every person comes through here."""

    def __init__(self, name: str, receive: Receiver) -> None:
        self._name = name
        self._receive = receive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            body = await read_body(headers, receive, MOST_BYTES)
            status = 413 if body is None else await self._receive(self._name, body, headers)
        except ClientDisconnect:
            status = 400
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class _Shortcut:
    """The way to the webhooks past routes and error pages; any other path or method goes on to the app."""

    def __init__(self, doors: Mapping[str, ASGIApp], app: ASGIApp) -> None:
        self._doors = doors
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == "http" and scope["method"] == "POST"
        door = self._doors.get(scope["path"], self._app) if posted else self._app
        await door(scope, receive, send)


class _Rooms:
    """What lies below a room's path goes there, and to nothing else."""

    def __init__(self, rooms: Mapping[str, ASGIApp], app: ASGIApp) -> None:
        self._rooms = rooms
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            app = next((room for path, room in self._rooms.items() if scope["path"].startswith(path)), app)
        await app(scope, receive, send)


def _page_routes(webchat: WebChat, receive: Receiver) -> list[BaseRoute]:
    async def confirm(request: Request) -> Response:
        body = await read_body(request.headers, request.receive, MOST_BYTES)
        return Response(status_code=204 if body is not None and webchat.confirm(body) else 400)

    async def events(request: Request) -> Response:
        return StreamingResponse(_closing(webchat.events()), media_type="text/event-stream")

    async def take_file(request: Request) -> Response:
        event_id = request.path_params["event_id"]
        limit = webchat.expects(event_id)
        if limit is None:
            return Response(status_code=404)
        data = await read_body(request.headers, request.receive, limit)
        webchat.deliver(event_id, data)
        return Response(status_code=204 if data is not None else 413)

    async def give_document(request: Request) -> Response:
        data = webchat.document(request.path_params["event_id"])
        return Response(data, 404 if data is None else 200, media_type="application/octet-stream")

    async def enter(request: Request) -> Response:
        return RedirectResponse(f"/demo/{request.path_params['token']}/", 308)

    return [
        Route("/{token}/update", _Webhook(webchat.name, receive), methods=["POST"]),
        Route("/{token}/confirm", confirm, methods=["POST"]),
        Route("/{token}/events", events, methods=["GET"]),
        Route("/{token}/files/{event_id}", take_file, methods=["PUT"]),
        Route("/{token}/files/{event_id}", give_document, methods=["GET"]),
        Route("/{token}", enter, methods=["GET"]),
        Route("/{token}/{name:path}", _page_file, methods=["GET"]),
    ]


async def _page_file(request: Request) -> Response:
    name = request.path_params["name"] or "index.html"
    # Looked up in the folder's own list, so that no name leads out of it.
    files = {path.name: path for path in PAGE_FOLDER.iterdir() if path.suffix in PAGE_TYPES}
    path = files.get(name)
    if path is None:
        return Response(status_code=404)
    return Response(path.read_bytes(), media_type=PAGE_TYPES[path.suffix])


async def _closing(frames: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    # A page that goes away cancels this; its generator must end now and not when it is collected.
    async with aclosing(frames) as stream:
        async for frame in stream:
            yield frame


async def _gone(request: Request, problem: Exception) -> Response:
    return Response(status_code=400)


async def read_body(headers: Headers, receive: Receive, most: int) -> bytes | None:
    """The body, or None when it is longer than `most` bytes; stops reading there. Raises ClientDisconnect."""
    if int(headers.get("content-length", "0")) > most:
        return None
    body, more = bytearray(), True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnect
        body += part.get("body", b"")
        if len(body) > most:
            return None
        more = part.get("more_body", False)
    return bytes(body)


class _ThisMachineOnly:
    """Lets in browsers on this machine that know the token, came by no proxy and from no other site.

    The token stays in the path: a cookie on 127.0.0.1 would go to every other port of the machine too.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._welcome(scope):
            await Response(status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _welcome(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        hosts = _own_hosts(scope)
        origins = {f"http://{host}" for host in hosts}
        token = scope["path"].removeprefix("/demo/").split("/", 1)[0]
        return (
            len(headers.getlist("host")) == 1
            and headers["host"] in hosts
            and all(origin in origins for origin in headers.getlist("origin"))
            and not any(_tells_of_a_proxy(name) for name in headers)
            and hmac.compare_digest(token.encode(), self._token)
        )


def _own_hosts(scope: Scope) -> set[str]:
    """Names under which a browser on this machine reaches the socket this request came in by."""
    port = scope["server"][1]
    names = ("127.0.0.1", "localhost", "[::1]")
    return {name if port == 80 else f"{name}:{port}" for name in names}


def _tells_of_a_proxy(name: str) -> bool:
    return name in {"forwarded", "via", "x-real-ip"} or name.startswith("x-forwarded-")


class _GuardHeaders:
    """Puts the same strict headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [header for header in message["headers"] if header[0] not in _GUARDED]
                message["headers"] = own + _GUARDS
            await send(message)

        await self._app(scope, receive, guarded)
