"""Officers' and admins' commands as plain words, on every network: AMBIL, CARI Sarni, SIARAN; and whose answers they
never take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.broadcast import Content, State
from domain.broadcast import Kind as Sent
from domain.limits import Limits
from domain.officer import Role
from domain.registration import Actor, Registration, Status
from domain.rules import Rules
from handlers.menu import choices
from handlers.router import COMMANDS
from storage.store import Tx
from tests.office_desk import BARE, OfficeDesk, Someone, database, engine_for


@pytest.fixture(params=[Limits(), BARE], ids=["pressing", "typing"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules(messages_per_minute=10_000))
        desk.moves_to(request.param)
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


@pytest.fixture
async def rahmat(desk: OfficeDesk) -> Someone:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    return rahmat


@pytest.fixture
async def case(desk: OfficeDesk) -> Registration:
    return await desk.registers(desk.someone("Sari"))


# What is understood


@pytest.mark.parametrize("said", ["AMBIL", "ambil", "Ambil.", "/ambil"])
async def test_an_officer_takes_the_next_case_with_a_word(dewi: Someone, case: Registration, said: str) -> None:
    assert f"Kasus **{case.receipt}**" in await dewi.says(said)


async def test_words_take_what_their_commands_take(dewi: Someone, case: Registration) -> None:
    number = str(case.receipt)
    assert "1 menunggu" in await dewi.says("Antrean")
    assert f"Kasus **{number}**" in await dewi.says(f"AMBIL {number}")
    assert "Lihat KTP dulu" in await dewi.says(f"setujui {number.lower()}")
    assert "Lihat KTP dulu" in await dewi.says(f"SETUJUI {number.removeprefix('AMB-')}")
    assert "Riwayat" in await dewi.says(f"RIWAYAT {number}")
    assert "SARNI TUHUMURY" in await dewi.says("cari Tuhumury")
    assert "kembali ke antrean" in await dewi.says("lepas")


async def test_a_slip_in_the_receipt_number_is_named(dewi: Someone, case: Registration) -> None:
    wrong = str(case.receipt)[:-1] + str((int(str(case.receipt)[-1]) + 1) % 10)
    assert "salah" in await dewi.says(f"AMBIL {wrong}")
    assert "Tulis juga nomor daftarnya" in await dewi.says("SETUJUI")


@pytest.mark.parametrize("said", ["ambil dulu ya", "balas nanti", "perbaiki jaring", "antrean panjang", "siaran radio"])
async def test_a_sentence_that_begins_with_such_a_word_is_no_command(
    dewi: Someone, rahmat: Someone, case: Registration, said: str
) -> None:
    assert "belum kami mengerti" in await dewi.says(said)
    assert "belum kami mengerti" in await rahmat.says(said)


async def test_an_admin_has_the_words_of_an_admin_too(desk: OfficeDesk, rahmat: Someone) -> None:
    assert "Petugas dan admin" in await rahmat.says("PETUGAS")
    assert "Siapa yang diundang" in await rahmat.says("UNDANG")
    assert "Wilayah mana" in await rahmat.says("undang petugas")
    assert "Tidak ada yang diubah" in await rahmat.says("BATAL")
    assert "Belum ada siaran" in await rahmat.says("siaran")
    assert "Tidak ada siaran 12" in await rahmat.says("SIARAN 12")
    assert "keberatan" in (await rahmat.says("KEBERATAN")).lower()
    assert "Hari ini" in await rahmat.says("ringkas")


async def test_an_officer_has_no_words_of_an_admin(dewi: Someone) -> None:
    for said in ("SIARAN", "UNDANG petugas", "RINGKAS", "JEDA"):
        assert "belum kami mengerti" in await dewi.says(said)
    assert "siap membantu" in await dewi.says("PETUGAS")


async def test_joko_gets_what_any_worker_gets(desk: OfficeDesk, case: Registration) -> None:
    for number, said in enumerate(
        ("xyz", "AMBIL", f"AMBIL {case.receipt}", "ANTREAN", "CARI Sarni", "SIARAN", "UNDANG petugas", "MENU")
    ):
        joko = desk.someone(f"Joko {number}")
        await joko.says("halo")
        assert "TIDAK" in await joko.says(said)
        assert joko.chat.ever == desk.someone("Joko 0").chat.ever
    assert await desk.status(case) is Status.SUBMITTED


async def test_a_suspended_officer_has_no_words_any_more(dewi: Someone, rahmat: Someone, case: Registration) -> None:
    await rahmat.says("PETUGAS")
    await rahmat.taps("Dewi")
    await rahmat.taps("Bekukan")
    assert str(case.receipt) not in await dewi.says("AMBIL")


# The menu


@pytest.mark.parametrize("said", ["MENU", "BANTUAN", "menu", "tolong", "halo"])
async def test_help_is_the_menu_of_the_role(dewi: Someone, said: str) -> None:
    heard = await dewi.says(said)
    assert "/setujui" in heard
    assert "/siaran" not in heard
    assert [choice.label for choice in dewi.chat.shown[-1].choices] == ["Antrean", "Ambil berikutnya", "Pertanyaan"]


async def test_what_stands_alone_is_picked_from_the_menu(rahmat: Someone, dewi: Someone) -> None:
    await rahmat.says("MENU")
    for label, heard in (
        ("Antrean", "**Antrean**"),
        ("Pertanyaan", "pertanyaan"),
        ("Siaran", "siaran"),
        ("Acara", "acara"),
        ("Ringkasan", "Hari ini"),
        ("Undang", "Siapa yang diundang"),
        ("Petugas", "Petugas dan admin"),
    ):
        await rahmat.says("MENU")
        assert heard in await rahmat.taps(label)
    assert "sudah tidak berlaku" in await dewi.sends_tap("m:undang")
    assert "Siapa yang diundang" not in dewi.screen


def test_the_menu_fits_where_ten_are_shown_and_knows_its_commands(desk: OfficeDesk) -> None:
    shown = choices(Role.ADMIN, desk.office)
    assert len(shown) <= BARE.choices
    assert all(each.data.split(":")[1] in COMMANDS for each in shown if each.data.startswith("m:"))


# Whose answers they are


async def test_words_around_the_form_keep_their_meaning_for_officers(dewi: Someone, case: Registration) -> None:
    assert "Belum ada pendaftaran" in await dewi.says("STATUS")
    assert "pengumuman sudah kami hentikan" in await dewi.says("STOP")


async def test_an_officer_in_a_form_answers_it_and_commands_with_one_word(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    for said in ("DAFTAR", "SETUJU", "8171010101909903"):
        await dewi.says(said)
    assert "Siapa **nama lengkap**" in dewi.last
    assert f"Kasus **{case.receipt}**" in await dewi.says("AMBIL")
    await dewi.says("DEWI LATUMETEN")
    assert "**lahir**" in dewi.last
    for said in ("Ambon", "Latuhalat", "TIDAK ADA", "3"):
        await dewi.says(said)
    assert "Di mana" in dewi.last
    heard = await dewi.says("cari ikan di laut")
    assert "nomor HP" in heard


async def test_in_a_form_the_words_of_workers_stay_theirs(desk: OfficeDesk, rahmat: Someone) -> None:
    await rahmat.says("DAFTAR")
    await rahmat.says("SETUJU")
    assert "Petugas dan admin" not in await rahmat.says("PETUGAS")
    assert "DAFTAR** untuk mendaftar" in await rahmat.says("BANTUAN")


async def test_a_command_runs_at_a_question_that_takes_no_free_words(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    await dewi.says("DAFTAR")
    await dewi.says("SETUJU")
    assert f"Kasus **{case.receipt}**" in await dewi.says(f"ambil {case.receipt}")
    assert "ada 1 angka" in await dewi.says("1")


async def test_a_note_may_begin_with_a_command(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    await dewi.says("AMBIL")
    await dewi.says(f"TOLAK {case.receipt}")
    await dewi.says("3")
    await dewi.says("Cari kartu keluarga dulu")
    pending = await desk.store.transact(lambda tx: tx.queue.pending(case.id))
    assert pending is not None
    assert pending.note == "Cari kartu keluarga dulu"


async def test_a_command_alone_is_no_note(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    await dewi.says("AMBIL")
    await dewi.says(f"TOLAK {case.receipt}")
    await dewi.says("3")
    assert "**Antrean**" in await dewi.says("ANTREAN")
    assert await desk.store.transact(lambda tx: tx.queue.pending(case.id)) is None
    await dewi.says("Sudah terdaftar di kantor lain")
    assert await desk.store.transact(lambda tx: tx.queue.pending(case.id)) is not None


async def test_an_answer_to_a_worker_may_begin_with_a_command(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    sari = desk.someone("Sari")

    def asks(tx: Tx) -> int:
        return tx.enquiries.ask(tx.people.arrive(sari.address)[0], area=None, text="Kartunya di mana?")

    number = await desk.store.transact(asks)
    await dewi.says("PERTANYAAN")
    await dewi.taps("Jawab")
    await dewi.says("Ambil di kantor hari Senin.")
    assert "Ambil di kantor hari Senin." in sari.screen
    assert "sudah menjawab" in await dewi.says(f"BALAS {number} Bisa.")


async def test_what_an_admin_composes_is_theirs(desk: OfficeDesk, rahmat: Someone) -> None:
    await rahmat.says("SIARAN pengumuman")
    await rahmat.says("Ambil kartu di kantor besok.")
    drafts = await desk.store.transact(lambda tx: tx.broadcasts.open())
    assert [draft.content.text for draft in drafts] == ["Ambil kartu di kantor besok."]
    await rahmat.says("LEWATI")
    assert "**Antrean**" in await rahmat.says("ANTREAN")
    await rahmat.says("semua")
    assert "LANJUT" in rahmat.screen


async def test_setujui_and_tolak_are_about_the_broadcast_that_waits(desk: OfficeDesk, rahmat: Someone) -> None:
    tini = desk.someone("Tini")
    await tini.joins(Role.ADMIN)
    owner = await rahmat.officer_id()

    def waits(tx: Tx) -> int:
        draft = tx.broadcasts.draft(owner, kind=Sent.ANNOUNCEMENT, content=Content("Besok kantor tutup."))
        draft = tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner)
        draft = tx.broadcasts.move(draft, State.PREPARED, by=Actor.SYSTEM)
        draft = tx.broadcasts.move(draft, State.AWAITING, by=Actor.ADMIN, actor_id=owner)
        return draft.id

    number = await desk.store.transact(waits)
    await tini.says("SETUJUI")
    found = await desk.store.transact(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    assert found.state is State.SCHEDULED
    await tini.says("JEDA")
    found = await desk.store.transact(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    assert found.state is State.PAUSED
