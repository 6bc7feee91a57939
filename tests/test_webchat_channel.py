"""What is particular to the web chat: its updates, and pages that come, go, and do not confirm.

What every channel promises is in test_channels.py.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from bot.web import build_doors
from channels.base import FetchFailed, Temporary, Unclear
from channels.webchat import WebChat
from conversation.messages import Attachment, Leave, Message
from tests.servers.doors import open_doors
from tests.servers.page import Page

TOKEN = "a-token-of-the-demo-page"
SARI = "worker-1"


@asynccontextmanager
async def doors_of(webchat: WebChat) -> AsyncIterator[str]:
    """The web chat behind real doors; gives the page's address."""

    async def receive(channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        return 200

    app = build_doors(receive=receive, webchat=webchat, page_token=TOKEN)
    async with open_doors(app, webchat=webchat) as port:
        yield f"http://127.0.0.1:{port}/demo/{TOKEN}"


@pytest.fixture
async def webchat() -> WebChat:
    return WebChat(patience=10)


@pytest.fixture
async def address(webchat: WebChat) -> AsyncIterator[str]:
    async with doors_of(webchat) as address:
        yield address


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "u-1", "phone": "worker-1", "kind": "text", "message_id": "m-1"}',
        b'{"id": "u-1", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": ""}',
        b'{"id": "u-1", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": 5}',
        b'{"id": "u-1", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": "a", "x": 1}',
        b'{"id": "u 1", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": "a"}',
        b'{"id": "u-1\\n", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": "a"}',
        b'{"id": "u-1", "phone": "worker-1", "kind": "text", "message_id": "m-1", "text": "\\ud800"}',
        json.dumps({"id": "u-1", "phone": SARI, "kind": "tap", "message_id": "m", "data": "x" * 65}).encode(),
        json.dumps({"id": "u", "phone": "w", "kind": "text", "message_id": "m", "text": "x" * 4097}).encode(),
        b'{"id": "u", "phone": "w", "kind": "file", "message_id": "m", "what": "photo", "ref": "../f"}',
    ],
)
def test_an_unknown_shape_gives_nothing(body: bytes) -> None:
    assert WebChat().read(body, {}) == []


async def test_a_picture_travels_with_its_message(webchat: WebChat, address: str) -> None:
    picture = bytes(range(256)) * 8000
    async with Page(address) as page:
        await webchat.send("officer-1", Message("KTP", photo="a.bin"), file=picture)
        assert base64.b64decode((await page.next())["photo"]) == picture


async def test_without_an_open_page_a_message_waits_for_later(webchat: WebChat, address: str) -> None:
    with pytest.raises(Temporary, match="no_page") as problem:
        await webchat.send(SARI, Message("Halo"))
    assert problem.value.retry_after
    assert not isinstance(problem.value, Unclear)
    await webchat.show_typing(SARI)


async def test_leaving_a_group_needs_no_page(webchat: WebChat) -> None:
    assert await webchat.send(SARI, Leave()) is None


async def test_a_page_that_does_not_confirm_can_drop_the_repeat(webchat: WebChat, address: str) -> None:
    async with Page(address, silent=True) as page:
        webchat.patience = 0.05
        for text in ("Halo", "Halo", "Lain"):
            with pytest.raises(Unclear):
                await webchat.send(SARI, Message(text))
        first, again, other = [await page.next() for _ in range(3)]
        page.silent, webchat.patience = False, 10
        assert await webchat.send(SARI, Message("Halo")) == f"m-{first['id']}"
        assert await webchat.send(SARI, Message("Halo")) != f"m-{first['id']}"
    assert first["id"] == again["id"] != other["id"]


async def test_a_page_that_comes_back_is_told_again_what_it_did_not_confirm(address: str, webchat: WebChat) -> None:
    async with Page(address, silent=True) as lost:
        sending = asyncio.create_task(webchat.send(SARI, Message("Halo")))
        told = await lost.next()
    async with Page(address) as page:
        assert await sending == f"m-{told['id']}"
        assert await page.next() == told


async def test_a_newer_page_takes_the_place_of_the_older(address: str, webchat: WebChat) -> None:
    async with Page(address) as old, Page(address) as new:
        assert await old.next() == {"type": "replaced"}
        await asyncio.wait_for(old.ended.wait(), 10)
        await webchat.send(SARI, Message("Halo"))
        assert (await new.next())["text"] == "Halo"
        assert old.seen.empty()


async def test_a_file_waits_for_a_page(address: str) -> None:
    webchat = WebChat(file_patience=0.05)
    photo = Attachment("photo", "f-1")
    async with doors_of(webchat) as own:
        with pytest.raises(FetchFailed) as closed:
            await webchat.fetch(photo, limit=10)
        async with Page(own, silent=True):
            with pytest.raises(FetchFailed) as silent:
                await webchat.fetch(photo, limit=10)
    assert not closed.value.final
    assert not silent.value.final


async def test_a_closed_channel_lets_no_page_in_until_it_starts_again(webchat: WebChat, address: str) -> None:
    async with Page(address) as page:
        await webchat.close()
        await asyncio.wait_for(page.ended.wait(), 10)
        with pytest.raises(Temporary):
            await webchat.send(SARI, Message("Halo"))
        assert [frame async for frame in webchat.events()] == []
    await webchat.start()
    async with Page(address):
        await webchat.send(SARI, Message("Halo"))


async def test_a_document_lies_behind_the_pages_door_until_the_page_has_it(webchat: WebChat, address: str) -> None:
    out = Message("Daftar", document="d-1", document_name="a.csv")
    async with Page(address, silent=True) as lost:
        sending = asyncio.create_task(webchat.send(SARI, out, file=b"1;2"))
        door = f"{address}/files/{(await lost.next())['id']}"
        async with lost.http.get(door) as answer:
            assert (answer.status, await answer.read()) == (200, b"1;2")
    async with Page(address) as page:
        await sending
        assert [bubble.document for bubble in page.phone(SARI).bubbles.values()] == [b"1;2"]
        for gone in (door, f"{address}/files/u-1"):
            async with page.http.get(gone) as answer:
                assert answer.status == 404
