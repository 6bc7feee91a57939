"""Who copies the database, its journal or the photos without the key learns nothing about anybody."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conversation.messages import Message
from domain.address import Address
from domain.registration import Status
from storage.engine import Row
from storage.schema_broadcasts import metadata
from storage.statement import Statement
from storage.store import Tx
from tests.chat import LiveOffice, Villager
from tests.pictures import ktp_photo
from tests.talks import Talk, Told, decides_one, invented_nik
from tests.whole_day import NEEDLES, PERSON_ID, whole_day


def kept(folder: Path) -> Iterator[Path]:
    """Every file the program has made, but for the key that opens it all."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != "keys":
            yield path


def found_in(folder: Path) -> set[tuple[str, str]]:
    """(file, what was found in it), in any mixture of capitals."""
    return {
        (path.name, what)
        for path in kept(folder)
        for what, needle in NEEDLES.items()
        if needle in (data := path.read_bytes()) or needle.lower() in data.lower()
    }


async def table_counts(office: LiveOffice) -> dict[str, int]:
    return {name: len(rows) for name, rows in (await everything(office)).items()}


async def everything(office: LiveOffice) -> dict[str, list[Row]]:
    """Every row of every table."""
    statements = {table.name: Statement(f"SELECT * FROM {table.name}") for table in metadata.sorted_tables}  # noqa: S608
    return await office.store.engine.read(
        lambda db: {name: db.all(statement) for name, statement in statements.items()}
    )


async def test_a_copy_of_the_disk_without_the_key_tells_nothing(office: LiveOffice, tmp_path: Path) -> None:
    await whole_day(office)
    names = {path.name for path in kept(tmp_path)}
    assert {"lindung.db", "lindung.db-wal"} < names
    assert [path for path in kept(tmp_path) if path.parent.name == "media"]
    assert found_in(tmp_path) == set()
    # With the key all of it comes to light, but for what is forgotten once it is delivered or was never kept.
    forgotten = {"answer", "file at Telegram", "message before consent"}
    other_forms = {"NIK in groups", "phone as written", "chat id as SQLite writes a number", "photo"}
    assert await _readable(office) == set(NEEDLES) - forgotten - other_forms


async def _readable(office: LiveOffice) -> set[str]:
    """Which needles stand in the sealed values, now that the key is there."""
    plain = b""
    for name, rows in (await everything(office)).items():
        keys = [column.name for column in metadata.tables[name].primary_key]
        for row in rows:
            if row.get("sealed"):
                identity = ":".join([name, *(str(row[key]) for key in keys)])
                plain += office.store.vault.open(bytes(row["sealed"]), row=identity) + b"\n"
    return {what for what, needle in NEEDLES.items() if needle.lower() in plain.lower()}


def test_the_search_would_find_a_thing_that_was_planted(tmp_path: Path) -> None:
    """In a row, in a journal not yet folded in, in an index, and in a photo that was not encrypted."""
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "0123456789abcdef").write_bytes(ktp_photo() + NEEDLES["photo"])
    db = sqlite3.connect(tmp_path / "lindung.db", isolation_level=None)
    with closing(db):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE planted (text, number)")
        db.execute("INSERT INTO planted VALUES (?, ?)", ["; ".join(_texts()), PERSON_ID])
        copy = tmp_path / "copy"
        copy.mkdir()
        for path in tmp_path.glob("lindung.db*"):
            shutil.copy(path, copy)
        assert {what for name, what in found_in(copy) if name.endswith("-wal")} == set(NEEDLES) - {"photo"}
    assert ("0123456789abcdef", "photo") in found_in(tmp_path)
    assert {what for name, what in found_in(tmp_path) if name == "lindung.db"} == set(NEEDLES) - {"photo"}


def _texts() -> list[str]:
    return [needle.decode() for what, needle in NEEDLES.items() if what not in ("photo",) and "SQLite" not in what]


# Who says no


async def test_a_no_leaves_nothing_but_the_seen_keys_and_a_hash(
    office: LiveOffice, joko: Villager, telegram_server: object
) -> None:
    before = await table_counts(office)
    await joko.says("Halo, saya Jokolelono")
    await joko.sends_photo(ktp_photo())
    await joko.says("INFO")
    await joko.says("8171014203859917")
    await joko.says("TIDAK")
    await joko.hears("Data tidak kami simpan")
    await office.later(minutes=5)
    assert not office.server.calls("getFile"), "a file of somebody who had not agreed was fetched"
    after = await everything(office)
    changed = {name: len(rows) - before[name] for name, rows in after.items() if len(rows) != before[name]}
    assert changed == {"addresses": 1, "seen": 5}
    (address,) = after["addresses"]
    kept = {name for name, value in address.items() if value not in (None, 0, "")}
    # When and how often somebody wrote, against floods; who it was stands in the keyed hash alone.
    assert kept <= {"id", "channel", "address_digest", "created_at", "last_in_at", "window_at", "messages"}
    assert {row["key"].rpartition(":")[0] for row in after["seen"]} == {"telegram:990001"}
    await office.later(days=15)
    assert await table_counts(office) == before


async def test_someone_who_never_answers_leaves_nothing_after_two_weeks(office: LiveOffice, joko: Villager) -> None:
    before = await table_counts(office)
    await joko.says("/start")
    await joko.hears("SETUJU")
    await office.later(days=15)
    assert await table_counts(office) == before


async def test_a_stranger_who_blocks_us_leaves_nothing_after_two_weeks(office: LiveOffice, joko: Villager) -> None:
    before = await table_counts(office)
    joko.chat.started = joko.chat.blocked = True
    await office.store.transact(_says_hello, joko)
    await office.later(minutes=5)
    assert await office.read(lambda tx: tx.outbox.counts()) == {"held": 1}
    await office.later(days=30)
    assert await table_counts(office) == before


def _says_hello(tx: Tx, joko: Villager) -> None:
    person, _ = tx.people.arrive(Address("telegram", "990001", str(joko.id)))
    tx.outbox.put(person, Message("Selamat datang"))


# Who takes everything back


async def _meets_a_bug(office: LiveOffice, sari: Villager) -> None:
    """A message of hers is kept among the failures."""
    await sari.says("PETUGAS")
    await office.settles()
    spoil, mend = Statement("UPDATE progress SET sealed = :junk"), Statement("DELETE FROM progress")
    await office.store.engine.transact(lambda db: db.run(spoil, junk=b"\0" * 64))
    await sari.says("Nomor saya 0812-3450-0001")
    await office.settles()
    assert await office.read(lambda tx: tx.inbox.failed(limit=1))
    await office.store.engine.transact(lambda db: db.run(mend))


@pytest.mark.parametrize("state", ["draft", "submitted", "verified"])
async def test_an_erasure_leaves_a_tombstone_and_nothing_else(
    office: LiveOffice, sari: Villager, dewi: Villager, state: str
) -> None:
    before = await table_counts(office)
    talk = Talk(sari, Told(invented_nik(1)))
    await talk.registers(until="" if state == "verified" else talk.told.heir)
    if state == "verified":
        await office.settles()
        assert await decides_one(dewi)
        await office.later(minutes=2)
        await sari.says("PETUGAS")
        await sari.says("Kapan saya menerima kartu?")
        await _meets_a_bug(office, sari)
    # From here on nothing reaches her: what waits for her must go too.
    office.server.fault("sendMessage", "502", times=None, chat_id=sari.id)
    rest = ("Yohana, anak", "BENAR", "YA") if state == "submitted" else ()
    for said in (*rest, "HAPUS", "HAPUS DATA SAYA"):
        await sari.says(said)
    heard = len(sari.ledger)
    await office.settles()
    office.server.clear_faults()
    await office.later(minutes=3)
    told = [seen.text for seen in sari.ledger[heard:] if seen.kind == "message"]
    assert [text for text in told if "Nomor bukti" not in text] == []
    assert len(told) == 1
    assert list(office.store.media.names()) == []
    after = await everything(office)
    for table in ("answers", "name_words", "media", "notes", "enquiries", "objections", "inbox", "progress"):
        assert not after[table], table
    assert not [row for row in after["outbox"] if row["sealed"] is not None]
    (file,) = after["registrations"]
    assert file["status"] == Status.ERASED
    personal = ("nik_digest", "birth_digest", "phone_digest", "birth_year", "gender", "occupation", "area", "district")
    assert {name: file[name] for name in personal} == dict.fromkeys(personal)
    (tombstone,) = after["tombstones"]
    assert tombstone["reason"] == "by_worker"
    mine = [row for row in after["addresses"] if row["id"] == file["address_id"]]
    assert [(row["sealed"], row["notices"]) for row in mine] == [(None, None)]
    assert len(after["officers"]) == before["officers"]
