"""Broadcasts for tests: a crowd at the pretended Telegram that has agreed to notices, and one sent to it.

    crowd = await office_crowd(office, 30)
    broadcast = await sent(office, await frozen(office, "Selamat pagi {sapaan}"))

Not for: composing by an admin; test_broadcast_compose.py does that by talking.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from domain.address import Address
from domain.audience import Audience
from domain.broadcast import Broadcast, Content, Kind, Outcome, State
from domain.person import Person
from domain.registration import Actor
from domain.topic import ALL_TOPICS, Topic
from storage.store import Tx
from tests.chat import LiveOffice
from tests.servers.telegram import TOKEN

LATUHALAT = "81.71.01.2001"
_FIRST = 900_000_001


async def crowd_of(
    office: LiveOffice,
    count: int,
    *,
    notices: Topic | None = ALL_TOPICS,
    village: str | None = LATUHALAT,
    skip: int = 0,
) -> list[int]:
    """So many fishers, each with a registration of their own; their chat ids."""
    ids = list(range(_FIRST + skip, _FIRST + skip + count))
    office.server.world.crowds.append(range(ids[0], ids[-1] + 1))

    def unit(tx: Tx) -> None:
        for chat_id in ids:
            person = somebody(tx, chat_id)
            tx.people.keep(person)
            if notices is not None:
                tx.people.set_notices(person.id, notices)
            case = tx.registrations.draft(person.id, for_other=False)
            tx.registrations.put_answers(case, {"name": f"WARGA {chat_id}", "gender": "P"})
            case = tx.registrations.save(
                case,
                replace(case, area=village, district=village and village[:8], occupation="NEL", birth_year=1985),
            )
            tx.registrations.save(case, replace(case, receipt=tx.registrations.new_receipt("AMB")))

    await office.store.transact(unit)
    return ids


def somebody(tx: Tx, chat_id: int) -> Person:
    """The person of a chat."""
    return tx.people.arrive(Address("telegram", TOKEN.partition(":")[0], str(chat_id)))[0]


async def admin_id(office: LiveOffice) -> int:
    """The first admin's number."""
    return (await office.read(lambda tx: tx.staff.admins(own=0)))[0].id


async def frozen(
    office: LiveOffice, text: str, *, kind: Kind = Kind.ANNOUNCEMENT, audience: Audience | None = None, **content: str
) -> Broadcast:
    """A broadcast whose list of people is made."""
    owner = await admin_id(office)
    who = (audience or Audience()).to_bytes().decode()

    def unit(tx: Tx) -> int:
        draft = tx.broadcasts.draft(owner, kind=kind, content=Content(text, **content), audience=who)
        tx.broadcasts.begin_scan(draft.id)
        return tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

    number = await office.store.transact(unit)
    await office.broadcasts_go_on()
    return await now(office, number)


async def now(office: LiveOffice, number: int) -> Broadcast:
    found = await office.read(lambda tx: tx.broadcasts.get(number))
    assert found is not None
    return found


async def moves(office: LiveOffice, broadcast: Broadcast, to: State, *, code: str = "") -> Broadcast:
    """As an admin does."""

    def unit(tx: Tx) -> Broadcast:
        found = tx.broadcasts.get(broadcast.id, lock=True)
        assert found is not None
        return tx.broadcasts.move(found, to, by=Actor.ADMIN, code=code)

    return await office.store.transact(unit)


async def sent(office: LiveOffice, broadcast: Broadcast) -> Broadcast:
    """Let it go, until nothing more comes of it now."""
    await moves(office, broadcast, State.SCHEDULED)
    await office.broadcasts_go_on()
    return await now(office, broadcast.id)


async def outcomes(office: LiveOffice, broadcast: Broadcast) -> Counter[str]:
    """How many recipients ended how, counted anew; the counts of the broadcast must say the same."""
    rows = await office.read(lambda tx: tx.recipients.by_outcome(broadcast.id))
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row["outcome"]] += row["n"]
    kept = (await now(office, broadcast.id)).counts
    for outcome in (Outcome.SENT, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNCLEAR, Outcome.SKIPPED):
        assert counted[outcome] == getattr(kept, outcome), outcome
    assert kept.total == counted.total() - counted[Outcome.LEFT_OUT]
    assert kept.excluded == counted[Outcome.LEFT_OUT]
    return counted


def heard(office: LiveOffice, chat_id: int) -> list[str]:
    """The texts a person of the crowd sees, as they see them."""
    chat = office.server.chat(chat_id)
    return [seen.text for seen in chat.ledger if seen.kind == "message"] if chat else []


async def waits(office: LiveOffice, broadcast: Broadcast) -> Broadcast:
    """What is said is answered, and what is due has happened."""
    await office.broadcasts_go_on()
    return await now(office, broadcast.id)


async def audit(office: LiveOffice, action: str) -> list[str]:
    return [str(detail) for was, detail in office.rows("SELECT action, detail FROM audit ORDER BY id") if was == action]
