"""The HTTP doors: what gets in, what is turned away, and that only this machine sees the page."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bot.web import MOST_BYTES, build_doors
from channels.base import Refused, Verifies
from channels.webchat import PAGE_FOLDER, WebChat
from tests.servers.doors import open_doors
from tests.servers.page import Page

TOKEN = "a-token-of-the-demo-page"
WEBHOOK = "/telegram/a-path-nobody-guesses"


class Office:
    """Whatever stands behind the doors: it remembers what came and answers `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.well = True
        self.received: list[tuple[str, bytes, Mapping[str, str]]] = []

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.received.append((channel, body, headers))
        return self.status

    async def health(self) -> bool:
        return self.well


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def web(office: Office) -> AsyncIterator[aiohttp.ClientSession]:
    webchat = WebChat()
    app = build_doors(
        receive=office.receive,
        webhooks={"telegram": WEBHOOK},
        webchat=webchat,
        page_token=TOKEN,
        health=office.health,
    )
    async with (
        open_doors(app, webchat=webchat) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web,
    ):
        yield web


async def status(web: aiohttp.ClientSession, method: str, path: str, **rest: object) -> int:
    async with web.request(method, path, allow_redirects=False, **rest) as answer:  # type: ignore[arg-type]
        return answer.status


async def test_a_webhook_hands_over_bytes_and_headers(web: aiohttp.ClientSession, office: Office) -> None:
    assert await status(web, "POST", WEBHOOK, data=b"\x00{not json", headers={"X-Secret": "s"}) == 200
    ((channel, body, headers),) = office.received
    assert (channel, body, headers["x-secret"]) == ("telegram", b"\x00{not json", "s")


async def test_a_webhook_answers_what_the_receiver_says(web: aiohttp.ClientSession, office: Office) -> None:
    for office.status in (200, 401, 503):
        assert await status(web, "POST", WEBHOOK, data=b"{}") == office.status


async def test_a_body_over_a_megabyte_is_turned_away(web: aiohttp.ClientSession, office: Office) -> None:
    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 65536 + 1):
            yield b"x" * 65536

    assert await status(web, "POST", WEBHOOK, data=io.BytesIO(b"x" * MOST_BYTES)) == 200
    assert len(office.received) == 1
    assert await status(web, "POST", WEBHOOK, data=io.BytesIO(b"x" * (MOST_BYTES + 1))) == 413
    assert await status(web, "POST", WEBHOOK, data=in_parts()) == 413
    assert len(office.received) == 1


async def test_a_webhook_is_only_posted_to(web: aiohttp.ClientSession, office: Office) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        assert await status(web, method, WEBHOOK) == 405
    assert await status(web, "POST", WEBHOOK + "x") == 404
    assert office.received == []


class Asked:
    """What a network is answered that asks at its door."""

    def verify(self, query: Mapping[str, str]) -> str:
        if query.get("word") != "the right one":
            raise Refused("verify_word")
        return query["challenge"]


async def test_a_network_that_asks_whether_we_are_meant_is_answered(office: Office) -> None:
    asked = Asked()
    assert isinstance(asked, Verifies)
    app = build_doors(
        receive=office.receive, webhooks={"telegram": WEBHOOK, "graph": "/graph"}, verifies={"graph": asked.verify}
    )
    async with open_doors(app) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
        query = {"word": "the right one", "challenge": "<b>12 3&4</b>"}
        async with web.get("/graph", params=query) as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            assert await answer.text() == "<b>12 3&4</b>"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await status(web, "GET", "/graph", params={**query, "word": "a wrong one"}) == 403
        assert await status(web, "GET", "/graph") == 403
        for method in ("HEAD", "PUT", "DELETE", "OPTIONS"):
            assert await status(web, method, "/graph", params=query) == 405
        assert await status(web, "GET", "/graph/", params=query) == 404
        assert await status(web, "GET", WEBHOOK, params=query) == 405
        assert office.received == []
        assert await status(web, "POST", "/graph", data=b"{}") == 200
    assert [channel for channel, _, _ in office.received] == ["graph"]


async def test_a_call_that_breaks_off_is_not_received(web: aiohttp.ClientSession, office: Office) -> None:
    assert web._base_url is not None
    _, writer = await asyncio.open_connection("127.0.0.1", web._base_url.port)
    writer.write(f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await status(web, "GET", "/health") == 200
    assert office.received == []


async def test_health_says_whether_all_is_well(web: aiohttp.ClientSession, office: Office) -> None:
    assert await status(web, "GET", "/health") == 200
    office.well = False
    assert await status(web, "GET", "/health") == 503
    assert await status(web, "POST", "/health") == 405


async def test_the_page_and_all_its_parts_are_served(web: aiohttp.ClientSession) -> None:
    async with web.get(f"/demo/{TOKEN}") as answer:
        assert answer.url.path == f"/demo/{TOKEN}/"
        assert answer.content_type == "text/html"
        page = await answer.text()
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")
    for path in PAGE_FOLDER.iterdir():
        async with web.get(f"/demo/{TOKEN}/{path.name}") as answer:
            assert answer.status == 200
            assert await answer.read() == path.read_bytes()


async def test_no_name_leads_out_of_the_page_s_folder(web: aiohttp.ClientSession) -> None:
    for name in ("..%2fwebchat.py", "%2e%2e/webchat.py", "..%2f..%2fpyproject.toml", "x.css"):
        assert await status(web, "GET", f"/demo/{TOKEN}/{name}") in {403, 404}


async def test_every_answer_is_guarded(web: aiohttp.ClientSession) -> None:
    for path in (f"/demo/{TOKEN}/", "/demo/wrong/", "/health", "/nowhere"):
        async with web.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "Server" not in answer.headers
            assert "Set-Cookie" not in answer.headers


DOORS = [
    ("GET", "/"),
    ("GET", "/chat.js"),
    ("GET", ""),
    ("GET", "/events"),
    ("POST", "/update"),
    ("POST", "/confirm"),
    ("PUT", "/files/f-1"),
]


async def test_without_the_token_no_door_opens(web: aiohttp.ClientSession, office: Office) -> None:
    for token in ("x", "", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%C3%A9"):
        for method, door in DOORS:
            assert await status(web, method, f"/demo/{token}{door}", data=b"{}") == 403, (token, door)
    assert office.received == []


FOREIGN = [
    {"Host": "lindung.example"},
    {"Host": "127.0.0.1"},
    {"Host": "127.0.0.1:1"},
    {"Host": "127.0.0.1:{port}.example"},
    {"Origin": "https://lindung.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "null"},
    {"Forwarded": "for=192.0.2.1"},
    {"X-Forwarded-For": "192.0.2.1"},
    {"X-Forwarded-Host": "127.0.0.1"},
    {"X-Real-IP": "192.0.2.1"},
    {"Via": "1.1 proxy"},
]


async def test_from_elsewhere_no_door_opens(web: aiohttp.ClientSession, office: Office) -> None:
    assert web._base_url is not None
    port = str(web._base_url.port)
    for headers in FOREIGN:
        foreign = {name: value.replace("{port}", port) for name, value in headers.items()}
        for method, door in DOORS:
            answer = await status(web, method, f"/demo/{TOKEN}{door}", data=b"{}", headers=foreign)
            assert answer == 403, (foreign, door)
    assert office.received == []


async def test_from_this_machine_they_open(web: aiohttp.ClientSession, office: Office) -> None:
    assert web._base_url is not None
    for host in ("127.0.0.1", "localhost", "[::1]"):
        own = f"{host}:{web._base_url.port}"
        headers = {"Host": own, "Origin": f"http://{own}"}
        assert await status(web, "POST", f"/demo/{TOKEN}/update", data=b"{}", headers=headers) == 200
    assert [channel for channel, _, _ in office.received] == ["webchat"] * 3


async def test_a_webhook_may_come_through_a_proxy(web: aiohttp.ClientSession) -> None:
    headers = {"Host": "lindung.example", "X-Forwarded-For": "192.0.2.1"}
    assert await status(web, "POST", WEBHOOK, data=b"{}", headers=headers) == 200


async def test_an_update_the_office_could_not_keep_is_not_confirmed(web: aiohttp.ClientSession, office: Office) -> None:
    office.status = 503
    assert await status(web, "POST", f"/demo/{TOKEN}/update", data=b"{}") == 503


async def test_a_confirmation_of_nothing_and_a_file_nobody_asked_for(web: aiohttp.ClientSession) -> None:
    assert await status(web, "POST", f"/demo/{TOKEN}/confirm", data=json.dumps({"id": "e-1"})) == 204
    assert await status(web, "POST", f"/demo/{TOKEN}/confirm", data=b"{}") == 400
    assert await status(web, "PUT", f"/demo/{TOKEN}/files/e-1", data=b"x") == 404


async def test_stopping_hangs_up_on_an_open_page(office: Office) -> None:
    webchat = WebChat()
    app = build_doors(receive=office.receive, webchat=webchat, page_token=TOKEN)
    async with AsyncExitStack() as open_page:
        async with open_doors(app, webchat=webchat) as port:
            page = await open_page.enter_async_context(Page(f"http://127.0.0.1:{port}/demo/{TOKEN}"))
        await asyncio.wait_for(page.ended.wait(), 10)
    # A stream that had to be cut off after the time for a graceful stop would have broken instead.
    assert page.hung_up_on


def test_a_page_needs_a_token_that_nobody_guesses(office: Office) -> None:
    with pytest.raises(ValueError, match="token"):
        build_doors(receive=office.receive, webchat=WebChat(), page_token="short")


async def test_without_a_web_chat_there_is_no_page(office: Office) -> None:
    async with (
        open_doors(build_doors(receive=office.receive)) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web,
    ):
        assert await status(web, "GET", f"/demo/{TOKEN}/") == 404
        assert await status(web, "GET", "/health") == 200


def test_the_page_asks_nobody_else_for_anything() -> None:
    for path in Path(PAGE_FOLDER).iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path.name
