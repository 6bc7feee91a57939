"""What admins do with a broadcast whose list of people is made: look, plan, approve, hold back, end, send again."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from domain.audience import Audience, Condition
from domain.broadcast import Broadcast, Kind, Outcome, State
from domain.officer import Role
from domain.registration import Actor
from handlers import due_broadcasts
from handlers.broadcast_text import message
from handlers.taps import data
from storage.store import Tx
from tests.broadcasts import admin_id, crowd_of, frozen, heard, now, outcomes
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Selamat pagi {sapaan}. Besok kantor tutup."


async def waits(office: LiveOffice, broadcast: Broadcast) -> Broadcast:
    """What is said is answered, and what is due has happened."""
    await office.broadcasts_go_on()
    return await now(office, broadcast.id)


async def audit(office: LiveOffice, action: str) -> list[str]:
    return [str(detail) for was, detail in office.rows("SELECT action, detail FROM audit ORDER BY id") if was == action]


# The card


@pytest.mark.given(first_batch=2)
async def test_the_card_says_whom_it_reaches_who_is_left_out_and_what_can_be_done(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 3)
    await crowd_of(office, 1, notices=None, skip=10)
    fishers = Audience((Condition("occupation", ("NEL",)), Condition("place", ("81.71.01.2001",))))
    await frozen(office, TEXT, audience=fishers)
    card = await rahmat.hears("Dikirim ke 3 orang")
    assert "Untuk: nelayan di Latuhalat." in card.text
    assert "belum pernah" in card.text or "1 tidak" in card.text
    labels = [button.text for row in card.rows for button in row]
    assert labels == ["Kirim sekarang", "Jadwalkan", "Kirim ke 2 orang dulu", "Pratinjau", "Ubah", "Buang"]


async def test_the_preview_is_what_a_worker_gets_and_its_choices_do_nothing(
    office: LiveOffice, rahmat: Villager
) -> None:
    [chat_id] = await crowd_of(office, 1)
    broadcast = await frozen(office, "Selamat pagi {sapaan}. Besok kantor tutup.")
    await rahmat.taps("Pratinjau")
    seen = await rahmat.hears("Besok kantor tutup")
    await rahmat.says("kirim")
    await rahmat.taps("Ya, kirim")
    await waits(office, broadcast)
    assert heard(office, chat_id) == [seen.text.replace("Bapak/Ibu", "Ibu Warga")]


async def test_what_is_thrown_away_reaches_nobody_and_its_old_buttons_answer_kindly(
    office: LiveOffice, rahmat: Villager
) -> None:
    crowd = await crowd_of(office, 2)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Buang")
    await rahmat.hears("dibuang")
    assert (await waits(office, broadcast)).state is State.STOPPED
    await rahmat.taps(data=data("b", "now", broadcast.id))
    assert "dihentikan" in await rahmat.toast()
    assert not any(heard(office, chat_id) for chat_id in crowd)


async def test_a_list_with_nobody_in_it_cannot_be_sent(office: LiveOffice, rahmat: Villager) -> None:
    nobody = Audience((Condition("place", ("81.71.03.2001",)),))
    await frozen(office, TEXT, audience=nobody)
    card = await rahmat.hears("Dikirim ke 0 orang")
    assert [button.text for row in card.rows for button in row] == ["Pratinjau", "Ubah", "Buang"]


async def test_only_admins_see_anything_and_only_the_author_decides_before_it_is_sent(
    office: LiveOffice, rahmat: Villager, dewi: Villager
) -> None:
    await crowd_of(office, 2)
    broadcast = await frozen(office, TEXT)
    tini = await office.joins("Tini", Role.ADMIN)
    for word in ("now", "view", "pause", "stopped", "ok", "drop"):
        await dewi.taps(data=data("b", word, broadcast.id))
        assert "tidak berlaku" in await dewi.toast() or "sudah tidak" in await dewi.toast()
    await dewi.says("/hentikan")
    await office.settles()
    assert "iaran" not in dewi.last_heard
    for word in ("now", "first", "drop", "stop"):
        await tini.taps(data=data("b", word, broadcast.id))
        assert "Rahmat masih menyiapkan" in await tini.toast()
    for forged in ("b", "b:now", "b:now:zzzzzzzz", "b:yes:all:1", "b:again:sent:1", "b:nothing:1", "b:ok:::"):
        await tini.taps(data=forged)
        assert "tidak berlaku" in await tini.toast()
    assert (await now(office, broadcast.id)).state is State.PREPARED


# When


@ON_BOTH
async def test_everything_can_be_typed(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 4)
    broadcast = await frozen(office, TEXT)
    await rahmat.says("2 dulu")
    await rahmat.hears("Mulai dari 2 orang dulu")
    await rahmat.says("tidak")
    await rahmat.hears("Dikirim ke 4 orang")
    await rahmat.says("2")
    await rahmat.hears("Kapan siaran")
    await rahmat.says("besok jam 9")
    await rahmat.hears("24 November 2026, 09.00 WIT")
    await rahmat.says("3 dulu")
    await rahmat.hears("Mulai dari 3 orang dulu")
    await rahmat.says("tidak")
    await rahmat.hears("Dikirim ke 4 orang")
    await rahmat.says("jadwalkan")
    await rahmat.says("besok 09.00")
    await rahmat.hears("24 November 2026, 09.00 WIT")
    await rahmat.says("ya")
    await rahmat.hears("menunggu waktunya")
    assert (await waits(office, broadcast)).state is State.SCHEDULED
    await rahmat.says("jeda")
    await rahmat.hears("dijeda")
    await rahmat.says("lanjut")
    await rahmat.hears("menunggu waktunya")
    assert not any(heard(office, chat_id) for chat_id in crowd)
    await office.later(days=1)
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)
    assert (await now(office, broadcast.id)).state is State.DONE


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("hari ini 08.00", "sudah lewat"),
        ("besok", "jam"),
        ("kapan-kapan", "tanggal dan jamnya"),
        ("28-11-2027 09.00", "terlalu jauh"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_kindly(
    office: LiveOffice, rahmat: Villager, typed: str, told: str
) -> None:
    await crowd_of(office, 1)
    await frozen(office, TEXT)
    await rahmat.says("jadwalkan")
    await rahmat.hears("Kapan siaran")
    await rahmat.says(typed)
    await rahmat.hears(told)
    await rahmat.says("Sabtu jam 8")
    await rahmat.hears("28 November 2026, 08.00 WIT")


@pytest.mark.given(telegram_per_second=0.01)
async def test_what_will_not_be_over_in_time_is_said_beforehand(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 600)

    def event(tx: Tx) -> int:
        starts_at = tx.at + 9 * 3_600_000
        return tx.events.add(starts_at=starts_at, village=None, place="Balai", bring="", created_by=1).id

    event_id = await office.store.transact(event)
    broadcast = await frozen(office, TEXT, kind=Kind.INVITATION)

    def invites(tx: Tx) -> None:
        found = tx.broadcasts.get(broadcast.id, lock=True)
        assert found is not None
        tx.broadcasts.save(found, replace(found, event_id=event_id))

    await office.store.transact(invites)
    await rahmat.taps("Kirim sekarang")
    plan = await rahmat.hears("Selesai kira-kira")
    assert "Tidak selesai sebelum jam tenang mulai 23 November 2026, 20.00 WIT" in plan.text
    assert "Sisanya dikirim mulai 24 November 2026, 07.00 WIT" in plan.text
    assert re.search("Acara mulai .*18.00 WIT, sebelum semua diundang", plan.text)
    await rahmat.taps("Jadwalkan")
    await rahmat.says("hari ini 21.00")
    await rahmat.hears("Waktu itu jam tenang. Mulai dikirim 24 November 2026, 07.00 WIT")


async def test_an_invitation_ends_when_its_event_begins(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)

    def event(tx: Tx) -> int:
        return tx.events.add(starts_at=tx.at + 3_600_000, village=None, place="Balai", bring="", created_by=1).id

    event_id = await office.store.transact(event)
    broadcast = await frozen(office, TEXT, kind=Kind.INVITATION)
    await office.store.transact(lambda tx: tx.broadcasts.save(broadcast, replace(broadcast, event_id=event_id)))
    await rahmat.taps("Jadwalkan")
    await rahmat.says("hari ini 11.00")
    await rahmat.hears("sebelum semua diundang")
    await rahmat.taps("Ya, kirim")
    await office.later(hours=3)
    assert (await now(office, broadcast.id)).code == "event_began"
    await rahmat.hears("Acaranya sudah mulai")
    assert not any(heard(office, chat_id) for chat_id in crowd)


@pytest.mark.given(first_batch=2)
async def test_a_first_batch_waits_to_be_looked_at(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 5)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim ke 2 orang dulu")
    await rahmat.hears("Mulai dari 2 orang dulu")
    await rahmat.taps("Ya, kirim")
    paused = await waits(office, broadcast)
    assert (paused.state, paused.code, paused.counts.sent) == (State.PAUSED, "first_batch", 2)
    assert sum(len(heard(office, chat_id)) for chat_id in crowd) == 2
    await rahmat.taps("Lanjutkan")
    assert (await waits(office, broadcast)).state is State.DONE
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


async def test_a_plan_that_was_changed_since_is_not_sent_by_an_old_yes(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 5)
    broadcast = await frozen(office, TEXT)
    await rahmat.taps("Kirim sekarang")
    old = await rahmat.hears("Selesai kira-kira")
    button = old.button("Ya, kirim")
    assert button is not None
    await rahmat.taps("Jadwalkan")
    await rahmat.says("besok 09.00")
    await rahmat.hears("24 November")
    await rahmat.taps(data=button.data)
    assert "tidak berlaku" in await rahmat.toast()
    assert (await waits(office, broadcast)).state is State.PREPARED


# Approval


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
