"""Files that are kept as they came: what an admin attaches, fetched by the real loop from every network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.files import LARGEST, Files
from conversation.messages import Attachment, Incoming, Kind, StoredFile
from domain import broadcast
from domain.address import Address
from domain.officer import Role
from domain.rules import Rules
from handlers.pictures import keep_whole
from handlers.visit import Visit
from storage.inbox import Parked
from storage.sqlite_copy import media_names_in
from storage.store import Tx
from storage.wire import pack_incoming, unpack_incoming
from tests.chat import LiveOffice, Villager
from tests.databases import database
from tests.networks import NETWORKS
from tests.networks.sari import Sari
from tests.office_desk import OfficeDesk, engine_for
from tests.servers.telegram_people import grey_photo

PDF = b"%PDF-1.7 " + bytes(range(256)) * 4000


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture(params=NETWORKS)
async def sari(request: pytest.FixtureRequest) -> AsyncIterator[Sari]:
    async with NETWORKS[request.param]() as sari:
        yield sari


async def comes_again(desk: OfficeDesk, sari: Sari, incoming: Incoming) -> Incoming:
    """Park it to be kept whole; what the loop over the inbox then brings."""
    came: asyncio.Queue[Incoming] = asyncio.Queue()

    def park(tx: Tx) -> bool:
        person, _ = tx.people.arrive(incoming.address)
        return keep_whole(Visit(tx, person, None, incoming, desk.office))

    async def run_parked(parked: Parked, ready: Incoming) -> None:
        await desk.store.transact(lambda tx: tx.inbox.take(parked.id))
        came.put_nowait(ready)

    files = Files(desk.store, {sari.channel.name: sari.channel}, run_parked)
    assert await desk.store.transact(park)
    loop = asyncio.create_task(files.run())
    try:
        return await asyncio.wait_for(came.get(), 20)
    finally:
        files.stop()
        await loop


@pytest.mark.parametrize("what", ["photo", "image", "document"])
async def test_whatever_it_is_it_is_stored_as_it_came_and_encrypted(
    desk: OfficeDesk, sari: Sari, tmp_path: Path, what: str
) -> None:
    content = PDF if what == "document" else grey_photo()
    ready = await comes_again(desk, sari, await sari.sends(content, what=what))
    stored = ready.stored
    assert stored is not None
    assert ready.photo is None
    assert (stored.size, desk.store.media.read(stored.name)) == (len(content), content)
    assert stored.mime == ("application/pdf" if what == "document" else "image/jpeg")
    if what != "photo":
        assert stored.file_name == ("surat.pdf" if what == "document" else "ktp.jpg")
    assert content[:64] not in (tmp_path / "media" / stored.name).read_bytes()
    assert "surat" not in repr(ready)


async def test_a_file_too_big_to_fetch_comes_without_it(desk: OfficeDesk, sari: Sari) -> None:
    incoming = await sari.sends(PDF, what="document")
    assert incoming.attachment is not None
    large = replace(incoming, attachment=replace(incoming.attachment, size=LARGEST + 1))
    ready = await comes_again(desk, sari, large)
    assert (ready.stored, ready.attachment) == (None, Attachment("too_big"))


async def test_what_a_sticker_is_cannot_be_kept(desk: OfficeDesk) -> None:
    incoming = Incoming("t:1", Address("test", "b", "1"), Kind.FILE, attachment=Attachment("sticker"))

    def park(tx: Tx) -> bool:
        person, _ = tx.people.arrive(incoming.address)
        return keep_whole(Visit(tx, person, None, incoming, desk.office))

    assert not await desk.store.transact(park)


async def test_a_file_nobody_waits_for_any_more_goes_and_is_answered_like_any_other(
    office: LiveOffice, rahmat: Villager
) -> None:
    at_telegram = office.server.world.keep_file("Document", PDF, "surat.pdf", "application/pdf")
    attachment = Attachment("document", at_telegram.file_id, len(PDF), "application/pdf", file_name="surat.pdf")
    address = Address("telegram", office.channel.bot, str(rahmat.id))

    def park(tx: Tx) -> bool:
        person, _ = tx.people.arrive(address)
        incoming = Incoming("telegram:late", address, Kind.FILE, attachment=attachment)
        return keep_whole(Visit(tx, person, None, incoming, office.office))

    rahmat.listens()
    await office.store.transact(park)
    await rahmat.hears("belum perlu foto atau berkas")
    await office.settles()
    assert [call.code for call in office.server.calls("file_download")] == [200]
    assert list(office.store.media.names()) == []


async def test_a_workers_document_is_not_even_fetched(office: LiveOffice, budi: Villager) -> None:
    await budi.starts()
    await budi.sends_document(PDF, "surat.pdf", mime="application/pdf")
    await office.settles()
    assert office.server.calls("getFile") == []


async def test_what_a_broadcast_names_is_no_left_over(desk: OfficeDesk, tmp_path: Path) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    owner = await rahmat.officer_id()
    content = broadcast.Content(photo="a" * 32, document="b" * 32, document_name="surat.pdf")
    await desk.store.transact(lambda tx: tx.broadcasts.draft(owner, kind=broadcast.Kind.ANNOUNCEMENT, content=content))
    assert await desk.store.read(lambda tx: tx.media_names()) == {"a" * 32, "b" * 32}
    assert media_names_in(tmp_path / "lindung.db") == {"a" * 32, "b" * 32}


def test_a_stored_file_waits_like_anything_else() -> None:
    stored = StoredFile("a" * 32, "surat.pdf", "application/pdf", 9)
    attachment = Attachment("document", "f", 9, "application/pdf", file_name="surat.pdf", whole=True)
    incoming = Incoming("t:1", Address("test", "b", "1"), Kind.FILE, attachment=attachment, stored=stored)
    assert unpack_incoming(pack_incoming(incoming)) == incoming
