"""An audience finds in the database whom its own words say, on both databases; and is kept under a name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.audience import AGES, STATUSES, Audience, Condition
from domain.errors import Invalid
from domain.occupation import OCCUPATIONS
from domain.officer import Role
from domain.registration import MOVES, Status
from domain.rules import Rules
from storage.audience import match_sql
from storage.engine import Connection, Engine
from storage.statement import Statement
from tests.audiences import AMBON, EVENTS, audiences
from tests.databases import database
from tests.office_desk import OfficeDesk, engine_for

TODAY = date(2026, 11, 23)
NOW = int(datetime(2026, 11, 23, 1, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000

MATCHING = (
    "SELECT DISTINCT a.id FROM addresses AS a LEFT JOIN registrations AS r ON r.address_id = a.id"
    " AND r.status NOT IN ('erased', 'deceased') WHERE a.id > :after AND {audience} ORDER BY a.id"
)
ADD_ADDRESS = Statement(
    "INSERT INTO addresses (id, channel, address_digest, created_at, last_in_at)"
    " VALUES (:id, :channel, :digest, 0, :at)"
)
ADD_REGISTRATION = Statement(
    "INSERT INTO registrations (id, address_id, status, previous_status, version, receipt, area, district,"
    " occupation, birth_year, created_at, status_at)"
    " VALUES (:id, :address_id, :status, :previous, 1, :receipt, :area, :district, :occupation, :birth_year, 0, 0)"
)
ADD_OFFICER = Statement(
    "INSERT INTO officers (id, address_id, role, state, sealed, created_at)"
    " VALUES (1, 1, 'admin', 'active', :sealed, 0)"
)
ADD_EVENT = Statement(
    "INSERT INTO events (id, state, starts_at, sealed, word, created_by, created_at)"
    " VALUES (:id, 'planned', 0, :sealed, :word, 1, 0)"
)
ADD_INVITATION = Statement(
    "INSERT INTO broadcasts (id, number, kind, state, version, created_by, owner_id, sealed, audience, event_id,"
    " created_at) VALUES (:id, :id, 'invitation', 'draft', 1, 1, 1, :sealed, '[]', :event_id, 0)"
)
ADD_ANSWER = Statement(
    "INSERT INTO attendances (event_id, address_id, answer) VALUES (:event_id, :address_id, :answer)"
)
ADD_INVITED = Statement(
    "INSERT INTO recipients (broadcast_id, address_id, person_id, channel, shared, outcome, code, at)"
    " VALUES (:broadcast_id, :address_id, :address_id, 'telegram', 0, :outcome, 'x', 0)"
)
CAME_FROM = {to: source for source, to in sorted(MOVES)}


@dataclass(frozen=True)
class Registered:
    """A registration, as far as an audience asks."""

    status: Status = Status.SUBMITTED
    village: str | None = "81.71.01.2001"
    occupation: str | None = "NEL"
    birth_year: int | None = 1985


@dataclass(frozen=True)
class Writer:
    """An address, its registrations, (event, answer) and (event, outcome) pairs."""

    channel: str = "telegram"
    days_ago: int = 1
    registrations: tuple[Registered, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    invitations: tuple[tuple[str, str], ...] = ()


def holds(condition: Condition, writer: Writer, one: Registered | None) -> bool:
    """Whether a condition holds for one registration at an address, or for none; told in plain Python."""
    return condition.negated != any(_is(condition.kind, value, writer, one) for value in condition.values)


def _is(kind: str, value: str, writer: Writer, one: Registered | None) -> bool:
    if kind == "channel":
        return writer.channel == value
    if kind == "seen":
        return writer.days_ago <= int(value)
    if kind == "coming":
        return (value, "comes") in writer.answers
    if kind == "declined":
        return (value, "declines") in writer.answers
    if kind == "invited":
        return any((value, outcome) in writer.invitations for outcome in ("lined", "sent", "delivered", "unclear"))
    if one is None:
        return (kind, value) == ("status", "none")
    if kind == "place":
        return one.village is not None and (one.village == value or one.village.startswith(value + "."))
    if kind == "occupation":
        return one.occupation == value
    if kind == "sector":
        return any(each.code == one.occupation and each.sector == value for each in OCCUPATIONS)
    if kind == "status":
        return one.status in STATUSES[value]
    first, last = AGES[value]
    return one.birth_year is not None and first <= TODAY.year - one.birth_year <= last


def belongs(audience: Audience, writer: Writer) -> bool:
    """Whether any registration of the address meets all conditions together."""
    living = [one for one in writer.registrations if one.status not in (Status.ERASED, Status.DECEASED)]
    return any(all(holds(each, writer, one) for each in audience.conditions) for one in (living or [None]))


def _by_event(*words: str) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    pairs = st.tuples(st.sampled_from(EVENTS), st.sampled_from(words))
    return st.lists(pairs, max_size=2, unique_by=lambda pair: pair[0]).map(tuple)


REGISTRATIONS = st.builds(
    Registered,
    st.sampled_from(Status),
    st.sampled_from((None, "82.71.01.1005", *(code for code in AMBON if code.count(".") == 3))),
    st.sampled_from((None, "NEL", "ABK", "TAN", "OJK", "LNY")),
    st.sampled_from((None, 1900, 1960, 1961, 1962, 1971, 1972, 2001, 2002, 2008, 2009)),
)
WRITERS = st.builds(
    Writer,
    st.sampled_from(("telegram", "webchat")),
    st.sampled_from((0, 7, 8, 30, 31, 90, 91)),
    st.lists(REGISTRATIONS, max_size=3).map(tuple),
    _by_event("comes", "declines"),
    _by_event("sent", "delivered", "left_out", "unclear", "lined", "waiting"),
)


class Undone(Exception):  # noqa: N818 (carries what was found out of a transaction that keeps nothing)
    pass


class Book:
    """A database that is asked and never keeps anything."""

    def __init__(self, engine: Engine, runner: asyncio.Runner) -> None:
        self._engine = engine
        self._runner = runner

    def matching(self, audience: Audience, writers: list[Writer]) -> list[int]:
        """Which of these people the audience finds, by their place in the list."""

        def unit(tx: Connection) -> None:
            _hold_events(tx)
            for number, writer in enumerate(writers):
                _write_down(tx, number, writer)
            match, values = match_sql(audience, at=NOW, today=TODAY)
            rows = tx.all(_matching(match), after=1, **values)
            raise Undone([row["id"] // 10 - 1 for row in rows])

        try:
            self._runner.run(self._engine.transact(unit))
        except Undone as found:
            return list(found.args[0])
        raise AssertionError("kept")


@cache
def _matching(match: str) -> Statement:
    return Statement(MATCHING.format(audience=match))


def _hold_events(tx: Connection) -> None:
    """An admin at address 1, and an invitation to each event."""
    tx.run(ADD_ADDRESS, id=1, channel="telegram", digest=b"admin", at=NOW)
    tx.run(ADD_OFFICER, sealed=b"x")
    for number, event in enumerate(EVENTS):
        tx.run(ADD_EVENT, id=int(event), sealed=b"x", word=event)
        tx.run(ADD_INVITATION, id=number, event_id=int(event), sealed=b"x")


def _write_down(tx: Connection, number: int, writer: Writer) -> None:
    address = (number + 1) * 10
    at = NOW - writer.days_ago * DAY
    tx.run(ADD_ADDRESS, id=address, channel=writer.channel, digest=str(number).encode(), at=at)
    for offset, one in enumerate(writer.registrations):
        tx.run(
            ADD_REGISTRATION,
            id=address + offset,
            address_id=address,
            status=one.status,
            previous=CAME_FROM.get(one.status) if one.status is not Status.DRAFT else None,
            receipt=f"UJI-{address + offset}",
            area=one.village,
            district=one.village[:8] if one.village else None,
            occupation=one.occupation,
            birth_year=one.birth_year,
        )
    for event, answer in writer.answers:
        tx.run(ADD_ANSWER, event_id=int(event), address_id=address, answer=answer)
    for event, outcome in writer.invitations:
        tx.run(ADD_INVITED, broadcast_id=EVENTS.index(event), address_id=address, outcome=outcome)


@contextmanager
def _book(kind: str, folder: Path) -> Iterator[Book]:
    with database(kind, folder) as url, asyncio.Runner() as runner:
        engine = engine_for(url)
        runner.run(engine.open())
        try:
            yield Book(engine, runner)
        finally:
            runner.run(engine.close())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    with _book(request.param, tmp_path_factory.mktemp("audience")) as book:
        yield book


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(audience=audiences(), writers=st.lists(WRITERS, max_size=12))
def test_the_database_finds_whom_the_conditions_say(book: Book, audience: Audience, writers: list[Writer]) -> None:
    expected = [number for number, writer in enumerate(writers) if belongs(audience, writer)]
    assert book.matching(audience, writers) == expected


SARI = Writer(registrations=(Registered(),))
BUDI = Writer(channel="webchat", days_ago=40, registrations=(Registered(Status.DRAFT, "81.71.03.2001", "TAN", 1960),))
JOKO = Writer()
FAMILY = Writer(registrations=(Registered(Status.ACTIVE), Registered(Status.DRAFT, "81.71.03.2001", "TAN", 2002)))
CAST = [SARI, BUDI, JOKO, FAMILY]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ((), [0, 1, 2, 3]),
        ((("occupation", ("NEL",), False),), [0, 3]),
        ((("occupation", ("NEL",), True),), [1, 2, 3]),
        ((("place", ("81.71.01",), False),), [0, 3]),
        ((("status", ("none",), False),), [2]),
        ((("status", ("none", "unfinished"), False),), [1, 2, 3]),
        # Both of one registration: nobody in the family is a fisher who has not finished.
        ((("occupation", ("NEL",), False), ("status", ("unfinished",), False)), []),
        ((("age", ("65+",), False),), [1]),
        ((("age", ("65+",), True), ("seen", ("30",), False)), [0, 2, 3]),
        ((("seen", ("30",), True),), [1]),
        ((("channel", ("webchat",), True), ("sector", ("farming",), False)), [3]),
        ((("place", ("81.71.01",), False), ("place", ("81.71.01.2001",), True)), []),
    ],
)
def test_who_is_found_of_four_people(
    book: Book, conditions: tuple[tuple[str, tuple[str, ...], bool], ...], found: list[int]
) -> None:
    assert book.matching(Audience(tuple(Condition(*each) for each in conditions)), CAST) == found


def test_values_never_stand_in_the_text_and_a_few_more_of_them_need_no_new_statement() -> None:
    codes = tuple(f"81.71.01.{number}" for number in range(1001, 1008))
    seven, values = match_sql(Audience((Condition("place", codes),)), at=NOW, today=TODAY)
    five, _ = match_sql(Audience((Condition("place", codes[:5]),)), at=NOW, today=TODAY)
    assert five == seven
    assert "81.71" not in seven
    assert set(codes) == set(values.values())
    assert all(name.startswith("who_") for name in values)


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OfficeDesk]:
    with database(request.param, tmp_path) as url:
        desk = OfficeDesk(engine_for(url), tmp_path / "media", Rules())
        await desk.store.open()
        yield desk
        await desk.store.close()


async def test_an_admin_keeps_an_audience_under_a_name(desk: OfficeDesk) -> None:
    rahmat = desk.someone("Rahmat")
    await rahmat.joins(Role.ADMIN)
    by = await rahmat.officer_id()
    fishers = Audience((Condition("occupation", ("NEL",)),))
    others = Audience((Condition("occupation", ("NEL",), negated=True),))
    store = desk.store
    saved = await store.transact(lambda tx: tx.audiences.save("  Nelayan   Latuhalat ", fishers, by=by))
    assert saved is not None
    assert saved.name == "Nelayan Latuhalat"
    assert await store.transact(lambda tx: tx.audiences.save("nelayan latuhalat", Audience(), by=by)) is None
    assert await store.transact(lambda tx: tx.audiences.get(saved.id)) == saved
    assert await store.transact(lambda tx: tx.audiences.named("NELAYAN LATUHALAT")) == saved
    await store.transact(lambda tx: tx.audiences.save("Semua", Audience(), by=by))
    assert await store.transact(lambda tx: tx.audiences.replace(saved.id, others, by=by))
    kept = await store.transact(lambda tx: tx.audiences.all())
    assert [(one.name, one.audience) for one in kept] == [
        ("Nelayan Latuhalat", others),
        ("Semua", Audience()),
    ]
    assert await store.transact(lambda tx: tx.audiences.drop(saved.id))
    assert not await store.transact(lambda tx: tx.audiences.drop(saved.id))
    assert not await store.transact(lambda tx: tx.audiences.replace(saved.id, fishers, by=by))
    assert await store.transact(lambda tx: tx.audiences.get(saved.id)) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
async def test_a_name_has_letters_and_an_end(desk: OfficeDesk, name: str) -> None:
    with pytest.raises(Invalid, match="audience_name"):
        await desk.store.transact(lambda tx: tx.audiences.save(name, Audience(), by=1))
