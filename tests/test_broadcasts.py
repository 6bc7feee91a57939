"""A broadcast reaches everybody once: who is frozen in, who is left out, what happens while it runs and when it dies.

Composing and pressing are in other files; here the states are moved as the handlers move them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from conversation.messages import Message
from domain.audience import Audience, Condition
from domain.broadcast import MOVES, Broadcast, Content, Kind, Outcome, State
from domain.errors import NotAllowed
from domain.registration import Actor
from domain.topic import Topic
from handlers import broadcast_sending, due_broadcasts
from storage.registrations import OutOfDate
from storage.store import Tx
from tests.broadcasts import admin_id, crowd_of, frozen, heard, moves, now, outcomes, sent, somebody
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Selamat pagi {sapaan}. Besok kantor tutup."


# Who it goes to


@ON_BOTH
async def test_everybody_who_wants_it_gets_it_once_and_the_others_are_counted_by_reason(
    office: LiveOffice, rahmat: Villager
) -> None:
    crowd = await crowd_of(office, 30)
    never = await crowd_of(office, 3, notices=None, skip=100)
    events_only = await crowd_of(office, 2, notices=Topic.EVENTS, skip=200)
    broadcast = await frozen(office, TEXT)
    assert (broadcast.state, broadcast.counts.total) == (State.PREPARED, 30)
    # The admin has an address and was never asked.
    assert dict(broadcast.counts.left_out) == {"never_asked": 4, "opted_out": 2}
    done = await sent(office, broadcast)
    assert done.state is State.DONE
    assert await outcomes(office, done) == {Outcome.SENT: 30, Outcome.LEFT_OUT: 6}
    for chat_id in crowd:
        [text] = heard(office, chat_id)
        assert text.startswith("Selamat pagi Ibu Warga. Besok kantor tutup.")
        assert text.endswith("Balas STOP.")
    assert not any(heard(office, chat_id) for chat_id in never + events_only)
    await rahmat.hears("Terkirim: 30 dari 30")


async def test_the_list_is_made_in_pages_and_stays_as_it_was_made(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_broadcasts, "PAGE", 7)
    monkeypatch.setattr(due_broadcasts, "SLICE", 4)
    monkeypatch.setattr(due_broadcasts, "FEW", 3)
    await crowd_of(office, 25)
    broadcast = await frozen(office, TEXT)
    await crowd_of(office, 5, skip=50)
    assert broadcast.counts.total == 25
    assert await outcomes(office, await sent(office, broadcast)) == {Outcome.SENT: 25, Outcome.LEFT_OUT: 1}


async def test_ten_people_on_one_phone_get_one_message_without_a_name(office: LiveOffice, rahmat: Villager) -> None:
    [chat_id] = await crowd_of(office, 1)

    def nine(tx: Tx) -> None:
        person = somebody(tx, chat_id)
        for _ in range(9):
            tx.registrations.draft(person.id, for_other=True)

    await office.store.transact(nine)
    done = await sent(office, await frozen(office, TEXT))
    assert await outcomes(office, done) == {Outcome.SENT: 1, Outcome.LEFT_OUT: 1}
    [text] = heard(office, chat_id)
    assert text.startswith("Selamat pagi Bapak/Ibu.")


async def test_who_has_no_village_is_left_out_where_the_text_names_it(office: LiveOffice, rahmat: Villager) -> None:
    [here] = await crowd_of(office, 1)
    await crowd_of(office, 2, village=None, skip=10)
    broadcast = await frozen(office, "Untuk warga {desa}: besok kantor tutup.")
    assert dict(broadcast.counts.left_out) == {"never_asked": 1, "no_village": 2}
    await sent(office, broadcast)
    assert heard(office, here)[0].startswith("Untuk warga Negeri Latuhalat:")


@pytest.mark.given(broadcast_rest_hours=12)
async def test_who_just_got_one_is_left_in_peace_where_the_office_says_so(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 4)
    await sent(office, await frozen(office, TEXT))
    second = await frozen(office, TEXT)
    assert dict(second.counts.left_out) == {"never_asked": 1, "quiet": 4}
    await office.later(hours=13)
    assert (await frozen(office, TEXT)).counts.total == 4


async def test_an_audience_with_nobody_in_it_is_over_at_once(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 2)
    nobody = Audience((Condition("place", ("81.71.03.2001",)),))
    done = await sent(office, await frozen(office, TEXT, audience=nobody))
    assert (done.state, done.counts.total) == (State.DONE, 0)


# While it runs


@ON_BOTH
async def test_who_says_stop_after_the_list_was_made_gets_nothing(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 3)
    broadcast = await frozen(office, TEXT)

    await office.store.transact(lambda tx: tx.people.set_notices(somebody(tx, crowd[0]).id, Topic.EVENTS))
    done = await sent(office, broadcast)
    assert await outcomes(office, done) == {Outcome.SENT: 2, Outcome.SKIPPED: 1, Outcome.LEFT_OUT: 1}
    assert sum(len(heard(office, chat_id)) for chat_id in crowd) == 2


async def test_who_blocked_us_or_is_gone_is_left_out_until_they_write_again(
    office: LiveOffice, rahmat: Villager, sari: Villager
) -> None:
    await sari.registers()
    await office.store.transact(lambda tx: tx.people.set_notices(somebody(tx, sari.id).id, Topic.ANNOUNCEMENTS))
    first, second, _ = await crowd_of(office, 3)
    await office.later(seconds=1)
    sari.chat.blocked = True
    office.server.chat(first).blocked = True  # type: ignore[union-attr]
    office.server.fault("sendMessage", 403, chat_id=second, description="Forbidden: user is deactivated")
    done = await sent(office, await frozen(office, TEXT))
    assert await outcomes(office, done) == {Outcome.SENT: 1, Outcome.BLOCKED: 3, Outcome.LEFT_OUT: 1}
    again = await frozen(office, TEXT)
    assert dict(again.counts.left_out) == {"never_asked": 1, "unreachable": 3}
    await sari.unblocks()
    await sari.says("STATUS")
    await office.settles()
    assert dict((await frozen(office, TEXT)).counts.left_out)["unreachable"] == 2


@pytest.mark.given(failures_in_row=5)
async def test_a_photo_that_the_network_refuses_pauses_it_and_tells_the_admin_why(
    office: LiveOffice, rahmat: Villager
) -> None:
    await crowd_of(office, 40)
    office.per_second = 20.0
    await office.restarts()
    name = "ab" * 16
    await asyncio.to_thread(office.store.media.write, b"no picture at all", name=name)
    broadcast = await sent(office, await frozen(office, "Besok kantor tutup.", photo=name))
    assert (broadcast.state, broadcast.code) == (State.PAUSED, "failures")
    assert 5 <= broadcast.counts.failed < 40
    await rahmat.hears("gagal berturut-turut")
    office.server.world.violations.clear()  # it is no image, and the server says so


async def test_a_429_holds_broadcasts_for_as_long_as_it_says_and_answers_go_on(
    office: LiveOffice, rahmat: Villager, joko: Villager
) -> None:
    crowd = await crowd_of(office, 20)
    office.per_second = 50.0
    await office.restarts()
    office.server.fault("sendMessage", 429, retry_after=2, chat_id=crowd[3])
    broadcast = await frozen(office, TEXT)
    await moves(office, broadcast, State.SCHEDULED)
    await office.store.transact(due_broadcasts.advance, office.office)
    going = asyncio.create_task(office.broadcasts_go_on())
    await joko.says("/start")
    await joko.hears("Bolehkah")
    await going
    await office.later(seconds=3)
    assert await outcomes(office, await now(office, broadcast.id)) == {Outcome.SENT: 20, Outcome.LEFT_OUT: 1}
    [refused] = [call for call in office.server.calls("sendMessage") if call.code == 429]
    # What was under way when it came is not called back.
    later = [call.at - refused.at for call in office.server.calls("sendMessage") if call.chat_id in crowd]
    assert [span for span in later if 0.2 < span < 1.9] == []
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


@pytest.mark.parametrize(
    ("kind", "ended"),
    [
        (503, Outcome.UNCLEAR),
        ("lost", Outcome.UNCLEAR),
        ("late", Outcome.UNCLEAR),
        ("garbage", Outcome.UNCLEAR),
    ],
)
async def test_what_may_have_gone_out_is_not_sent_again(
    office: LiveOffice, rahmat: Villager, kind: str | int, ended: Outcome
) -> None:
    crowd = await crowd_of(office, 3)
    office.server.fault("sendMessage", kind, chat_id=crowd[1])
    done = await sent(office, await frozen(office, TEXT))
    assert await outcomes(office, done) == {Outcome.SENT: 2, ended: 1, Outcome.LEFT_OUT: 1}
    assert len(heard(office, crowd[1])) <= 1


async def test_answers_wait_for_no_broadcast_and_a_broadcast_waits_for_an_answer(
    office: LiveOffice, rahmat: Villager
) -> None:
    """A person who is to be answered hears the answer first, however long ago the broadcast was lined up."""
    [chat_id] = await crowd_of(office, 1)
    broadcast = await frozen(office, TEXT)
    await moves(office, broadcast, State.SCHEDULED)
    fault = office.server.fault("sendMessage", "reset", chat_id=chat_id)

    def answer(tx: Tx) -> None:
        tx.outbox.put(somebody(tx, chat_id), Message("Jawaban kami"))

    await office.store.transact(answer)
    await fault.met.wait()
    await office.later(seconds=5)
    assert [text.split(".")[0] for text in heard(office, chat_id)] == ["Jawaban kami", "Selamat pagi Ibu Warga"]


async def test_a_pause_holds_it_and_a_stop_ends_it(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 12)
    broadcast = await frozen(office, TEXT)
    await moves(office, broadcast, State.SCHEDULED)
    await moves(office, broadcast, State.PAUSED, code="admin")
    await office.broadcasts_go_on()
    assert not any(heard(office, chat_id) for chat_id in crowd)
    await moves(office, broadcast, State.SCHEDULED)
    await office.broadcasts_go_on()
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


@pytest.mark.given(quiet_hours="20:00-07:00")
async def test_a_broadcast_rests_at_night_and_goes_on_in_the_morning(office: LiveOffice, rahmat: Villager) -> None:
    crowd = await crowd_of(office, 5)
    await office.later(hours=11)
    broadcast = await sent(office, await frozen(office, TEXT))
    assert broadcast.state is State.SCHEDULED
    assert not any(heard(office, chat_id) for chat_id in crowd)
    await office.later(hours=10)
    assert not any(heard(office, chat_id) for chat_id in crowd)
    await office.later(hours=2)
    assert (await now(office, broadcast.id)).state is State.DONE
    assert all(len(heard(office, chat_id)) == 1 for chat_id in crowd)


# When the program dies


@ON_BOTH
async def test_what_was_in_hand_when_the_program_died_is_unclear_and_everybody_else_gets_it_once(
    office: LiveOffice, rahmat: Villager
) -> None:
    crowd = await crowd_of(office, 10)
    broadcast = await frozen(office, TEXT)
    await moves(office, broadcast, State.SCHEDULED)

    def dies(tx: Tx) -> int:
        while due_broadcasts.advance(tx, office.office):
            pass
        return len(broadcast_sending.claim(tx, office.office, "telegram", limit=3))

    # In one transaction, so that the lane of this program sees nothing to claim in between.
    assert await office.store.transact(dies) == 3
    await office.restarts()
    await office.broadcasts_go_on()
    done = await now(office, broadcast.id)
    assert done.state is State.DONE
    assert await outcomes(office, done) == {Outcome.SENT: 7, Outcome.UNCLEAR: 3, Outcome.LEFT_OUT: 1}
    assert Counter(len(heard(office, chat_id)) for chat_id in crowd) == {0: 3, 1: 7}


# What is allowed


def test_every_move_but_those_of_the_table_is_refused() -> None:
    for before in State:
        for after in State:
            broadcast = Broadcast(1, 1, Kind.ANNOUNCEMENT, before, 1, 1, 1, Content())
            for actor in Actor:
                if actor in MOVES.get((before, after), frozenset()):
                    assert broadcast.move(after, by=actor).state is after
                else:
                    with pytest.raises(NotAllowed):
                        broadcast.move(after, by=actor)


@ON_BOTH
async def test_the_database_refuses_them_too(office: LiveOffice, rahmat: Villager) -> None:
    broadcast = await frozen(office, TEXT)
    for after in State:
        if (State.PREPARED, after) in MOVES or after is State.PREPARED:
            continue

        def forced(tx: Tx, after: State = after) -> None:
            found = tx.broadcasts.get(broadcast.id)
            assert found is not None
            tx.broadcasts.save(found, replace(found, state=after, code="x"))

        with pytest.raises(Exception, match="ck_broadcasts_legal_move"):
            await office.store.transact(forced)


async def test_the_second_of_two_admins_notices_the_first(office: LiveOffice, rahmat: Villager) -> None:
    broadcast = await frozen(office, TEXT)
    await moves(office, broadcast, State.SCHEDULED)
    with pytest.raises(OutOfDate):
        await office.store.transact(lambda tx: tx.broadcasts.move(broadcast, State.STOPPED, by=Actor.ADMIN))


async def test_nobody_approves_their_own(office: LiveOffice, rahmat: Villager) -> None:
    broadcast = await frozen(office, TEXT)
    own = await admin_id(office)
    with pytest.raises(Exception, match="nobody_approves_their_own"):
        await office.store.transact(lambda tx: tx.broadcasts.save(broadcast, replace(broadcast, approved_by=own)))


async def test_what_is_long_over_is_forgotten(office: LiveOffice, rahmat: Villager) -> None:
    await crowd_of(office, 3)
    done = await sent(office, await frozen(office, TEXT))
    await office.later(days=40)
    assert await outcomes(office, done) == {Outcome.SENT: 3, Outcome.LEFT_OUT: 1}
    await office.restarts(broadcast_days=30)
    await office.later(minutes=1)
    assert await office.read(lambda tx: tx.broadcasts.get(done.id)) is None
    assert office.rows("SELECT COUNT(*) FROM recipients") == [(0,)]
