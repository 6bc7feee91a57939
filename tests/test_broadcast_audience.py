"""Admin Rahmat says whom a broadcast is for: by tapping, by typing, from a saved list; and sees at once how many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import storage.recipients
from conversation.messages import Incoming, Kind
from domain.address import Address
from domain.audience import Audience, Condition
from domain.broadcast import Broadcast, Content, Outcome, State
from domain.broadcast import Kind as What
from domain.officer import Role
from domain.registration import Actor
from domain.rules import Rules
from domain.topic import ALL_TOPICS, Topic
from handlers import broadcast_audience, due_broadcasts
from handlers.taps import data
from handlers.visit import Visit
from storage.store import Tx
from tests.databases import database
from tests.office_desk import LATUHALAT, NUSANIWE, SIRIMAU, OfficeDesk, Someone, at_once, engine_for

SILALE = "81.71.01.1013"
SOYA = "81.71.02.2009"
PASSO = "81.71.03.2001"
ON_BOTH = pytest.mark.parametrize("desk", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(getattr(request, "param", "sqlite"), tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules(broadcast_rest_hours=12))
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
async def rahmat(desk: OfficeDesk) -> Someone:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    return rahmat


async def crowd(
    desk: OfficeDesk,
    prefix: str,
    count: int,
    *,
    village: str | None = LATUHALAT,
    work: str = "NEL",
    notices: Topic | None = ALL_TOPICS,
) -> list[int]:
    """So many people, each with an unfinished registration; their numbers."""

    def unit(tx: Tx) -> list[int]:
        found = []
        for n in range(count):
            person, _ = tx.people.arrive(Address("test", "lindung", f"{prefix}{n}"))
            tx.people.keep(person)
            if notices is not None:
                tx.people.set_notices(person.id, notices)
            case = tx.registrations.draft(person.id, for_other=False)
            place = replace(case, area=village, district=village and village[:8])
            tx.registrations.save(case, replace(place, occupation=work, birth_year=1985))
            found.append(person.id)
        return found

    return await desk.store.transact(unit)


async def opens(admin: Someone) -> str:
    """A draft with a text, up to the question whom it is for; the menu."""
    await admin.says("/siaran")
    await admin.taps("Buat pengumuman")
    await admin.says("Besok kantor tutup.")
    return await admin.says("LEWATI")


async def draft(desk: OfficeDesk) -> Broadcast:
    return (await desk.store.read(lambda tx: tx.broadcasts.recent(limit=1)))[0]


async def meant(desk: OfficeDesk) -> list[tuple[str, tuple[str, ...], bool]]:
    """What the draft keeps."""
    audience = Audience.from_bytes((await draft(desk)).audience.encode())
    return [(one.kind, one.values, one.negated) for one in audience.conditions]


def shown(admin: Someone) -> list[str]:
    """The choices of the menu that is open."""
    return [choice.label for choice in next(one for one in reversed(admin.chat.shown) if one.choices).choices]


# Who, how many, who not


@ON_BOTH
async def test_the_menu_says_who_gets_it_how_many_and_who_is_left_out(desk: OfficeDesk, rahmat: Someone) -> None:
    await crowd(desk, "nelayan", 3)
    await crowd(desk, "diam", 2, notices=None)
    await crowd(desk, "acara", 1, notices=Topic.EVENTS)
    menu = await opens(rahmat)
    assert "**Penerima siaran 1:** semua orang." in menu
    assert "Dikirim ke **3** orang." in menu
    # Rahmat has an address too.
    assert "4 orang tidak dikirimi:" in menu
    await rahmat.says("nelayan di Latuhalat")
    assert "nelayan di Latuhalat." in rahmat.last
    assert "3 orang tidak dikirimi:" in rahmat.last
    assert await meant(desk) == [("occupation", ("NEL",), False), ("place", (LATUHALAT,), False)]


AUDIENCES = (
    Audience(),
    Audience((Condition("place", (NUSANIWE,)),)),
    Audience((Condition("occupation", ("NEL",), negated=True),)),
    Audience((Condition("status", ("none",)),)),
    Audience((Condition("status", ("unfinished",)), Condition("place", (PASSO,), negated=True))),
    Audience((Condition("age", ("65+",)),)),
    Audience((Condition("seen", ("7",)), Condition("channel", ("test",)))),
)


@ON_BOTH
@pytest.mark.parametrize("text", ["Besok kantor tutup.", "Untuk warga {desa}: besok kantor tutup."])
async def test_what_is_estimated_is_what_the_list_then_holds(desk: OfficeDesk, rahmat: Someone, text: str) -> None:
    people = await crowd(desk, "nelayan", 4)
    await crowd(desk, "tani", 3, village=PASSO, work="TAN")
    await crowd(desk, "jauh", 2, village=None)
    await crowd(desk, "diam", 2, notices=None)
    [gone] = await crowd(desk, "pergi", 1)
    await desk.store.transact(lambda tx: tx.people.mark_unreachable(gone, True))
    owner = await rahmat.officer_id()
    earlier = await _frozen(desk, owner, Audience(), text)
    await desk.store.transact(_sent_to, earlier.id, people[:2])
    for audience in AUDIENCES:
        expected = await desk.store.transact(_estimate, desk, owner, audience, text)
        counts = (await _frozen(desk, owner, audience, text)).counts
        assert (expected.total, dict(expected.left_out)) == (counts.total, dict(counts.left_out)), audience
        assert not expected.more


def _estimate(tx: Tx, desk: OfficeDesk, owner: int, audience: Audience, text: str) -> storage.recipients.Estimate:
    made = tx.broadcasts.draft(owner, kind=What.ANNOUNCEMENT, content=Content(text))
    return tx.recipients.estimate(
        audience=audience,
        topic=made.kind.topic,
        needs_village="{desa}" in text,
        rested_since=due_broadcasts.rested_since(tx, made, desk.office),
        at=made.created_at,
        today=desk.office.today(tx.now),
        networks=tuple(desk.office.limits),
    )


async def _frozen(desk: OfficeDesk, owner: int, audience: Audience, text: str) -> Broadcast:
    """A broadcast whose list of people is made."""

    def begin(tx: Tx) -> int:
        conditions = audience.to_bytes().decode()
        made = tx.broadcasts.draft(owner, kind=What.ANNOUNCEMENT, content=Content(text), audience=conditions)
        tx.broadcasts.begin_scan(made.id)
        return tx.broadcasts.move(made, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

    number = await desk.store.transact(begin)
    while await desk.store.transact(due_broadcasts.advance, desk.office):
        pass
    found = await desk.store.read(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    assert found.state is State.PREPARED
    return found


def _sent_to(tx: Tx, broadcast_id: int, people: list[int]) -> None:
    """It has begun, and these have it."""
    made = tx.broadcasts.get(broadcast_id, lock=True)
    assert made is not None
    planned = tx.broadcasts.move(made, State.SCHEDULED, by=Actor.ADMIN)
    running = tx.broadcasts.move(planned, State.RUNNING, by=Actor.SYSTEM)
    tx.broadcasts.move(running, State.STOPPED, by=Actor.ADMIN, code="x")
    tx.recipients.mark([(broadcast_id, person, Outcome.SENT, "") for person in people])


@ON_BOTH
async def test_where_there_are_very_many_the_menu_says_more_than(
    desk: OfficeDesk, rahmat: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.recipients, "ESTIMATED", 3)
    await crowd(desk, "nelayan", 5)
    menu = await opens(rahmat)
    assert "lebih dari **2** orang" in menu
    assert "Terlalu banyak untuk dihitung sekarang" in menu
    await rahmat.says("petani")
    assert "lebih dari" not in rahmat.last
    assert "Terlalu banyak" in rahmat.last


# Tapping


@ON_BOTH
async def test_values_are_ticked_and_unticked_in_place(desk: OfficeDesk, rahmat: Someone) -> None:
    await crowd(desk, "nelayan", 2)
    await crowd(desk, "tani", 1, work="TAN")
    await opens(rahmat)
    before = len(rahmat.chat.ever)
    await rahmat.taps("Pekerjaan")
    assert shown(rahmat)[:3] == ["Nelayan", "Petani", "Pedagang kecil"]
    await rahmat.taps("Nelayan")
    assert "nelayan." in rahmat.last
    assert "**2** orang" in rahmat.last
    await rahmat.taps("Petani")
    assert shown(rahmat)[:2] == ["✓ Nelayan", "✓ Petani"]
    await rahmat.taps("✓ Nelayan")
    assert await meant(desk) == [("occupation", ("TAN",), False)]
    await rahmat.taps("Kembali")
    assert "Pekerjaan (1)" in shown(rahmat)
    await rahmat.taps("Semua orang")
    assert await meant(desk) == []
    # Nothing was written below the menu.
    assert len(rahmat.chat.ever) == before


async def test_a_press_that_comes_twice_counts_once(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Umur")
    press = rahmat.data_of("25-34 tahun")
    await rahmat.sends_tap(press)
    first = await draft(desk)
    assert await rahmat.sends_tap(press) == ""
    assert await draft(desk) == first
    assert await meant(desk) == [("age", ("25-34",), False)]


async def test_of_days_since_the_last_message_there_is_one(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Terakhir menulis")
    await rahmat.taps("7 hari")
    await rahmat.taps("30 hari")
    assert await meant(desk) == [("seen", ("30",), False)]


async def test_long_lists_have_pages(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Pekerjaan")
    assert len(shown(rahmat)) == 22
    assert shown(rahmat)[-2:] == ["Berikutnya", "Kembali"]
    await rahmat.taps("Berikutnya")
    assert shown(rahmat)[-2:] == ["Sebelumnya", "Kembali"]
    last = shown(rahmat)[-3]
    await rahmat.taps(last)
    assert shown(rahmat)[-3] == f"✓ {last}"
    await rahmat.taps("Sebelumnya")
    assert shown(rahmat)[0] == "Nelayan"


async def test_villages_stand_behind_their_kecamatan(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Desa/Kecamatan")
    assert len(shown(rahmat)) == 6
    await rahmat.taps("Kec. Nusaniwe")
    assert len(shown(rahmat)) == 15
    await rahmat.taps("Seluruh Kec. Nusaniwe")
    assert await meant(desk) == [("place", (NUSANIWE,), False)]
    # A village instead of the whole; then the whole instead of the village.
    await rahmat.taps("Negeri Latuhalat")
    assert await meant(desk) == [("place", (LATUHALAT,), False)]
    await rahmat.taps("Kembali")
    assert "Kec. Nusaniwe (1)" in shown(rahmat)
    await rahmat.taps("Kec. Nusaniwe (1)")
    await rahmat.taps("Seluruh Kec. Nusaniwe")
    await rahmat.taps("Kembali")
    await rahmat.taps("Kec. Sirimau")
    await rahmat.taps("Negeri Soya")
    assert await meant(desk) == [("place", (NUSANIWE, SOYA), False)]
    assert "✓ Kec. Nusaniwe" in await _page_after(rahmat, "Kembali")


async def _page_after(admin: Someone, label: str) -> list[str]:
    await admin.taps(label)
    return shown(admin)


async def test_people_are_left_out_by_the_same_values(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Status")
    await rahmat.taps("Belum selesai daftar")
    await rahmat.taps("Kembali")
    await rahmat.taps("Kecuali ...")
    await rahmat.taps("Desa/Kecamatan")
    await rahmat.taps("Kec. Sirimau")
    await rahmat.taps("Negeri Soya")
    assert "semua orang yang belum selesai daftar, kecuali yang di Soya" in rahmat.last
    await rahmat.taps("Kembali")
    await rahmat.taps("Kembali")
    await rahmat.taps("Status")
    # What is to get it and what is not cannot be the same.
    await rahmat.taps("Belum selesai daftar")
    assert await meant(desk) == [("place", (SOYA,), True), ("status", ("unfinished",), True)]


# Typing


async def test_a_sentence_is_the_whole_audience_and_more_can_be_added(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.says("nelayan di Latuhalat yang belum selesai daftar")
    await rahmat.says("petani")
    assert await meant(desk) == [("occupation", ("TAN",), False)]
    await rahmat.says("tambah nelayan di Passo")
    await rahmat.says("Kecuali 55-64 tahun")
    assert await meant(desk) == [
        ("occupation", ("NEL", "TAN"), False),
        ("place", (PASSO,), False),
        ("age", ("55-64",), True),
    ]
    await rahmat.says("semua")
    assert await meant(desk) == []
    # One menu can be pressed, the newest.
    assert len([one for one in rahmat.chat.shown if "Penerima siaran" in one.text and one.choices]) == 1


async def test_what_is_not_understood_changes_nothing(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.says("nelayan")
    heard = await rahmat.says("nelayan bulan purnama")
    assert "purnama" in heard
    assert "Contoh: nelayan di Latuhalat" in heard
    assert await meant(desk) == [("occupation", ("NEL",), False)]


async def test_a_doubtful_name_is_offered_and_nothing_changes_until_it_is_clear(
    desk: OfficeDesk, rahmat: Someone
) -> None:
    await opens(rahmat)
    heard = await rahmat.says("nelayan di Nusaniwe")
    assert "Kec. Nusaniwe" in heard
    assert await meant(desk) == []
    assert shown(rahmat)[-1] == "Bukan semuanya"
    await rahmat.taps("Kec. Nusaniwe")
    assert await meant(desk) == [("occupation", ("NEL",), False), ("place", (NUSANIWE,), False)]
    await rahmat.says("tambah Nusaniwe")
    await rahmat.taps("Bukan semuanya")
    assert await meant(desk) == [("occupation", ("NEL",), False), ("place", (NUSANIWE,), False)]


async def test_two_doubts_are_asked_one_after_the_other_and_may_be_answered_by_number(
    desk: OfficeDesk, rahmat: Someone
) -> None:
    await opens(rahmat)
    await rahmat.says("nelayan di Nusaniwe kecuali di Nusaniwe")
    assert await meant(desk) == []
    press = rahmat.data_of("Kec. Nusaniwe")
    await rahmat.sends_tap(press)
    # The thumb that pressed twice has answered one of them.
    assert "tidak berlaku" in await rahmat.sends_tap(press)
    assert await meant(desk) == []
    village = next(n for n, label in enumerate(shown(rahmat), 1) if label.startswith("Kelurahan"))
    await rahmat.says(str(village))
    found = await meant(desk)
    assert found[1] == ("place", (NUSANIWE,), False)
    assert found[2][0] == "place"
    assert found[2][2]


async def test_numbers_and_labels_are_choices_too(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.says("2")
    assert shown(rahmat)[0] == "Nelayan"
    await rahmat.says("1")
    assert await meant(desk) == [("occupation", ("NEL",), False)]
    assert shown(rahmat)[0] == "✓ Nelayan"
    await rahmat.says("0")
    assert "Pekerjaan (1)" in shown(rahmat)
    assert "Tidak ada pilihan 99" in await rahmat.says("99")
    await rahmat.says("umur")
    assert "18-24 tahun" in shown(rahmat)
    await rahmat.says("KEMBALI")
    assert "Semua orang" in shown(rahmat)
    await rahmat.says("semua orang")
    assert await meant(desk) == []


# Saved lists


@ON_BOTH
async def test_a_list_is_saved_taken_replaced_and_removed(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.says("nelayan di Latuhalat")
    await rahmat.taps("Simpan daftar")
    assert "Tersimpan" in await rahmat.says("Nelayan Barat")
    await rahmat.says("petani")
    await rahmat.says("nelayan barat")
    assert await meant(desk) == [("occupation", ("NEL",), False), ("place", (LATUHALAT,), False)]
    await rahmat.says("petani")
    assert "sudah ada" in await rahmat.says("simpan nelayan barat")
    assert "sudah diganti" in await rahmat.taps("Ganti")
    await rahmat.taps("Semua orang")
    await rahmat.taps("Daftar tersimpan")
    await rahmat.taps("Nelayan Barat")
    assert await meant(desk) == [("occupation", ("TAN",), False)]
    assert "sudah dihapus" in await rahmat.says("hapus daftar NELAYAN BARAT")
    assert "Tidak ada daftar" in await rahmat.says("hapus daftar nelayan barat")
    await rahmat.says("daftar tersimpan")
    assert "Belum ada daftar" in rahmat.last


@pytest.mark.parametrize("name", ["12", "lanjut", "umur", "tambah nelayan"])
async def test_a_name_is_no_command(desk: OfficeDesk, rahmat: Someone, name: str) -> None:
    await opens(rahmat)
    assert "sama dengan perintah" in await rahmat.says(f"simpan {name}")
    assert "paling banyak 40" in await rahmat.says("simpan " + "x" * 41)
    assert await desk.store.read(lambda tx: tx.audiences.all()) == []


async def test_a_list_that_is_gone_or_from_a_newer_program_is_told(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.says("simpan semua warga")
    await rahmat.taps("Daftar tersimpan")
    press = rahmat.data_of("semua warga")
    await rahmat.says("hapus daftar semua warga")
    assert "sudah dihapus" in await rahmat.sends_tap(press)


# An admin of a part of the city


@pytest.fixture
async def yohan(desk: OfficeDesk) -> Someone:
    """An admin of Kecamatan Nusaniwe."""
    yohan = desk.someone("Yohan")
    await yohan.joins(Role.ADMIN, NUSANIWE)
    return yohan


@ON_BOTH
async def test_an_admin_with_areas_never_leaves_them(desk: OfficeDesk, yohan: Someone) -> None:
    await crowd(desk, "barat", 2)
    await crowd(desk, "timur", 3, village=PASSO)
    assert "Dikirim ke **2** orang" in await opens(yohan)
    whole = [("place", (NUSANIWE,), False)]
    assert await meant(desk) == whole
    assert "wilayah sendiri" in yohan.last
    for said in (
        "semua orang",
        "Latuhalat, Passo",
        "Passo",
        "nelayan di Passo",
        "tambah Passo",
        "kecuali di Latuhalat",
    ):
        await yohan.says(said)
        assert {code for kind, codes, no in await meant(desk) if kind == "place" and not no for code in codes} <= {
            NUSANIWE,
            LATUHALAT,
        }
    assert "di luar wilayah" in await yohan.says("Passo")
    await yohan.says("semua orang")
    assert await meant(desk) == whole
    assert "wilayah Bapak/Ibu sendiri" in await yohan.says("semua orang")
    number = (await draft(desk)).id
    for value in (PASSO, SIRIMAU):
        await yohan.sends_tap(data("ba", "on", number, "is", "place", value))
        assert await meant(desk) == whole
    await yohan.sends_tap(data("ba", "off", number, "is", "place", NUSANIWE))
    assert await meant(desk) == whole


async def test_the_menu_of_an_admin_with_areas_shows_these_only(desk: OfficeDesk, yohan: Someone) -> None:
    await opens(yohan)
    await yohan.taps("Desa/Kecamatan")
    assert shown(yohan) == ["✓ Kec. Nusaniwe", "Kembali"]
    rosa = desk.someone("Rosa")
    await rosa.joins(Role.ADMIN, LATUHALAT, SILALE)
    await opens(rosa)
    await rosa.taps("Desa/Kecamatan")
    await rosa.taps("Kec. Nusaniwe (2)")
    assert [label[:1] for label in shown(rosa)] == ["✓", "✓", "K"]
    await rosa.taps("✓ Negeri Latuhalat")
    assert await meant(desk) == [("place", (SILALE,), False)]
    await rosa.taps("✓ ")
    # Nobody at all is everybody of their own.
    assert await meant(desk) == [("place", (SILALE, LATUHALAT), False)]


async def test_a_list_of_a_colleague_is_used_within_the_own_areas_and_left_as_it_is(
    desk: OfficeDesk, rahmat: Someone, yohan: Someone
) -> None:
    await opens(rahmat)
    await rahmat.says("nelayan di Latuhalat dan Passo")
    await rahmat.says("simpan pesisir")
    await opens(yohan)
    assert "Selebihnya tidak ikut" in await yohan.says("pesisir")
    assert await meant(desk) == [("occupation", ("NEL",), False), ("place", (LATUHALAT,), False)]
    assert "sudah dipakai rekan" in await yohan.says("simpan pesisir")
    assert "milik rekan" in await yohan.says("hapus daftar pesisir")


async def test_whatever_stood_in_a_draft_is_held_within_the_areas_of_who_goes_on_with_it(
    desk: OfficeDesk, yohan: Someone
) -> None:
    owner = await yohan.officer_id()
    wide = Audience((Condition("place", (PASSO,)),)).to_bytes().decode()
    content = Content("Besok kantor tutup.")
    await desk.store.transact(
        lambda tx: tx.broadcasts.draft(owner, kind=What.ANNOUNCEMENT, content=content, audience=wide)
    )
    await yohan.says("/siaran")
    await yohan.taps("Siaran 1")
    assert await meant(desk) == [("place", (NUSANIWE,), False)]


# Two at once, and what is old


@ON_BOTH
async def test_two_phones_of_one_admin_press_at_once_and_both_count(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Umur")
    presses = [rahmat.data_of(label) for label in ("18-24 tahun", "25-34 tahun", "35-44 tahun")]
    await at_once(*(rahmat.sends_tap(press) for press in presses))
    assert await meant(desk) == [("age", ("18-24", "25-34", "35-44"), False)]


async def test_who_comes_second_is_told_so(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    stale = await draft(desk)
    await rahmat.says("nelayan")

    def unit(tx: Tx) -> tuple[str, bool]:
        person, _ = tx.people.arrive(rahmat.address)
        officer = tx.staff.officer_of(person.id)
        visit = Visit(tx, person, officer, Incoming("x", rahmat.address, Kind.TAP), desk.office)
        assert not broadcast_audience.typed(visit, stale, "petani")
        return broadcast_audience.tap(visit, stale, ["on", "0", "is", "occupation", "TAN"])

    said, over = await desk.store.transact(unit)
    assert "baru saja diubah" in said
    assert not over
    assert await meant(desk) == [("occupation", ("NEL",), False)]


async def test_when_the_admin_goes_on_the_old_menu_does_nothing(desk: OfficeDesk, rahmat: Someone) -> None:
    await opens(rahmat)
    await rahmat.taps("Umur")
    press = rahmat.data_of("25-34 tahun")
    number = (await draft(desk)).id
    for forged in (
        ("kind",),
        ("show", "x"),
        ("on", "is", "age", "99"),
        ("on", "is", "coming", "7"),
        ("mean", "3", "0"),
    ):
        assert "tidak berlaku" in await rahmat.sends_tap(data("ba", forged[0], number, *forged[1:])), forged
    await rahmat.says("LANJUT")
    assert "sudah ditutup" in await rahmat.sends_tap(press)
    assert await meant(desk) == []
    assert not any("Penerima siaran" in one.text and one.choices for one in rahmat.chat.shown)
