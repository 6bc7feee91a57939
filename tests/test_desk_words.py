"""What a tired officer types at the desk: a command without its number, a command where an answer is awaited, a number
out of a long list. Not for: which words are commands (test_spoken.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.broadcast import Content, State
from domain.broadcast import Kind as Sent
from domain.limits import Limits
from domain.officer import Role
from domain.registration import Actor, Registration
from domain.rules import Rules
from storage.store import Tx
from tests.office_desk import BARE, BUDI, OfficeDesk, Someone, database, engine_for


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


# A command without its receipt number


async def test_the_only_case_an_officer_holds_needs_no_receipt_number(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    await dewi.says("AMBIL")
    assert "Lihat KTP dulu" in await dewi.says("SETUJUI")
    assert dewi.chat.shown[-1].choices[0].label == "Lihat KTP"
    assert "Apa yang perlu diperbaiki" in await dewi.says("perbaiki")
    assert "Mengapa" in await dewi.says("Tolak")
    await dewi.says("3")
    await dewi.says("LEWATI")
    pending = await desk.store.transact(lambda tx: tx.queue.pending(case.id))
    assert pending is not None


async def test_of_two_cases_the_one_that_is_meant_is_asked(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    other = await desk.registers(desk.someone("Budi"), answers=BUDI)
    for each in (case, other):
        await dewi.says(f"AMBIL {each.receipt}")
    assert "Tulis juga nomor daftarnya" in await dewi.says("TOLAK")
    assert f"Mengapa {other.receipt}" in await dewi.taps(str(other.receipt))


async def test_the_looking_that_comes_first_is_offered_with_its_number(dewi: Someone, case: Registration) -> None:
    await dewi.says("AMBIL")
    await dewi.says("ANTREAN")
    await dewi.says(f"SETUJUI {case.receipt}")
    assert [choice.label for choice in dewi.chat.shown[-1].choices][:2] == ["Lihat KTP", "Setujui"]


async def test_antrian_is_the_queue_too(dewi: Someone, case: Registration) -> None:
    assert "1 menunggu" in await dewi.says("antrian")


# What a worker reads is no command


@pytest.mark.parametrize("said", ["PERBAIKI", "ANTREAN", "SETUJUI", "LANJUT"])
async def test_a_command_alone_is_never_sent_to_a_worker_as_the_answer(
    desk: OfficeDesk, rahmat: Someone, case: Registration, said: str
) -> None:
    sari = desk.someone("Sari")
    await desk.store.transact(lambda tx: tx.enquiries.ask(tx.people.arrive(sari.address)[0], area=None, text="Kapan?"))
    await rahmat.says("PERTANYAAN")
    await rahmat.taps("Jawab")
    assert "sudah dikirim" not in await rahmat.says(said)
    assert said not in sari.screen


async def test_perbaiki_is_no_note_to_a_correction(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    await dewi.says("AMBIL")
    await dewi.says(f"PERBAIKI {case.receipt}")
    await dewi.says("1, 4")
    assert "Apa yang perlu diperbaiki" in await dewi.says("PERBAIKI")
    assert await desk.store.transact(lambda tx: tx.queue.pending(case.id)) is None


async def test_selesai_after_typed_reasons_is_no_note(desk: OfficeDesk, dewi: Someone, case: Registration) -> None:
    await dewi.says("AMBIL")
    await dewi.says(f"PERBAIKI {case.receipt}")
    await dewi.says("1, 4")
    await dewi.says("Selesai")
    pending = await desk.store.transact(lambda tx: tx.queue.pending(case.id))
    assert pending is not None
    assert pending.note is None


async def test_an_answer_with_a_nik_may_be_written_once_more(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    sari = desk.someone("Sari")
    await desk.store.transact(lambda tx: tx.enquiries.ask(tx.people.arrive(sari.address)[0], area=None, text="Kapan?"))
    await dewi.says("PERTANYAAN")
    await dewi.taps("Jawab")
    assert "tanpa NIK" in await dewi.says("Senin, 8171014403859901")
    assert "sudah dikirim" in await dewi.says("Hari Senin.")
    assert "Hari Senin." in sari.screen


async def test_petugas_is_no_place(rahmat: Someone) -> None:
    await rahmat.says("UNDANG petugas")
    assert "Petugas dan admin" in await rahmat.says("PETUGAS")


async def test_another_case_is_decided_in_the_middle_of_a_note(
    desk: OfficeDesk, dewi: Someone, case: Registration
) -> None:
    other = await desk.registers(desk.someone("Budi"), answers=BUDI)
    await dewi.says(f"TOLAK {case.receipt}")
    await dewi.says(f"AMBIL {case.receipt}")
    await dewi.says(f"TOLAK {case.receipt}")
    await dewi.says("3")
    assert f"Kasus **{other.receipt}**" in await dewi.says(f"AMBIL {other.receipt}")
    assert await desk.store.transact(lambda tx: tx.queue.pending(case.id)) is None


@pytest.mark.parametrize("said", ["setujui", "SETUJUI 1", "setujui siaran 1"])
async def test_who_thinks_better_of_a_refusal_approves_the_broadcast(
    desk: OfficeDesk, rahmat: Someone, said: str
) -> None:
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
    assert "Mengapa siaran 1 ditolak" in await tini.says("TOLAK")
    await tini.says(said)
    found = await desk.store.transact(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    assert found.state is State.SCHEDULED
    assert "belum kami mengerti" in await tini.says("Baik, terima kasih semuanya")


# Lists answered by number


async def test_forty_five_officers_are_all_picked_by_number(desk: OfficeDesk, rahmat: Someone) -> None:
    for number in range(2, 46):
        await desk.someone(f"Petugas {number}").joins()
    await rahmat.says("PETUGAS")
    if not desk.office.limits_of("test").numbers:
        assert "Petugas 40: petugas" in await rahmat.taps("40. Petugas 40")
        return
    for number in (2, 40, 45):
        await rahmat.says("PETUGAS")
        assert f"Petugas {number}: petugas" in await rahmat.says(str(number))


async def test_an_officer_is_named_by_the_number_in_the_list(rahmat: Someone, dewi: Someone) -> None:
    assert "Dewi: petugas" in await rahmat.says("PETUGAS 2")


async def test_areas_are_chosen_by_several_numbers_and_again_after_a_slip(desk: OfficeDesk, rahmat: Someone) -> None:
    if not desk.office.limits_of("test").numbers:
        pytest.skip("nobody answers by number here")
    await rahmat.says("UNDANG petugas")
    assert "Tidak ada tempat" in await rahmat.says("Bukan Tempat")
    assert "Kec. Nusaniwe" in await rahmat.says("2")
    assert "Kec. Nusaniwe, Kec. Sirimau, Kec. Teluk Ambon" in await rahmat.says("3 dan 5")


async def test_a_new_broadcast_is_begun_by_its_number(desk: OfficeDesk, rahmat: Someone) -> None:
    if not desk.office.limits_of("test").numbers:
        pytest.skip("nobody answers by number here")
    await rahmat.says("SIARAN")
    assert "Kapan" in await rahmat.says("2")
