"""A broadcast under way: pause, go on, stop, send again, and what becomes of it when its admin leaves."""

from __future__ import annotations

import asyncio

import pytest

from domain.broadcast import Outcome, State
from domain.officer import Role
from handlers import due_broadcasts
from handlers.taps import data
from tests.broadcasts import admin_id, audit, crowd_of, frozen, heard, now, outcomes, waits
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Selamat pagi {sapaan}. Besok kantor tutup."


# Under way


@ON_BOTH
async def test_a_pause_lets_no_more_out_than_what_is_in_hand(office: LiveOffice, rahmat: Villager) -> None:
    """At forty a second no more than forty are ever with the network: what one second lets out."""
    office.per_second = 40.0
    await office.restarts()
    crowd = await crowd_of(office, 400)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.taps("Ya, kirim")
    await rahmat.hears("menunggu waktunya")
    going = asyncio.create_task(office.broadcasts_go_on())
    async with asyncio.timeout(30):
        while sum(len(heard(office, chat_id)) for chat_id in crowd) < 20:
            await office.server.world.bell.heard(0.05)
    await rahmat.says("/jeda")
    async with asyncio.timeout(30):
        while (await now(office, broadcast.id)).state is not State.PAUSED:
            await office.server.world.bell.heard(0.01)
    out = sum(len(heard(office, chat_id)) for chat_id in crowd)
    await going
    paused = await now(office, broadcast.id)
    after = sum(len(heard(office, chat_id)) for chat_id in crowd)
    assert after - out <= 40
    assert paused.state is State.PAUSED
    assert after < 400
    await outcomes(office, paused)
    await rahmat.hears("dijeda")
    await rahmat.says("/hentikan")
    await rahmat.hears("Yang sudah terkirim tidak bisa ditarik")
    await rahmat.says("ya")
    stopped = await waits(office, broadcast)
    assert stopped.state is State.STOPPED
    counted = await outcomes(office, stopped)
    assert counted[Outcome.LINED] == 0
    assert stopped.counts.lined == stopped.counts.over == after == counted[Outcome.SENT]
    assert counted[Outcome.WAITING] == 400 - after
    await rahmat.hears(f"Terkirim: {after} dari 400")
    assert office.rows("SELECT COUNT(*) FROM papers")[0][0] >= 2


async def test_what_was_in_hand_at_a_stop_and_did_not_go_out_is_taken_back(
    office: LiveOffice, rahmat: Villager
) -> None:
    [chat_id] = await crowd_of(office, 1)
    fault = office.server.fault("sendMessage", 429, retry_after=1, chat_id=chat_id)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.taps("Ya, kirim")
    await rahmat.hears("menunggu waktunya")
    await office.store.transact(due_broadcasts.advance, office.office)
    await office.store.transact(due_broadcasts.advance, office.office)
    await fault.met.wait()
    await rahmat.taps(data=data("b", "stopped", broadcast.id))
    await rahmat.hears("dihentikan")
    stopped = await waits(office, broadcast)
    assert stopped.counts.lined == 0
    assert (await outcomes(office, stopped))[Outcome.WAITING] == 1
    assert heard(office, chat_id) == []


@ON_BOTH
async def test_another_admin_may_hold_it_back_and_the_author_is_told(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 3)
    tini = await office.joins("Tini", Role.ADMIN)
    first, second = await frozen(office, TEXT), await frozen(office, TEXT)
    for broadcast in (first, second):
        version = (await now(office, broadcast.id)).version
        await rahmat.taps(data=data("b", "at", broadcast.id))
        await rahmat.hears("Kapan siaran")
        await rahmat.says("besok 09.00")
        await rahmat.hears("24 November")
        assert (await now(office, broadcast.id)).version == version + 1
        await rahmat.says("ya")
        await rahmat.hears("menunggu waktunya")
    await tini.says("/jeda")
    asked = await tini.hears("Siaran yang mana?")
    assert [button.text for row in asked.rows for button in row] == [
        f"Siaran {each.number}" for each in (first, second)
    ]
    await tini.says("99")
    await tini.says(str(second.number))
    await tini.hears(f"Siaran {second.number}: dijeda")
    await rahmat.hears("Tini menjedanya")
    assert (await now(office, first.id)).state is State.SCHEDULED
    await rahmat.says(f"/jeda {second.number}")
    await rahmat.hears(f"Tini lebih dulu. Siaran {second.number}: dijeda.")
    await tini.says(f"lanjut {second.number}")
    await rahmat.hears("Tini melanjutkannya")
    await tini.says("/lanjut")
    await tini.hears("tidak ada siaran")
    await tini.says("/hentikan 77")
    await tini.hears("Tidak ada siaran 77")


@ON_BOTH
async def test_two_admins_who_press_at_once_make_one_move(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 3)
    tini = await office.joins("Tini", Role.ADMIN)
    broadcast = await frozen(office, TEXT)
    await rahmat.says("jadwalkan")
    await rahmat.says("besok 09.00")
    await rahmat.says("ya")
    await rahmat.hears("menunggu waktunya")
    await asyncio.gather(*(one.taps(data=data("b", "pause", broadcast.id)) for one in (rahmat, tini)))
    toasts = [await rahmat.toast(), await tini.toast()]
    assert sorted(bool(each) for each in toasts) == [False, True]
    assert "lebih dulu" in max(toasts)
    moved = [each for each in await audit(office, "broadcast_moved") if each.endswith("paused admin")]
    assert len(moved) == 1


# Again


@ON_BOTH
async def test_only_those_who_failed_get_it_again(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_broadcasts, "AGAIN_PAGE", 3)
    crowd = await crowd_of(office, 10)
    for chat_id in crowd[:4]:
        office.server.fault("sendMessage", 400, chat_id=chat_id, description="Bad Request: something")
    office.server.fault("sendMessage", "lost", chat_id=crowd[4])
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    await rahmat.taps("Ya, kirim")
    done = await waits(office, broadcast)
    assert (done.state, done.counts.failed, done.counts.unclear) == (State.DONE, 4, 1)
    await rahmat.taps("Kirim ulang yang gagal (4)")
    await rahmat.hears("dikirim ke 4 orang sekarang")
    await rahmat.taps("Ya, kirim")
    done = await waits(office, broadcast)
    assert await outcomes(office, done) == {Outcome.SENT: 9, Outcome.UNCLEAR: 1, Outcome.LEFT_OUT: 1}
    assert done.counts.lined == 10
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd[:4] + crowd[5:])
    await rahmat.taps("Kirim ulang yang belum jelas (1)")
    await rahmat.hears("menerimanya dua kali")
    await rahmat.says("ya")
    done = await waits(office, broadcast)
    assert await outcomes(office, done) == {Outcome.SENT: 10, Outcome.LEFT_OUT: 1}
    assert done.state is State.DONE
    await rahmat.taps(data=data("b", "again", "failed", broadcast.id))
    assert "Tidak ada lagi" in await rahmat.toast()


@pytest.mark.given(approval_above=2)
async def test_again_above_the_limit_needs_approval_again(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 4)
    tini = await office.joins("Tini", Role.ADMIN)
    for chat_id in crowd[:3]:
        office.server.fault("sendMessage", 400, chat_id=chat_id, description="Bad Request: something")
    broadcast = await frozen(office, TEXT)
    await rahmat.says("kirim")
    await rahmat.hears("Admin lain harus menyetujui")
    await rahmat.says("ya")
    await tini.hears("Rahmat minta persetujuan")
    await tini.says("setujui")
    await waits(office, broadcast)
    for answer, state in (("Tolak", State.DONE), ("Setujui", State.DONE)):
        await rahmat.taps("Kirim ulang yang gagal (3)")
        await rahmat.taps("Minta persetujuan")
        asked = await tini.hears("tadi gagal")
        await tini.taps(answer, message_id=asked.message_id)
        if answer == "Tolak":
            await tini.hears("Mengapa")
            await tini.says("lewati")
            await rahmat.hears("Tini menolaknya")
        else:
            await rahmat.hears("Tini sudah menyetujui")
        assert (await waits(office, broadcast)).state is state
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


# When an admin leaves


@ON_BOTH
@pytest.mark.given(approval_above=2)
async def test_what_a_suspended_admin_wrote_ends_waits_or_is_taken_over(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    tini, wati = await office.joins("Tini", Role.ADMIN), await office.joins("Wati", Role.ADMIN)
    author = await admin_id(office)
    running = await frozen(office, TEXT)
    await rahmat.says("jadwalkan")
    await rahmat.hears("Kapan siaran")
    await rahmat.says("besok 09.00")
    await rahmat.hears("Admin lain harus menyetujui")
    await rahmat.says("ya")
    await tini.hears("Rahmat minta persetujuan")
    await tini.says("setujui")
    awaiting = await frozen(office, TEXT)
    await rahmat.says("kirim")
    await rahmat.hears("Admin lain harus menyetujui")
    await rahmat.says("ya")
    await wati.hears("Rahmat minta persetujuan")
    prepared = await frozen(office, TEXT)
    await tini.taps(data=data("s", "hold", author))
    asked = await wati.hears("Admin lain yang memutuskan")
    assert [button.text for row in asked.rows for button in row] == ["Lanjutkan", "Hentikan"]
    await office.settles()
    states = [(await now(office, each.id)).state for each in (running, awaiting, prepared)]
    assert states == [State.PAUSED, State.AWAITING, State.STOPPED]
    await wati.taps("Lanjutkan")
    await wati.hears("menunggu waktunya")
    taken = await now(office, running.id)
    assert (taken.state, await office.read(lambda tx: tx.staff.name(taken.owner_id))) == (State.SCHEDULED, "Wati")
    await tini.taps(data=data("b", "resume", running.id))
    assert "Wati lebih dulu" in await tini.toast()
    await wati.says("setujui")
    await wati.hears("menyetujui")
    done = await waits(office, awaiting)
    assert (done.state, done.owner_id) == (State.DONE, taken.owner_id)
    before = len(rahmat.ledger)
    await office.later(days=1)
    assert (await now(office, running.id)).state is State.DONE
    assert all(len(heard(office, chat_id)) == 2 for chat_id in crowd)
    assert len(rahmat.ledger) == before
