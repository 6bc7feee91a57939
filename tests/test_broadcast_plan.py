"""What admins do with a broadcast whose list of people is made: look, choose when, throw away."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from domain.audience import Audience, Condition
from domain.broadcast import Kind, State
from domain.officer import Role
from handlers.taps import data
from storage.store import Tx
from tests.broadcasts import crowd_of, frozen, heard, now, waits
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Selamat pagi {sapaan}. Besok kantor tutup."


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
