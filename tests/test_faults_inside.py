"""Bad days inside: a full disk, a locked database, a row that no longer opens, a photo that never comes.

What goes wrong between us and Telegram is in test_faults.py.
"""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from storage.engine import Full
from storage.statement import Statement
from tests.chat import LiveOffice, Villager
from tests.pictures import ktp_photo
from tests.program import Program, by_polling, by_webhook
from tests.servers.telegram import TelegramServer
from tests.talks import Talk, Told, decides_one, invented_nik

WITHIN = 30.0
SORRY = "ada gangguan di pihak kami"

# What sealed values look like after a disk has lost a bit of them.
SPOIL = {
    "progress": "UPDATE progress SET sealed = :junk",
    "inbox": "UPDATE inbox SET sealed = :junk",
    "outbox": "UPDATE outbox SET sealed = :junk WHERE state = 'waiting'",
}


async def goes_on(person: Villager, *, first: int = 0, last: int) -> None:
    """Say the steps of a registration from `first` to before `last`."""
    for said, expected in Told(invented_nik(person.id % 99)).steps()[first:last]:
        await person.says(said)
        await person.hears(expected)


async def spoil(office: LiveOffice, table: str) -> None:
    statement = Statement(SPOIL[table])
    assert await office.store.engine.transact(lambda db: db.run(statement, junk=b"\0" * 64))


async def count(office: LiveOffice, table: str) -> int:
    statement = Statement(f"SELECT COUNT(*) AS n FROM {table}")  # noqa: S608 (a name of ours)
    row = await office.store.engine.read(lambda db: db.one(statement))
    assert row is not None
    return int(row["n"])


# A bug, which nobody can foresee: here a row of the database that no longer opens


async def test_a_bug_is_apologised_for_kept_for_the_admin_and_harms_nobody_else(
    office: LiveOffice, sari: Villager, budi: Villager, rahmat: Villager
) -> None:
    await goes_on(sari, last=3)
    await spoil(office, "progress")
    await sari.says("SARI TUHUMURY")
    await sari.hears(SORRY)
    await goes_on(budi, last=3)
    assert [row["code"] for row in await office.read(lambda tx: tx.inbox.failed(limit=9))] == ["Unreadable"]
    await rahmat.says("/gangguan")
    listed = await rahmat.hears("belum diolah")
    assert "Unreadable" in listed.text
    assert "TUHUMURY" not in listed.text
    # It counts as seen: the network's repetition brings no second apology.
    sari.listens()
    office.server.redeliver(last=20)
    await office.settles()
    await sari.hears_nothing()


async def test_a_failed_message_is_handled_once_more_when_an_admin_says_so(
    office: LiveOffice, sari: Villager, rahmat: Villager
) -> None:
    await goes_on(sari, last=3)
    statement = Statement("SELECT sealed FROM progress")
    before = await office.store.engine.read(lambda db: db.one(statement))
    assert before is not None
    await spoil(office, "progress")
    await sari.says("SARI TUHUMURY")
    await sari.hears(SORRY)
    sari.listens()
    mend = Statement("UPDATE progress SET sealed = :good")
    await office.store.engine.transact(lambda db: db.run(mend, good=before["sealed"]))
    await rahmat.says("/gangguan")
    await rahmat.taps("Coba lagi 1")
    await sari.hears("lahir")
    await rahmat.says("/gangguan")
    await rahmat.hears("Tidak ada gangguan")


async def test_a_message_that_no_longer_opens_is_set_aside_and_the_next_one_goes_out(
    office: LiveOffice, sari: Villager, rahmat: Villager
) -> None:
    await goes_on(sari, last=2)
    fault = office.server.fault("sendMessage", "500", times=1, chat_id=sari.id)
    await sari.says(Told(invented_nik(1)).nik)
    await fault.met.wait()
    await spoil(office, "outbox")
    await sari.says("SARI TUHUMURY")
    await office.later(seconds=5)
    assert sari.ledger[-1].text.startswith("Di mana Bapak/Ibu lahir")
    assert not [seen for seen in sari.ledger if "nama lengkap" in seen.text]
    await rahmat.says("/gangguan")
    await rahmat.hears("unreadable")


async def test_a_parked_photo_that_no_longer_opens_holds_up_nothing(
    office: LiveOffice, sari: Villager, rahmat: Villager
) -> None:
    await goes_on(sari, last=10)
    fault = office.server.fault("getFile", "500", times=1)
    await sari.sends_photo(ktp_photo())
    await fault.met.wait()
    await spoil(office, "inbox")
    await sari.says("NANTI")
    await office.later(seconds=5)
    assert any("hubungannya" in seen.text for seen in sari.ledger)
    await rahmat.says("/gangguan")
    await rahmat.hears("unreadable")


# Photos


async def test_a_photo_that_never_comes_is_asked_for_again_and_what_was_said_behind_it_waits_in_order(
    office: LiveOffice, sari: Villager, budi: Villager
) -> None:
    await goes_on(sari, last=10)
    office.server.fault("file_download", "reset", times=None)
    await sari.sends_photo(ktp_photo())
    await sari.says("STATUS")
    await sari.says("BANTUAN")
    heard = len(sari.ledger)
    await goes_on(budi, last=4)
    for _ in range(6):
        await office.later(seconds=40)
    told = [seen.text for seen in sari.ledger[heard:] if seen.kind == "message"]
    assert "tidak sampai" in told[0], told
    assert "Belum selesai" in told[1], told
    assert "DATA SAYA" in "".join(told[2:]), told
    office.server.clear_faults()
    await sari.sends_photo(ktp_photo())
    await sari.hears("hubungannya")
    await office.settles()
    assert await count(office, "media") == 1
    assert await count(office, "inbox") == 0


async def test_a_file_that_telegram_does_not_know_is_asked_for_again_at_once(
    office: LiveOffice, sari: Villager
) -> None:
    await goes_on(sari, last=10)
    office.server.fault("getFile", "400", description="Bad Request: wrong file_id or the file is broken")
    await sari.sends_photo(ktp_photo())
    await sari.hears("tidak sampai")


async def test_a_file_that_is_too_big_is_called_so(office: LiveOffice, sari: Villager) -> None:
    await goes_on(sari, last=10)
    office.server.fault("getFile", "400", description="Bad Request: file is too big")
    await sari.sends_photo(ktp_photo())
    await sari.hears("terlalu besar")


async def test_of_an_album_one_photo_is_kept_and_one_word_is_said(office: LiveOffice, sari: Villager) -> None:
    await goes_on(sari, last=10)
    await sari.sends_album([ktp_photo(), ktp_photo(), ktp_photo()])
    await sari.hears("hubungannya")
    await office.settles()
    assert await count(office, "media") == 1
    assert len(list(office.store.media.names())) == 1
    assert len([seen for seen in sari.heard() if seen.kind == "message"]) == 2


# Blocked


async def test_what_a_blocked_worker_should_hear_is_held_shown_to_nobody_else_and_comes_first(
    office: LiveOffice, sari: Villager, dewi: Villager
) -> None:
    await Talk(sari, Told(invented_nik(1))).registers()
    await sari.blocks()
    await office.settles()
    assert await decides_one(dewi)
    await office.later(minutes=2)
    assert await office.read(lambda tx: tx.outbox.counts()) == {"held": 1}
    # Days count only from the return on.
    await office.later(days=2)
    await sari.unblocks()
    await sari.hears("Kabar baik")
    await sari.says("STATUS")
    await sari.hears("Belum terlindungi")


async def test_someone_who_returns_while_we_are_still_refused_is_not_taken_for_gone(
    office: LiveOffice, sari: Villager
) -> None:
    await goes_on(sari, last=2)
    slow = office.server.fault("sendMessage", "slow", chat_id=sari.id)
    await sari.says(Told(invented_nik(1)).nik)
    await slow.met.wait()
    sari.chat.blocked = True
    refusals = office.server.world.codes[403]
    office.server.updates.add(
        "my_chat_member", office.server.world.membership(sari.chat, sari.person, "kicked", "member")
    )
    while office.server.updates.undelivered():
        await office.server.world.bell.heard(0.1)
    slow.over.set()
    while office.server.world.codes[403] == refusals:
        await office.server.world.bell.heard(0.1)
    sari.chat.blocked = False
    await office.later(seconds=5)
    assert any("nama lengkap" in seen.text for seen in sari.ledger)


# The database


@asynccontextmanager
async def full_disk(program: Program) -> AsyncIterator[None]:
    """The program may make no file longer than its database's journal is now: each write to it finds no room."""
    journal = Path(program.settings["database_url"].removeprefix("sqlite:///") + "-wal")
    assert program.log.stat().st_size < journal.stat().st_size // 2, "it could not even log"
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (journal.stat().st_size, resource.RLIM_INFINITY))
    yield
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize("way", [by_polling, by_webhook], ids=["polling", "webhook"])
async def test_a_full_disk_confirms_nothing_and_all_happens_once_when_there_is_room(
    tmp_path: Path, way: Callable[[str], dict[str, object]]
) -> None:
    async with TelegramServer() as server, Program(tmp_path, **way(server.base)) as program:
        sari, budi = (Talk(server.person(name), Told(invented_nik(n))) for n, name in enumerate(("Sari", "Budi")))
        await sari.registers(until=sari.told.name)
        async with full_disk(program):
            await sari.person.says(sari.told.name)
            await budi.person.says("/start")
            (line, *_) = await program.logs("not_stored", within=WITHIN)
            assert (line["code"], line["remedy"]) == ("Full", Full.sentence)
            await sari.person.hears_nothing(within=0.5)
            await budi.person.hears_nothing(within=0)
            assert server.updates.undelivered() == 2
        await sari.person.hears("lahir", within=WITHIN)
        await budi.person.hears("SETUJU", within=WITHIN)
        sari.done += 1
        await sari.registers(until=sari.told.workplace, within=WITHIN)
        texts = [seen.text for seen in sari.person.ledger if seen.kind == "message"]
        assert len(set(texts)) == len(texts)


async def test_a_decision_that_meets_a_full_disk_is_told_once_when_there_is_room(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        async with Program(tmp_path, **by_polling(server.base), undo_seconds=1) as program:
            sari, dewi = Talk(server.person("Sari"), Told(invented_nik(1))), server.person("Dewi")
            await dewi.starts(await program.invites())
            await dewi.hears("Selamat bergabung")
            await sari.registers(within=WITHIN)
            assert await decides_one(dewi)
            async with full_disk(program):
                await program.logs("due_not_settled", within=WITHIN)
            await sari.is_told("Kabar baik", within=WITHIN)
            assert await program.stops() == 0
        assert len([seen for seen in sari.person.ledger if "Kabar baik" in seen.text]) == 1
        assert not server.violations("error")


async def test_a_locked_database_answers_503_and_the_update_is_handled_once_when_it_is_free(tmp_path: Path) -> None:
    async with TelegramServer() as server, Program(tmp_path, **by_webhook(server.base)) as program:
        sari = Talk(server.person("Sari"), Told(invented_nik(1)))
        await sari.registers(until=sari.told.name)
        path = program.settings["database_url"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await sari.person.says(sari.told.name)
            (line, *_) = await program.logs("not_stored", within=WITHIN)
            assert "locked by somebody else" in line["remedy"]
            assert server.updates.webhook is not None
            assert "503" in server.updates.webhook.last_error
            other.execute("ROLLBACK")
        await sari.person.hears("lahir", within=WITHIN)
        sari.done += 1
        await sari.registers(until=sari.told.workplace, within=WITHIN)
        texts = [seen.text for seen in sari.person.ledger if seen.kind == "message"]
        assert len(set(texts)) == len(texts)
        assert await program.stops() == 0
