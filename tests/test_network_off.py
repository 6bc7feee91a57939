"""A network that is switched off while people are there: nothing waits for them for ever, and the office is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.selfcheck import self_check
from conversation.messages import Message
from domain.address import Address
from domain.broadcast import Outcome, State
from domain.topic import ALL_TOPICS
from handlers import broadcast_sending
from handlers.broadcast_sending import Ended
from handlers.office import Office
from storage.store import Tx
from tests.broadcasts import moves, now, outcomes
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.test_broadcast_networks import at_two_networks, goes_on, listed, people_at


def switched_off(here: Office, channel: str) -> Office:
    return replace(here, limits={name: limits for name, limits in here.limits.items() if name != channel})


async def reasons(office: LiveOffice, broadcast_id: int) -> Counter[str]:
    """How many were not sent to for which reason."""
    rows = await office.read(lambda tx: tx.recipients.by_outcome(broadcast_id))
    return Counter({row["code"]: row["n"] for row in rows if row["code"]})


async def all_sent(office: LiveOffice, here: Office, channel: str) -> None:
    """What is lined up there goes out."""

    def unit(tx: Tx) -> int:
        turns = [each.turn for each in broadcast_sending.claim(tx, here, channel, limit=50)]
        broadcast_sending.settle(tx, here, [Ended(turn, Outcome.SENT, sent_id="1") for turn in turns])
        return len(turns)

    while await office.store.transact(unit):
        pass


@ON_BOTH
async def test_who_is_at_a_network_that_is_off_is_left_out_and_the_rest_ends(
    office: LiveOffice, rahmat: Villager
) -> None:
    here = switched_off(at_two_networks(office), "shuts")
    await people_at(office, "open", 2)
    await people_at(office, "shuts", 3)
    broadcast = await listed(office, here)
    assert broadcast.counts.total == 2
    assert dict(broadcast.counts.left_out)["network_off"] == 3
    await moves(office, broadcast, State.SCHEDULED)
    await goes_on(office, here)
    await all_sent(office, here, "open")
    await goes_on(office, here)
    assert (await now(office, broadcast.id)).state is State.DONE


@ON_BOTH
async def test_an_office_that_names_no_network_leaves_nobody_out(office: LiveOffice, rahmat: Villager) -> None:
    await people_at(office, "shuts", 3)
    broadcast = await listed(office, replace(office.office, limits={}))
    assert broadcast.counts.total == 3


@ON_BOTH
@pytest.mark.parametrize("then", ["waiting", "lined", "in hand"])
async def test_a_network_that_is_switched_off_in_the_middle_holds_up_no_end(
    office: LiveOffice, rahmat: Villager, then: str
) -> None:
    here = at_two_networks(office)
    await people_at(office, "open", 2)
    await people_at(office, "shuts", 3)
    broadcast = await listed(office, here)
    await moves(office, broadcast, State.SCHEDULED)
    if then != "waiting":
        await office.store.transact(lambda tx: tx.late_texts.keep("shuts", {"announcement": "approved"}))
        await goes_on(office, here)
    if then == "in hand":
        await office.store.transact(broadcast_sending.claim, here, "shuts", limit=1)
    without = switched_off(here, "shuts")
    while await office.store.transact(broadcast_sending.where_off, without, limit=1):
        pass
    await goes_on(office, without)
    await all_sent(office, without, "open")
    await goes_on(office, without)
    found = await now(office, broadcast.id)
    assert found.state is State.DONE
    assert await outcomes(office, broadcast) == {
        "sent": 2,
        "left_out": 1,
        **({"skipped": 2, "unclear": 1} if then == "in hand" else {"skipped": 3}),
    }
    assert (await reasons(office, broadcast.id))["network_off"] == (2 if then == "in hand" else 3)
    assert found.counts.left == 0


@ON_BOTH
async def test_what_waits_at_a_network_that_is_off_is_shown_to_the_office(office: LiveOffice, rahmat: Villager) -> None:
    def unit(tx: Tx) -> None:
        person, _ = tx.people.arrive(Address("other", "1", "1"))
        tx.people.keep(person)
        tx.outbox.put(person, Message("Kabar 1"))
        tx.outbox.put(person, Message("Kabar 2"))

    await office.store.transact(unit)
    for word in ("/gangguan", "/ringkas"):
        await rahmat.says(word)
        await rahmat.hears("Pesan yang menunggu jaringan yang dimatikan di sini\nother: 2")


@ON_BOTH
async def test_the_check_says_how_many_are_known_only_there(office: LiveOffice) -> None:
    def unit(tx: Tx) -> None:
        for channel, number in (("whatsapp", "1"), ("whatsapp", "2"), ("telegram", "3")):
            person, _ = tx.people.arrive(Address(channel, "1", number))
            tx.people.keep(person)
            tx.people.set_notices(person.id, ALL_TOPICS)

    await office.store.transact(unit)
    found = [str(each) async for each in self_check(office.settings)]
    [told] = [each for each in found if "are known only at" in each]
    assert told.startswith("!!  2 people are known only at WhatsApp, which is not configured: nothing reaches them.")
