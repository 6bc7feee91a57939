"""STOP as the answer to a broadcast: it counts for that broadcast, and never has to wait for another question."""

from __future__ import annotations

import pytest

from domain.broadcast import Broadcast, Kind, Outcome
from domain.topic import Topic
from tests.broadcasts import frozen, now, sent
from tests.chat import LiveOffice, Villager
from tests.conftest import ON_BOTH
from tests.test_registration_after import corrected
from tests.test_topics import STOPPED, wanted, welcomes_notices

TEXT = "Besok kantor tutup."


async def because_of(office: LiveOffice, broadcast: Broadcast) -> int:
    return await office.read(lambda tx: tx.recipients.opted_out(broadcast.id))


async def hears_one(office: LiveOffice, sari: Villager, kind: Kind = Kind.ANNOUNCEMENT) -> Broadcast:
    """A broadcast comes to Sari, a minute later."""
    await office.later(minutes=1)
    done = await sent(office, await frozen(office, TEXT, kind=kind))
    assert TEXT in sari.chat.ledger[-1].text
    return done


@ON_BOTH
async def test_stop_counts_for_the_broadcast_that_came_last(
    office: LiveOffice, sari: Villager, rahmat: Villager
) -> None:
    await welcomes_notices(office, sari)
    first = await hears_one(office, sari)
    last = await hears_one(office, sari)
    await sari.says("STOP")
    await sari.hears(STOPPED)
    await office.settles()
    assert (await because_of(office, first), await because_of(office, last)) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "hours", "said", "counted"),
    [
        (Kind.ANNOUNCEMENT, 71, "STOP", 1),
        (Kind.ANNOUNCEMENT, 73, "STOP", 0),
        (Kind.INVITATION, 1, "STOP UNDANGAN", 1),
        (Kind.INVITATION, 1, "STOP PENGUMUMAN", 0),
    ],
)
async def test_stop_counts_soon_after_it_and_only_where_it_is_about_that(
    office: LiveOffice, sari: Villager, rahmat: Villager, kind: Kind, hours: int, said: str, counted: int
) -> None:
    await welcomes_notices(office, sari)
    broadcast = await hears_one(office, sari, kind)
    await office.later(hours=hours)
    await sari.says(said)
    await office.settles()
    assert await because_of(office, broadcast) == counted


async def test_stop_after_a_broadcast_means_the_broadcasts_though_a_question_is_open(
    office: LiveOffice, sari: Villager, dewi: Villager, rahmat: Villager
) -> None:
    await welcomes_notices(office, sari)
    await corrected(office, dewi, sari.receipts[0], "4. Nama tidak sama dengan KTP")
    await sari.hears("diperbaiki")
    broadcast = await hears_one(office, sari)
    await sari.says("STOP")
    told = await sari.hears(STOPPED)
    assert "nama lengkap" in told.text, "the open question still stands"
    await office.settles()
    assert wanted(office) == [Topic(0)]
    assert office.rows("SELECT form FROM progress") == [("correction",)]
    assert await because_of(office, broadcast) == 1


async def test_stop_before_any_broadcast_came_is_asked_back(
    office: LiveOffice, sari: Villager, dewi: Villager, rahmat: Villager
) -> None:
    await welcomes_notices(office, sari)
    await hears_one(office, sari)
    await corrected(office, dewi, sari.receipts[0], "4. Nama tidak sama dengan KTP")
    await sari.hears("diperbaiki")
    await sari.says("STOP")
    await sari.hears("Apa yang mau dihentikan")
    assert wanted(office) == [3]


async def test_a_message_that_may_have_come_is_answered_too(
    office: LiveOffice, sari: Villager, rahmat: Villager
) -> None:
    await welcomes_notices(office, sari)
    office.server.fault("sendMessage", "late", chat_id=sari.id)
    done = await sent(office, await frozen(office, TEXT))
    assert (await now(office, done.id)).counts.unclear == 1
    await sari.says("STOP")
    await office.settles()
    assert await because_of(office, done) == 1
    assert office.rows("SELECT outcome FROM recipients WHERE opted_out = 1") == [(Outcome.UNCLEAR,)]
