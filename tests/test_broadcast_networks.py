"""A broadcast over networks of different kinds: who is where, how long and how much, and what has to be there first.

The networks are data here, and nobody sends anything: an office at one that never shuts, and at one that does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from conversation.messages import Deletion, Edit, Message
from domain.address import Address
from domain.broadcast import Broadcast, Content, Kind, Outcome, Share, State
from domain.limits import Limits
from domain.prices import Prices
from domain.registration import Actor
from domain.topic import ALL_TOPICS
from handlers import (
    broadcast_bar,
    broadcast_networks,
    broadcast_plan,
    broadcast_report,
    broadcast_sending,
    due_broadcasts,
)
from handlers.broadcast_sending import Ended
from handlers.office import Office
from storage.outbox import FOR_THE_NETWORK
from storage.statement import Statement
from storage.store import Tx
from tests.broadcasts import admin_id, moves, now
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH

TEXT = "Besok kantor tutup."
DAY = 86_400_000


def at_two_networks(office: LiveOffice, *, per_second: float = 80.0) -> Office:
    """The office as if it were at these two."""
    return replace(
        office.office,
        limits={"open": Limits(), "shuts": Limits(reply_hours=24.0, per_second=per_second)},
        labels={"open": "Jaringan Terbuka", "shuts": "Jaringan Ketat"},
        prices={"shuts": Prices(date(2026, 10, 1), 357.0, 587.0)},
    )


async def people_at(office: LiveOffice, channel: str, count: int, *, first: int = 1) -> list[int]:
    """So many people who write just now, and want notices; their numbers."""

    def unit(tx: Tx) -> list[int]:
        found = []
        for number in range(first, first + count):
            person, _ = tx.people.arrive(Address(channel, "1", str(number)))
            tx.people.keep(person)
            tx.people.set_notices(person.id, ALL_TOPICS)
            found.append(person.id)
        return found

    return await office.store.transact(unit)


async def goes_on(office: LiveOffice, here: Office) -> None:
    while await office.store.transact(due_broadcasts.advance, here):
        pass


async def listed(office: LiveOffice, here: Office, **content: str) -> Broadcast:
    """A broadcast whose list is made by that office."""
    owner = await admin_id(office)

    def unit(tx: Tx) -> int:
        draft = tx.broadcasts.draft(owner, kind=Kind.ANNOUNCEMENT, content=Content(TEXT, **content))
        tx.broadcasts.begin_scan(draft.id)
        return tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

    number = await office.store.transact(unit)
    await goes_on(office, here)
    return await now(office, number)


async def plan(office: LiveOffice, here: Office, broadcast: Broadcast) -> list[str]:
    def words(tx: Tx) -> str:
        return broadcast_plan.plan_words(tx, broadcast, here, people=broadcast.counts.total)

    return (await office.read(words)).splitlines()


async def judged(office: LiveOffice, **states: str) -> None:
    """What the network that shuts says of our late texts."""
    await office.store.transact(lambda tx: tx.late_texts.keep("shuts", states))


@ON_BOTH
async def test_the_list_says_who_is_at_which_network_and_whom_only_a_late_text_reaches(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_broadcasts, "PAGE", 2)
    here = at_two_networks(office)
    await people_at(office, "shuts", 3)
    await office.later(days=1)
    await people_at(office, "open", 4)
    await people_at(office, "shuts", 2, first=10)
    broadcast = await listed(office, here)
    networks = {share.channel: share for share in broadcast.counts.networks}
    assert networks["open"] == Share("open", 4)
    assert networks["shuts"] == Share("shuts", 5, shut=3)
    assert sum(share.people for share in networks.values()) == broadcast.counts.total
    await office.store.transact(lambda tx: tx.broadcasts.count_late(broadcast.id, "shuts", 2))
    found = await now(office, broadcast.id)
    assert replace(networks["shuts"], late=2) in found.counts.networks


async def test_the_plan_says_the_networks_the_price_and_the_time_of_the_slowest(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = at_two_networks(office, per_second=0.01)
    await people_at(office, "shuts", 6)
    await office.later(days=1)
    await people_at(office, "open", 4)
    broadcast = await listed(office, here)
    lines = await plan(office, here, broadcast)
    assert "Per jaringan: Jaringan Terbuka 4, Jaringan Ketat 6." in lines
    assert "Biayanya paling banyak kira-kira Rp3.522: 6 pesan Jaringan Ketat, harga per 1 Oktober 2026." in lines
    # Six people at one in 100 seconds; the other network is done long before.
    assert "Selesai kira-kira 24 November 2026, 09.10 WIT." in lines


async def test_who_is_open_costs_nothing_unless_it_goes_out_days_later(office: LiveOffice, rahmat: Villager) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 6)
    broadcast = await listed(office, here)
    assert not [line for line in await plan(office, here, broadcast) if "Rp" in line]
    later = replace(broadcast, start_at=int((office.clock.now + timedelta(days=1)).timestamp() * 1000))
    assert [line for line in await plan(office, here, later) if "Rp3.522: 6 pesan" in line]


async def test_the_plan_says_for_how_many_days_it_goes_on(office: LiveOffice, rahmat: Villager) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 45)
    await office.later(days=1)
    broadcast = await listed(office, here)
    await office.store.transact(lambda tx: tx.set_daily("shuts", 20))
    await office.store.transact(lambda tx: tx.openings.note("shuts", range(1, 5)))
    lines = await plan(office, here, broadcast)
    # One of twenty is kept for cases, four were written to today: 15 now, 19 tomorrow, the last 11 after that.
    assert "Jaringan Ketat menerima 19 orang baru sehari. Jadi perlu 3 hari." in lines
    assert "Selesai kira-kira 26 November 2026, 09.00 WIT." in lines
    await office.store.transact(lambda tx: tx.set_daily("shuts", None))
    assert not [line for line in await plan(office, here, broadcast) if "sehari" in line]


@ON_BOTH
async def test_only_so_many_are_written_to_first_within_a_day(office: LiveOffice) -> None:
    put = office.store.transact
    assert await office.read(lambda tx: tx.openings.left_today("shuts")) is None
    await put(lambda tx: tx.set_daily("shuts", 250))
    assert await office.read(lambda tx: tx.openings.left_today("shuts")) == 237
    await put(lambda tx: tx.openings.note("shuts", [1, 2, 3]))
    office.clock.moves(timedelta(hours=1))
    await put(lambda tx: tx.openings.note("shuts", [3, 4]))
    await put(lambda tx: tx.openings.note("open", [5]))
    assert await office.read(lambda tx: tx.openings.left_today("shuts")) == 233, "the third counts once"
    office.clock.moves(timedelta(hours=23))
    assert await office.read(lambda tx: tx.openings.left_today("shuts")) == 235
    assert await office.read(lambda tx: tx.openings.room_at("shuts") - tx.at) == DAY // 24
    await put(lambda tx: tx.openings.drop_before("shuts"))
    assert office.rows("SELECT channel, address_id FROM openings ORDER BY address_id") == [
        ("shuts", 3),
        ("shuts", 4),
        ("open", 5),
    ]


async def test_what_lacks_its_text_does_not_start_and_goes_on_once_it_is_there(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 2)
    await judged(office, announcement="rejected", announcement_photo="approved")
    broadcast = await listed(office, here)
    lacking = await office.read(lambda tx: broadcast_networks.lacking_words(tx, broadcast, here))
    assert lacking == (
        "Jaringan Ketat belum menyetujui teks **announcement**. Tanpa teks itu siaran belum bisa dikirim. Minta"
        " operator: python -m bot templates. Lalu coba lagi."
    )
    await moves(office, broadcast, State.SCHEDULED)
    await goes_on(office, here)
    paused = await now(office, broadcast.id)
    assert (paused.state, paused.code, paused.counts.failed) == (State.PAUSED, "late_text", 0)
    await office.settles()
    await rahmat.hears("Teks yang diperlukan belum disetujui: Jaringan Ketat announcement.")
    await judged(office, announcement="paused", announcement_photo="approved")
    assert await office.read(lambda tx: broadcast_networks.lacking(tx, broadcast, here))
    await judged(office, announcement="approved")
    await moves(office, paused, State.SCHEDULED)
    await goes_on(office, here)
    assert (await now(office, broadcast.id)).state is State.RUNNING


async def test_who_is_at_no_network_that_shuts_needs_no_text(office: LiveOffice, rahmat: Villager) -> None:
    here = at_two_networks(office)
    await people_at(office, "open", 2)
    broadcast = await listed(office, here)
    assert await office.read(lambda tx: broadcast_networks.lacking(tx, broadcast, here)) is None


async def test_the_report_says_what_it_has_cost(office: LiveOffice, rahmat: Villager) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 2)
    broadcast = await listed(office, here)

    async def told() -> list[str]:
        found = await now(office, broadcast.id)
        return (await office.read(lambda tx: broadcast_report.text(tx, found, here))).splitlines()

    assert not [line for line in await told() if "Biaya" in line]
    await office.store.transact(lambda tx: tx.broadcasts.count_late(broadcast.id, "shuts", 2))
    assert "Biayanya kira-kira Rp1.174." in await told()
    assert (await office.read(lambda tx: broadcast_bar.bar_text(tx, broadcast, here))).startswith("**Siaran 1**")


# The limit of a day


async def running(office: LiveOffice, here: Office) -> Broadcast:
    broadcast = await listed(office, here)
    await moves(office, broadcast, State.SCHEDULED)
    await goes_on(office, here)
    return await now(office, broadcast.id)


async def taken(office: LiveOffice, here: Office, *, limit: int = 8) -> list[int]:
    """Who is claimed at the network that shuts, and gets it."""
    claimed = await office.store.transact(broadcast_sending.claim, here, "shuts", limit=limit)
    late = here.limits["shuts"].is_late
    at = int(office.clock.now.timestamp() * 1000)
    ended = [
        Ended(each.turn, Outcome.SENT, sent_id=str(each.turn.id), late=late(each.turn.last_in_at, at))
        for each in claimed
    ]
    await office.store.transact(broadcast_sending.settle, here, ended)
    await goes_on(office, here)
    return [each.turn.person_id for each in claimed]


@ON_BOTH
async def test_the_limit_of_a_day_holds_who_is_new_and_nobody_else_and_lets_them_go_when_there_is_room(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = at_two_networks(office)
    silent = await people_at(office, "shuts", 5)
    await office.later(days=1)
    awake = await people_at(office, "shuts", 2, first=10)
    await office.store.transact(lambda tx: tx.set_daily("shuts", 3))
    broadcast = await running(office, here)
    told = await office.read(lambda tx: broadcast_bar.bar_text(tx, broadcast, here))
    assert told.endswith("26 November 2026, 09.00 WIT."), "two a day: today, tomorrow and the day after"
    assert await taken(office, here, limit=1) == silent[:1]
    assert await taken(office, here) == [silent[1], *awake], "one of three is kept for cases"
    assert await taken(office, here) == []
    assert not await office.read(lambda tx: tx.recipients.anything_due("shuts")), "nobody looks at them all the time"
    held = await now(office, broadcast.id)
    assert (held.state, held.counts.sent, held.counts.failed, held.failures) == (State.RUNNING, 4, 0, 0)
    assert {share.channel: share.late for share in held.counts.networks} == {"shuts": 2}
    told = await office.read(lambda tx: broadcast_bar.bar_text(tx, held, here))
    assert told.endswith(
        "Jaringan Ketat tidak menerima orang baru lagi hari ini. Dilanjutkan sendiri 25 November 2026, 09.00 WIT."
    )
    office.clock.moves(timedelta(minutes=15))
    await office.store.transact(lambda tx: tx.people.arrive(Address("shuts", "1", "3")))
    assert await taken(office, here) == [silent[2]], "who has written meanwhile is new no more"
    office.clock.moves(timedelta(hours=23, minutes=45))
    assert await taken(office, here) == silent[3:]
    assert (await now(office, broadcast.id)).state is State.DONE


@ON_BOTH
async def test_who_wrote_lately_passes_a_line_full_of_people_held_for_tomorrow(
    office: LiveOffice, rahmat: Villager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SLICE", 2), ("FEW", 1), ("AGAIN_PAGE", 3)):
        monkeypatch.setattr(due_broadcasts, name, value)
    here = at_two_networks(office)
    await people_at(office, "shuts", 5)
    await office.later(days=1)
    awake = await people_at(office, "shuts", 2, first=10)
    await office.store.transact(lambda tx: tx.set_daily("shuts", 1))
    await running(office, here)
    assert await taken(office, here) == []
    found = []
    for _ in range(6):
        office.clock.moves(timedelta(seconds=6))
        await office.settles()
        await goes_on(office, here)
        found += await taken(office, here)
    assert found == awake


@ON_BOTH
async def test_only_an_answer_that_waits_there_goes_before_it(office: LiveOffice, rahmat: Villager) -> None:
    """A photo that the network is still to delete, and a change to what was shown in another chat, hold up nothing."""
    here = at_two_networks(office)
    answered, photographed, moved = await people_at(office, "shuts", 3)
    await running(office, here)

    def unit(tx: Tx) -> None:
        for person_id, out, lane in (
            (answered, Message("Jawaban"), 0),
            (photographed, Deletion(file="1"), FOR_THE_NETWORK),
            (moved, Edit(of=1, text=""), 0),
        ):
            person = tx.people.get(person_id)
            assert person is not None
            channel = "open" if person_id == moved else "shuts"
            tx.outbox.put(replace(person, address=replace(person.address, channel=channel)), out, lane=lane)

    await office.store.transact(unit)
    assert await taken(office, here) == [photographed, moved]


@ON_BOTH
async def test_whoever_came_to_another_network_while_lined_up_gets_it_there_and_nobody_else_does(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = at_two_networks(office)
    (moved,) = await people_at(office, "open", 1)
    await running(office, here)
    late = Statement("UPDATE outbox SET channel = 'shuts' WHERE state = 'lined'")
    await office.store.engine.transact(lambda db: db.run(late))
    assert await office.store.transact(broadcast_sending.claim, here, "shuts", limit=8) == []
    (claimed,) = await office.store.transact(broadcast_sending.claim, here, "open", limit=8)
    assert (claimed.turn.person_id, claimed.to) == (moved, "1")


@ON_BOTH
async def test_what_is_in_line_there_no_more_is_not_claimed(office: LiveOffice, rahmat: Villager) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 1)
    await running(office, here)
    (turn,) = await office.store.read(lambda tx: tx.recipients.turns("shuts", limit=8))
    assert await office.store.transact(lambda tx: tx.recipients.claim("open", [turn.id])) == set()
    assert await office.store.transact(lambda tx: tx.recipients.claim("shuts", [turn.id])) == {turn.id}
    assert await office.store.transact(lambda tx: tx.recipients.claim("shuts", [turn.id])) == set()


async def test_a_text_that_the_network_no_longer_lets_in_pauses_it_and_fails_nobody(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = at_two_networks(office)
    await people_at(office, "shuts", 3)
    await office.later(days=1)
    broadcast = await running(office, here)
    [first, *_] = await office.store.transact(broadcast_sending.claim, here, "shuts", limit=1)
    refused = Ended(first.turn, None, "template_paused", tried=False, fault=True, lacking=True)
    await office.store.transact(broadcast_sending.settle, here, [refused])
    paused = await now(office, broadcast.id)
    assert (paused.state, paused.code, paused.counts.left) == (State.PAUSED, "late_text", 3)
    await office.settles()
    await rahmat.hears("Teks yang diperlukan belum disetujui: Jaringan Ketat announcement.")
