"""The case card: what the checks found, each with a sign and a sentence, and neither NIK nor photo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.registration import Actor
from domain.rules import Rules
from handlers.taps import data, number
from storage.store import Tx
from tests.office_desk import BUDI, SARI, OfficeDesk, Someone, database, engine_for


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database("sqlite", tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


@pytest.fixture
def sari(desk: OfficeDesk) -> Someone:
    return desk.someone("Sari")


@pytest.fixture
async def dewi(desk: OfficeDesk) -> Someone:
    dewi = desk.someone("Dewi")
    await dewi.joins()
    return dewi


async def test_a_plain_case_says_who_it_is_and_that_all_fits(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)
    card = await dewi.says("/ambil")
    assert f"Kasus **{case.receipt}**" in card
    assert "Nama: SARNI TUHUMURY" in card
    assert "Umur: 41 tahun, perempuan" in card
    assert "Latuhalat, Kec. Nusaniwe" in card
    assert "Pekerjaan: Nelayan" in card
    assert "✅ Bentuk NIK sesuai dengan tanggal lahir, jenis kelamin, dan wilayah." in card
    assert "✅ Usia sesuai." in card
    assert "✅ Foto KTP ada." in card
    assert "⚠️" not in card


async def test_the_card_carries_neither_nik_nor_photo_nor_phone(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari)
    card = await dewi.says("/ambil")
    for secret in (SARI["nik"], SARI["nik"][-4:], "0812", "34500001", SARI["street"]):
        assert secret not in card
    assert not any(shown.photo for shown in dewi.chat.shown)
    assert all(len(choice.data.encode()) <= 64 for shown in dewi.chat.shown for choice in shown.choices)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"birth_date": "1985-03-05"}, "⚠️ Tanggal lahir tidak sama dengan NIK."),
        ({"gender": "L"}, "⚠️ Jenis kelamin tidak sama dengan NIK."),
        ({"nik": "7371014403859901"}, "ℹ️ NIK terbit di kabupaten/kota lain."),
        ({"nik": "8171994403859901"}, "⚠️ Kode wilayah di NIK tidak dikenal."),
        ({"nik": "8171014403850000"}, "⚠️ NIK tidak lazim bentuknya."),
        ({"nik": "8171014403609901", "birth_date": "1960-03-04"}, "⚠️ Usia 66 tahun: batasnya di bawah 65 tahun."),
        ({"nik": "8171010303159901", "birth_date": "2015-03-03", "gender": "L"}, "⚠️ NIK ini mungkin nomor KK."),
        ({"village": "outside", "outside_village": "Tulehu, Maluku Tengah"}, "⚠️ Tinggal di luar Kota Ambon."),
    ],
)
async def test_each_finding_has_a_sign_and_a_sentence(
    desk: OfficeDesk, sari: Someone, dewi: Someone, answers: dict[str, str], sentence: str
) -> None:
    await desk.registers(sari, {**SARI, **answers})
    assert sentence in await dewi.says("/ambil")


async def test_the_quality_of_the_photo_is_told(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    await desk.registers(sari, flaws=("dark", "blurred"))
    card = await dewi.says("/ambil")
    assert "⚠️ Fotonya gelap." in card
    assert "⚠️ Fotonya buram." in card
    await desk.registers(sari, BUDI, photo=False)
    assert "⚠️ Foto KTP belum ada." in await dewi.says("/ambil")


async def test_the_same_nik_twice_stands_on_both_cards(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    first = await desk.registers(sari)
    second = await desk.registers(desk.someone("Joko"))
    assert second.duplicate_of == first.id
    assert f"⚠️ NIK yang sama ada di {second.receipt} (Menunggu diperiksa)." in await dewi.says("/ambil")
    assert f"⚠️ NIK yang sama ada di {first.receipt} (Sedang diperiksa)." in await dewi.says("/ambil")


async def test_a_nearly_equal_name_with_the_same_birth_date_is_told(
    desk: OfficeDesk, sari: Someone, dewi: Someone
) -> None:
    near = await desk.registers(sari, {**SARI, "nik": "8171014403859903", "name": "SARNI TUHUMURI"})
    await desk.registers(sari, {**SARI, "nik": "8171014403859904", "name": "MARIA DE FRETES"})
    await desk.registers(sari)
    for _ in range(3):
        card = await dewi.says("/ambil")
    assert card.count("Nama mirip dan tanggal lahir sama") == 1
    assert f"⚠️ Nama mirip dan tanggal lahir sama: {near.receipt}" in card


async def test_more_than_two_hundred_with_one_birth_date_are_not_all_compared(
    desk: OfficeDesk, sari: Someone, dewi: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.checks.COMPARED", 2)
    for serial in range(10, 13):
        await desk.registers(sari, {**SARI, "nik": f"81710144038599{serial}", "name": "MARIA DE FRETES"})
    case = await desk.registers(sari)
    assert "Lebih dari 2 orang lahir pada tanggal ini" in await dewi.says(f"/ambil {case.receipt}")


async def test_a_shared_phone_is_counted(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    for serial in (2, 3):
        await desk.registers(sari, {**BUDI, "nik": f"817101150380991{serial}", "phone": SARI["phone"]})
    case = await desk.registers(sari)
    assert "Nomor HP ini dipakai juga di 2 pendaftaran lain." in await dewi.says(f"/ambil {case.receipt}")


async def test_messages_held_back_and_notes_stand_on_the_card(desk: OfficeDesk, sari: Someone, dewi: Someone) -> None:
    case = await desk.registers(sari)

    def blocked(tx: Tx) -> None:
        person = tx.people.get(case.address_id)
        assert person is not None
        tx.people.mark_unreachable(person.id, True)
        unreachable = tx.people.get(case.address_id)
        assert unreachable is not None
        from conversation.messages import Message

        tx.outbox.put(unreachable, Message("-"), registration_id=case.id)
        tx.registrations.add_note(case.id, "Pindah minggu depan", actor=Actor.WORKER)

    await desk.store.transact(blocked)
    card = await dewi.says("/ambil")
    assert "⚠️ 1 pesan kepada pekerja belum bisa terkirim." in card
    assert "Catatan pekerja" in card
    assert "Pindah minggu depan" in card


def test_row_ids_of_any_size_fit_a_tap() -> None:
    largest = 2**53
    written = data("r", "pick", 11, largest, 10**6)
    assert len(written.encode()) <= 64
    assert number(written.split(":")[3]) == largest
    assert number("zz-") is None
