"""Who may send a broadcast: above a number of people a second admin approves, and nobody what they wrote."""

from __future__ import annotations

import asyncio

import pytest

from domain.broadcast import State
from domain.officer import Role
from domain.registration import Actor
from handlers.broadcast_text import message
from handlers.taps import data
from storage.store import Tx
from tests.broadcasts import admin_id, audit, crowd_of, frozen, heard, now, waits
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Selamat pagi {sapaan}. Besok kantor tutup."


@ON_BOTH
@pytest.mark.given(approval_above=2)
async def test_above_the_limit_another_admin_approves_after_seeing_it(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    tini, wati = await office.joins("Tini", Role.ADMIN), await office.joins("Wati", Role.ADMIN)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.taps("Minta persetujuan")
    await rahmat.hears("Sudah dimintakan persetujuan ke: Tini, Wati")
    assert (await waits(office, broadcast)).state is State.AWAITING
    await tini.hears("Selamat pagi Bapak/Ibu. Besok kantor tutup.")
    asked = await tini.hears("Rahmat minta persetujuan")
    assert "Untuk: semua orang" in asked.text
    assert "Dikirim ke 3 orang" in asked.text
    await rahmat.taps(data=data("b", "ok", broadcast.id))
    assert "siaran Bapak/Ibu sendiri" in await rahmat.toast()
    await tini.taps("Setujui")
    await wati.taps("Setujui")
    done = await waits(office, broadcast)
    assert done.state is State.DONE
    approved_by = await office.read(lambda tx: tx.staff.name(done.approved_by or 0))
    first, second = (tini, wati) if approved_by == "Tini" else (wati, tini)
    assert f"{first.name} lebih dulu" in await second.toast() or "selesai" in await second.toast()
    assert any(f"{first.name} sudah menyetujui" in seen.text for seen in rahmat.ledger)
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


@ON_BOTH
@pytest.mark.given(approval_above=2)
async def test_of_two_who_decide_at_once_the_second_hears_who_was_first(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 3)
    tini, wati = await office.joins("Tini", Role.ADMIN), await office.joins("Wati", Role.ADMIN)
    broadcast = await frozen(office, TEXT)
    await rahmat.says("jadwalkan")
    await rahmat.says("besok 09.00")
    await rahmat.hears("24 November")
    await rahmat.taps("Minta persetujuan")
    await tini.hears("Rahmat minta persetujuan")
    await wati.hears("Rahmat minta persetujuan")
    await asyncio.gather(
        tini.taps(data=data("b", "ok", broadcast.id)), wati.taps(data=data("b", "refused", broadcast.id))
    )
    toasts = [await tini.toast(), await wati.toast()]
    [late] = [each for each in toasts if each]
    state = (await waits(office, broadcast)).state
    assert state in (State.SCHEDULED, State.STOPPED)
    assert late.startswith("Tini lebih dulu" if state is State.SCHEDULED else "Wati lebih dulu")


@pytest.mark.given(approval_above=2)
async def test_a_refusal_ends_it_and_the_author_hears_why(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    tini = await office.joins("Tini", Role.ADMIN)
    for by_hand in (True, False):
        broadcast = await frozen(office, TEXT)
        await rahmat.says("kirim sekarang")
        await rahmat.hears("Admin lain harus menyetujui")
        await rahmat.says("ya")
        await tini.hears("Rahmat minta persetujuan")
        if by_hand:
            await tini.taps("Tolak")
            await tini.hears("Mengapa siaran")
            await tini.says("Tanggalnya salah.")
        else:
            await tini.says(f"tolak {broadcast.number} Tanggalnya salah.")
        await tini.hears("ditolak")
        await rahmat.hears("Alasan: Tanggalnya salah.")
        refused = await waits(office, broadcast)
        assert (refused.state, refused.code) == (State.STOPPED, "refused")
    await tini.says("setujui")
    await office.settles()
    assert "Siaran" not in tini.last_heard
    assert not any(heard(office, chat_id) for chat_id in crowd)


@pytest.mark.given(approval_above=2)
async def test_the_only_admin_types_the_number_and_the_audit_says_so(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.hears("ketik jumlah orangnya")
    await rahmat.taps(data=data("b", "yes", "all", broadcast.id, (await now(office, broadcast.id)).version))
    assert "belum cocok" in await rahmat.toast()
    await rahmat.says("ya")
    assert (await waits(office, broadcast)).state is State.PREPARED
    await rahmat.says("4")
    await rahmat.hears("belum cocok")
    await rahmat.says("3 orang")
    assert (await waits(office, broadcast)).state is State.DONE
    assert await audit(office, "broadcast_confirmed_alone") == [f"{broadcast.number} 3"]
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


@pytest.mark.given(approval_above=2)
async def test_where_the_last_colleague_leaves_the_author_may_type_the_number(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 3)
    tini = await office.joins("Tini", Role.ADMIN)
    broadcast = await frozen(office, TEXT)
    await rahmat.says("kirim")
    await rahmat.hears("Admin lain harus menyetujui")
    await rahmat.says("ya")
    await tini.hears("Rahmat minta persetujuan")
    await tini.blocks()
    await office.settles()
    await rahmat.says(f"lanjut {broadcast.number}")
    await rahmat.hears("ketik jumlah orangnya")
    await rahmat.says("3")
    assert (await waits(office, broadcast)).state is State.DONE


async def test_nobody_approves_what_they_wrote_even_after_a_colleague_took_it_over(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 1)
    broadcast = await frozen(office, TEXT)
    shown = message(broadcast, office.office, name="Bapak/Ibu", village=None)
    assert shown.text.startswith("Selamat pagi Bapak/Ibu")
    me = await admin_id(office)
    tini = await office.joins("Tini", Role.ADMIN)

    def taken_over(tx: Tx) -> None:
        found = tx.broadcasts.get(broadcast.id, lock=True)
        other = next(one.id for one in tx.staff.all() if one.id != me)
        assert found is not None
        taken = tx.broadcasts.save(found, found.taken_over(other))
        tx.broadcasts.move(taken, State.AWAITING, by=Actor.ADMIN, actor_id=other)

    await office.store.transact(taken_over)
    for one in (rahmat, tini):
        await one.taps(data=data("b", "ok", broadcast.id))
        assert "siaran Bapak/Ibu sendiri" in await one.toast()
