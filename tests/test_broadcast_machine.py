"""Broadcasts under any order of events: admins who press and type, leave and come back, a network that fails, crashes.

Hypothesis looks for an order in which somebody gets it twice, something goes out that should not, or a count is wrong.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conversation.messages import Receipt, Told
from domain.address import Address
from domain.broadcast import LIVE, Broadcast, Content, Kind, Outcome, State
from domain.mark import OfRecipient
from domain.officer import Role
from domain.registration import Actor
from domain.rules import Rules
from domain.topic import ALL_TOPICS
from handlers import broadcast_sending, delivery_receipts, due_broadcasts
from handlers.broadcast_sending import Ended
from handlers.taps import data
from storage.migrate import migrate
from storage.recipients import Turn
from storage.store import Tx
from tests.office_desk import OfficeDesk, Someone, at_once, engine_for
from tests.postgres_server import fresh_database, shared_server

T = TypeVar("T")

NAMES = ("Rahmat", "Tini", "Wati")
ADMINS = st.sampled_from(NAMES)
WORDS = ("now", "first", "view", "drop", "no", "pause", "resume", "stop", "stopped", "ok", "refuse", "refused")
PRESSES = st.sampled_from((*WORDS, "yes", "again:failed", "again:unclear", "yes:failed", "yes:unclear"))
TYPED = st.sampled_from(
    ("jeda", "lanjut", "/hentikan", "ya", "tidak", "7", "besok 09.00", "jadwalkan", "2 dulu", "kirim", "setujui", "1")
)
LOST = "lost"
"""The network took it, and its answer was not heard."""
ENDS = st.sampled_from((Outcome.SENT, Outcome.SENT, LOST, Outcome.FAILED, Outcome.UNCLEAR, Outcome.BLOCKED, None))
ROADS = ("now yes ok", "first yes ok", "again:failed yes:failed ok", "again:unclear yes:unclear ok", "resume")
"""What everybody presses, one after the other, until somebody may."""
PEOPLE, LIMIT, MOST = 7, 5, 3
TOLDS = st.sampled_from((*Told, Told.DELIVERED))


@dataclass
class Taken:
    """A message the network has taken. `heard`: its answer; `came` None: nothing was told of it yet."""

    turn: Turn
    sent_id: str
    heard: bool = False
    came: bool | None = None

    @property
    def pair(self) -> tuple[int, int]:
        return self.turn.broadcast_id, self.turn.person_id

    @property
    def may_go_again(self) -> bool:
        """It did not come, or nobody could know whether it did."""
        return self.came is False or (self.came is None and not self.heard)


@cache
def _prepared() -> Path:
    """A migrated SQLite file to copy from."""
    folder = Path(tempfile.mkdtemp(prefix="lindung-machine-"))
    migrate(f"sqlite:///{folder}/lindung.db")
    return folder / "lindung.db"


class BroadcastMachine(RuleBasedStateMachine):
    """What admins, the clock and the network may do, in any order."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._loop = asyncio.Runner()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-machine-")))
        if self.kind == "sqlite":
            shutil.copy(_prepared(), folder / "lindung.db")
            self._url = f"sqlite:///{folder}/lindung.db"
        else:
            self._url = self._stack.enter_context(fresh_database(migrate))
        rules = Rules(approval_above=LIMIT, first_batch=2, failures_in_row=4)
        self.desk = OfficeDesk(engine_for(self._url), folder / "media", rules)
        self.admins: dict[str, Someone] = {}
        self.broadcasts: list[int] = []
        self.in_hand: list[Turn] = []
        self.taken: list[Taken] = []
        self.delivered: set[tuple[int, int]] = set()

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(doing)

    @initialize()
    def the_office_opens(self) -> None:
        async def opens() -> None:
            await self.desk.store.open()
            for name in NAMES:
                self.admins[name] = self.desk.someone(name)
                await self.admins[name].joins(Role.ADMIN)
            await self.desk.store.transact(crowd)

        def crowd(tx: Tx) -> None:
            for number in range(PEOPLE):
                person, _ = tx.people.arrive(Address("test", "lindung", f"warga{number}"))
                tx.people.keep(person)
                tx.people.set_notices(person.id, ALL_TOPICS)

        self.run(opens())
        self._write("Rahmat")

    # Admins

    @precondition(lambda self: len(self.broadcasts) < MOST)
    @rule(name=ADMINS)
    def an_admin_writes_one(self, name: str) -> None:
        self._write(name)

    def _write(self, name: str) -> None:
        owner = self._id(name)

        def unit(tx: Tx) -> int | None:
            admin = tx.staff.get(owner)
            if admin is None or not admin.active:
                return None
            draft = tx.broadcasts.draft(owner, kind=Kind.ANNOUNCEMENT, content=Content("Besok kantor tutup."))
            tx.broadcasts.begin_scan(draft.id)
            return tx.broadcasts.move(draft, State.PREPARING, by=Actor.ADMIN, actor_id=owner).id

        written = self.run(self.desk.store.transact(unit))
        if written is not None:
            self.broadcasts.append(written)
            self._clock()

    @precondition(lambda self: self.broadcasts)
    @rule(name=ADMINS, press=PRESSES, index=st.integers(0, MOST), old=st.booleans())
    def an_admin_presses(self, name: str, press: str, index: int, old: bool) -> None:
        self.run(self.admins[name].sends_tap(self._tap(press, index, old)))

    @precondition(lambda self: self.broadcasts)
    @rule(presses=st.tuples(PRESSES, PRESSES), index=st.integers(0, MOST))
    def two_admins_press_at_once(self, presses: tuple[str, str], index: int) -> None:
        taps = [self._tap(press, index, False) for press in presses]
        pairs = zip(("Rahmat", "Tini"), taps, strict=True)
        self.run(at_once(*(self.admins[name].sends_tap(tap) for name, tap in pairs)))

    @precondition(lambda self: self.broadcasts)
    @rule(name=ADMINS, words=TYPED)
    def an_admin_types(self, name: str, words: str) -> None:
        self.run(self.admins[name].says(words))

    @precondition(lambda self: self.broadcasts)
    @rule(index=st.integers(0, MOST), presses=st.sampled_from((*ROADS, "now yes ok")))
    def everybody_wants_it_sent(self, index: int, presses: str) -> None:
        """The straight road, which chance alone would seldom walk to its end."""
        for press in presses.split():
            for name in NAMES:
                self.run(self.admins[name].sends_tap(self._tap(press, index, False)))
        self._clock()

    @rule(name=ADMINS, other=ADMINS, word=st.sampled_from(("hold", "again", "again")))
    def an_admin_suspends_or_reinstates_another(self, name: str, other: str, word: str) -> None:
        self.run(self.admins[name].sends_tap(data("s", word, self._id(other))))

    # The clock and the network

    @rule()
    def the_clock_goes_on(self) -> None:
        self._clock()

    @rule(hours=st.sampled_from((0, 1, 12)))
    def time_passes(self, hours: int) -> None:
        self.run(self.desk.passes(hours=hours, seconds=7))

    @rule(limit=st.integers(1, 5))
    def the_lane_claims(self, limit: int) -> None:
        self._claim(limit)

    @rule(limit=st.integers(1, 5), press=st.sampled_from(("pause", "stopped")), name=ADMINS, index=st.integers(0, MOST))
    def the_lane_claims_while_an_admin_presses(self, limit: int, press: str, name: str, index: int) -> None:
        if not self.broadcasts:
            return
        tap = self._tap(press, index, False)

        async def both() -> None:
            claim = self.desk.store.transact(broadcast_sending.claim, self.desk.office, "test", limit=limit)
            claimed, _ = await asyncio.gather(claim, self.admins[name].sends_tap(tap))
            self.in_hand += [each.turn for each in claimed]

        self.run(both())

    @rule(ends=st.lists(ENDS, min_size=1, max_size=5))
    def the_network_answers(self, ends: list[Outcome | None]) -> None:
        self._answer(ends)

    @rule(ends=st.lists(ENDS, min_size=1, max_size=PEOPLE))
    def some_go_out(self, ends: list[Outcome | None]) -> None:
        self._clock()
        self._claim(len(ends))
        self._answer(ends)
        self._clock()

    def _answer(self, ends: list[Any]) -> None:
        ended = []
        for turn, end in zip(self.in_hand, ends, strict=False):
            if end is Outcome.SENT:
                took = self._take(turn)
                took.heard = True
                ended.append(Ended(turn, end, sent_id=took.sent_id))
                continue
            if end == LOST or any(each.turn is turn for each in self.taken):
                self._take(turn)
                end = Outcome.UNCLEAR
            ended.append(Ended(turn, end, "x", fault=end in (Outcome.FAILED, Outcome.UNCLEAR)))
        self.in_hand = self.in_hand[len(ended) :]
        if ended:
            self.run(self.desk.store.transact(broadcast_sending.settle, self.desk.office, ended))

    def _take(self, turn: Turn) -> Taken:
        """The network has it, once for each time it is in hand; whether it comes to its person is not known yet."""
        found = next((each for each in self.taken if each.turn is turn), None)
        if found is None:
            found = Taken(turn, f"net-{len(self.taken)}")
            self.taken.append(found)
        return found

    # Receipts

    @rule(which=st.integers(0, PEOPLE), told=TOLDS)
    def the_network_tells_before_it_has_answered(self, which: int, told: Told) -> None:
        if which < len(self.in_hand):
            self._tell([(self._take(self.in_hand[which]), told)])

    @precondition(lambda self: self.taken)
    @rule(told=st.lists(st.tuples(st.integers(0, 10 * PEOPLE), TOLDS), min_size=1, max_size=6), again=st.booleans())
    def the_network_tells(self, told: list[tuple[int, Told]], again: bool) -> None:
        """Of the last ones mostly, and of old ones again."""
        found = [(self.taken[-1 - which % len(self.taken)], each) for which, each in told]
        self._tell(found)
        if again:
            self._tell(found)

    @precondition(lambda self: self.taken)
    @rule(told=TOLDS)
    def the_network_tells_of_everything(self, told: Told) -> None:
        self._tell([(each, told) for each in self.taken])

    def _tell(self, found: list[tuple[Taken, Told]]) -> None:
        """A message that came to its person never fails, nor the other way round."""
        receipts = []
        for taken, told in found:
            good = told in (Told.SENT, Told.DELIVERED, Told.READ)
            taken.came = good if taken.came is None else taken.came
            told = told if taken.came is good else Told.READ if taken.came else Told.FAILED
            if told in (Told.DELIVERED, Told.READ):
                self.delivered.add(taken.pair)
            receipts.append(Receipt(taken.sent_id, told, str(OfRecipient(*taken.pair)), "y"))
        self.run(self.desk.store.transact(delivery_receipts.note, receipts, self.desk.office))

    @precondition(lambda self: self.broadcasts)
    @rule(index=st.integers(0, MOST), road=st.sampled_from(ROADS), ends=st.lists(ENDS, max_size=PEOPLE))
    def one_goes_to_its_end(self, index: int, road: str, ends: list[Outcome | None]) -> None:
        """Sent, or sent again: some fail on the way, then all goes well."""
        self.everybody_wants_it_sent(index, road)
        self._claim(PEOPLE)
        self._answer((list(ends) + [Outcome.SENT] * PEOPLE)[: len(self.in_hand)])
        for _ in range(PEOPLE):
            self._clock()
            self._claim(PEOPLE)
            if not self.in_hand:
                break
            self._answer([Outcome.SENT] * len(self.in_hand))

    @precondition(lambda self: self.broadcasts)
    @rule(
        index=st.integers(0, MOST),
        road=st.sampled_from(ROADS),
        early=st.lists(st.sampled_from((*Told, None)), min_size=2, max_size=PEOPLE),
        ends=st.lists(ENDS, min_size=PEOPLE, max_size=PEOPLE),
        told=st.lists(TOLDS, max_size=PEOPLE),
        killed=st.booleans(),
    )
    def the_network_tells_of_one_all_along(
        self,
        index: int,
        road: str,
        early: list[Told | None],
        ends: list[Any],
        told: list[Told],
        killed: bool,
    ) -> None:
        """Of some before their answer is heard, of some after it; or the program dies in between."""
        self.everybody_wants_it_sent(index, road)
        self._claim(PEOPLE)
        self._tell([(self._take(turn), each) for turn, each in zip(self.in_hand, early, strict=False) if each])
        if killed:
            self.the_program_is_killed()
        else:
            self._answer(ends[: len(self.in_hand)])
        self._tell(list(zip(reversed(self.taken), told, strict=False)))
        self._clock()

    @precondition(lambda self: self.broadcasts)
    @rule(
        index=st.integers(0, MOST),
        claimed=st.integers(0, 3),
        press=st.sampled_from(("stopped", "pause")),
        ends=st.lists(ENDS, min_size=3, max_size=3),
    )
    def one_is_held_on_the_way(self, index: int, claimed: int, press: str, ends: list[Outcome | None]) -> None:
        self.everybody_wants_it_sent(index, ROADS[0])
        self._claim(claimed)
        for name in NAMES:
            self.run(self.admins[name].sends_tap(self._tap(press, index, False)))
        self._answer(ends)
        self._clock()

    @rule()
    def the_program_is_killed(self) -> None:
        self.in_hand = []
        self.run(self.desk.crashes(engine_for(self._url)))
        self.run(self.desk.store.transact(broadcast_sending.after_a_death, self.desk.office, "test"))

    # What always holds

    @invariant()
    def nobody_gets_it_twice_and_every_count_is_right(self) -> None:
        if not self.admins:
            return
        self.run(self.desk.store.transact(self._look))

    def _look(self, tx: Tx) -> None:
        for number in self.broadcasts:
            broadcast = tx.broadcasts.get(number)
            assert broadcast is not None
            counted: Counter[str] = Counter()
            for row in tx.recipients.by_outcome(number):
                counted[row["outcome"]] += row["n"]
            counts = broadcast.counts
            for outcome in (Outcome.DELIVERED, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNCLEAR, Outcome.SKIPPED):
                assert counted[outcome] == getattr(counts, outcome), outcome
            # Whoever has it was sent it.
            assert counted[Outcome.SENT] + counted[Outcome.DELIVERED] == counts.sent
            self._who_has_it(tx, number)
            assert counts.total == counted.total() - counted[Outcome.LEFT_OUT]
            assert counts.lined == counts.total - counted[Outcome.WAITING]
            held = [each for each in tx.recipients.claimed("test") if each.broadcast_id == number]
            assert {each.id for each in held} <= {each.id for each in self.in_hand}
            lined = tx.recipients.lined(number, "test")
            assert counted[Outcome.LINED] == lined + len(held)
            if broadcast.state in (State.STOPPED, State.DONE):
                assert lined == 0
            self._who_answers(tx, broadcast)

    def _who_has_it(self, tx: Tx, number: int) -> None:
        """Whoever is told to have it stays so, and is sent it no more; twice it goes only where nobody could know."""
        for broadcast_id, person_id in self.delivered:
            if broadcast_id == number:
                standing = tx.recipients.standing(number, person_id)
                assert standing is not None
                assert standing.outcome is Outcome.DELIVERED

    def _who_answers(self, tx: Tx, broadcast: Broadcast) -> None:
        """What goes on has an active admin; what is large was approved by somebody else, or nobody else was there."""
        owner = tx.staff.get(broadcast.owner_id)
        assert owner is not None
        if broadcast.state in LIVE and broadcast.code != "admin_stopped":
            assert owner.active
        assert broadcast.approved_by != broadcast.created_by

    def _clock(self) -> None:
        async def goes() -> None:
            for _ in range(60):
                if not await self.desk.store.transact(due_broadcasts.advance, self.desk.office):
                    break
            await self.desk.deliver()

        self.run(goes())

    def _claim(self, limit: int) -> None:
        def unit(tx: Tx) -> list[Turn]:
            running = {each for each in self.broadcasts if self._state(tx, each) is State.RUNNING}
            claimed = [each.turn for each in broadcast_sending.claim(tx, self.desk.office, "test", limit=limit)]
            assert {turn.broadcast_id for turn in claimed} <= running
            pairs = {(turn.broadcast_id, turn.person_id) for turn in claimed}
            assert all(each.may_go_again for each in self.taken if each.pair in pairs)
            return claimed

        self.in_hand += self.run(self.desk.store.transact(unit))

    def _state(self, tx: Tx, number: int) -> State:
        found = tx.broadcasts.get(number)
        assert found is not None
        return found.state

    def _tap(self, press: str, index: int, old: bool) -> str:
        """A choice as it is offered now, or as it was before the last change."""
        number = self.broadcasts[index % len(self.broadcasts)]
        word, _, detail = press.partition(":")
        found = self.run(self.desk.store.transact(lambda tx: tx.broadcasts.get(number)))
        assert found is not None
        if word == "yes":
            return data("b", "yes", detail or "all", number, max(1, found.version - old))
        return data("b", "again", detail, number) if word == "again" else data("b", word, number)

    def _id(self, name: str) -> int:
        return self.run(self.admins[name].officer_id())

    def teardown(self) -> None:
        self.run(self.desk.store.close())
        self._loop.close()
        self._stack.close()


class PostgresBroadcastMachine(BroadcastMachine):
    """The same where two transactions really run side by side."""

    kind = "postgres"


# A step on PostgreSQL costs five times one on SQLite.
@pytest.mark.slow
@pytest.mark.parametrize(("machine", "examples"), [(BroadcastMachine, 20), (PostgresBroadcastMachine, 4)])
def test_no_order_of_events_sends_twice_or_counts_wrong(machine: type[BroadcastMachine], examples: int) -> None:
    if machine.kind == "postgres":
        shared_server()  # skips where there is none
    # The same orders every time: new ones are looked for by raising the number.
    thorough = settings(
        max_examples=examples, stateful_step_count=25, suppress_health_check=list(HealthCheck), derandomize=True
    )
    run_state_machine_as_test(machine, settings=thorough)
