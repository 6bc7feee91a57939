"""Messages to one person under any order of answers, lost answers, receipts, kills and words of theirs.

Hypothesis looks for an order in which something is said twice that need not be, is lost, or is kept too long. What the
network makes of each message it takes is decided at once and told in any order, again and again, early or never.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from conversation.messages import Message, Receipt, Told
from domain.mark import OfRow
from domain.person import Person
from domain.rules import Rules
from handlers import delivery_receipts
from storage.migrate import migrate
from storage.statement import Statement
from storage.store import Tx
from tests.office_desk import OfficeDesk, engine_for
from tests.postgres_server import fresh_database, shared_server
from tests.test_broadcast_machine import _prepared

T = TypeVar("T")
ROWS = Statement("SELECT id, state, sealed FROM outbox ORDER BY id")
GOOD = (Told.SENT, Told.DELIVERED, Told.READ)
HAS_IT = {Told.DELIVERED, Told.READ}
VERDICTS = st.sampled_from(
    (Told.DELIVERED, Told.DELIVERED, Told.DELIVERED, Told.FAILED, Told.GONE, Told.LATER, Told.SHUT, Told.LACKING)
)


@dataclass
class Sending:
    """One try of a row that the network took. `verdict` is what it will tell; `lost`: its answer was not heard."""

    row: int
    at: int
    sent_id: str
    verdict: Told
    lost: bool
    told: set[Told] = field(default_factory=set)


class DeliveryMachine(RuleBasedStateMachine):
    """A person, a network that tells, and the program between them."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self._stack, self._loop = ExitStack(), asyncio.Runner()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-machine-")))
        if self.kind == "sqlite":
            shutil.copy(_prepared(), folder / "lindung.db")
            url = f"sqlite:///{folder}/lindung.db"
        else:
            url = self._stack.enter_context(fresh_database(migrate))
        self.desk = OfficeDesk(engine_for(url), folder / "media", Rules())
        self.rows: list[int] = []
        self.sendings: list[Sending] = []
        # Taken, and not written down yet.
        self.in_hand: Sending | None = None

    def run(self, unit: Any, *args: Any) -> Any:
        return self._loop.run(self.desk.store.transact(unit, *args))

    @initialize()
    def she_is_known(self) -> None:
        def unit(tx: Tx) -> Person:
            person, _ = tx.people.arrive(self.desk.someone("Sari").address)
            tx.people.keep(person)
            return person

        self._loop.run(self.desk.store.open())
        self.person = self.run(unit)

    # The program

    @precondition(lambda self: len(self.rows) < 6)
    @rule(count=st.integers(1, 2))
    def something_is_to_be_said(self, count: int) -> None:
        def unit(tx: Tx) -> list[int]:
            person = tx.people.get(self.person.id)
            assert person is not None
            return [tx.outbox.put(person, Message("Kabar")) for _ in range(count)]

        self.rows += self.run(unit)

    @precondition(lambda self: self.in_hand is None)
    @rule(verdict=VERDICTS, taken=st.sampled_from((True, True, True, False)), lost=st.booleans())
    def the_next_one_is_handed_over(self, verdict: Told, taken: bool, lost: bool) -> None:
        self.desk.now += timedelta(milliseconds=1)
        due = self.run(lambda tx: tx.outbox.due("test", limit=1))
        if not due:
            return
        row = due[0].id
        if not taken:
            self.run(lambda tx: tx.outbox.postpone(row, until=tx.at + 5000, code="timeout"))
            return
        before = [each for each in self.sendings if each.row == row]
        # Twice only where nobody could know, or it did not come.
        assert all(each.verdict not in GOOD or (each.lost and not each.told) for each in before)
        self.in_hand = Sending(row, self.desk.at, f"net-{len(self.sendings)}", verdict, lost)
        self.sendings.append(self.in_hand)

    @precondition(lambda self: self.in_hand is not None)
    @rule()
    def how_it_ended_is_written_down(self) -> None:
        sending, self.in_hand = self.in_hand, None
        assert sending is not None
        if sending.lost:
            self.run(lambda tx: tx.outbox.postpone(sending.row, until=tx.at + 5000, code="timeout"))
        else:
            self.run(lambda tx: tx.outbox.accepted([(sending.row, sending.sent_id)]))

    @precondition(lambda self: self.in_hand is not None)
    @rule()
    def the_program_is_killed(self) -> None:
        """Nobody heard the answer then."""
        assert self.in_hand is not None
        self.in_hand.lost, self.in_hand = True, None

    # The network and the person

    @precondition(lambda self: self.sendings)
    @rule(picked=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(GOOD)), min_size=1, max_size=5))
    def the_network_tells(self, picked: list[tuple[int, Told]]) -> None:
        self._tell([(self.sendings[-1 - number % len(self.sendings)], good) for number, good in picked])

    def _tell(self, picked: list[tuple[Sending, Told]]) -> None:
        receipts = []
        for sending, good in picked:
            # What fails may have been on its way before, and that may be told after it has failed.
            told = good if sending.verdict in GOOD or good is Told.SENT else sending.verdict
            sending.told.add(told)
            receipts.append(Receipt(sending.sent_id, told, str(OfRow(sending.row, sending.at)), "x"))
        self.desk.now += timedelta(milliseconds=1)
        self.run(delivery_receipts.note, receipts, self.desk.office)

    @rule(minutes=st.sampled_from((0.2, 1, 10)))
    def time_passes(self, minutes: float) -> None:
        self.desk.now += timedelta(minutes=minutes)

    @rule()
    def she_writes(self) -> None:
        def unit(tx: Tx) -> None:
            person, _ = tx.people.arrive(self.desk.someone("Sari").address)
            if person.unreachable:
                tx.people.mark_unreachable(person.id, False)
            if person.unreachable or person.held:
                tx.outbox.release(person.id)

        self.desk.now += timedelta(seconds=1)
        self.run(unit)

    @rule(verdict=VERDICTS, lost=st.booleans(), early=st.booleans(), told=st.lists(st.sampled_from(GOOD), max_size=3))
    def one_goes_its_way(self, verdict: Told, lost: bool, early: bool, told: list[Told]) -> None:
        """Told of before it is written down that the network has it, or after, or not yet."""
        if self.in_hand is None:
            self.desk.now += timedelta(minutes=6)
            self.the_next_one_is_handed_over(verdict, True, lost)
        if self.in_hand is None:
            return
        sending = self.in_hand
        if early:
            self._tell([(sending, each) for each in told[:1]])
        self.how_it_ended_is_written_down()
        self._tell([(sending, each) for each in told])

    def _everything_is_said_in_the_end(self) -> None:
        """Once all goes well, each row reaches her or was refused for ever, and no text is kept."""
        if self.in_hand is not None:
            self.how_it_ended_is_written_down()
        self._tell([(each, Told.DELIVERED) for each in self.sendings])
        for _ in range(3 * len(self.rows)):
            self.she_writes()
            self.desk.now += timedelta(minutes=10)
            self.the_next_one_is_handed_over(Told.DELIVERED, True, False)
            if self.in_hand is None:
                break
            sending = self.in_hand
            self.how_it_ended_is_written_down()
            self._tell([(sending, Told.DELIVERED)])
        for row, (state, kept) in self._rows().items():
            verdicts = {each.verdict for each in self.sendings if each.row == row}
            assert state == ("sent" if Told.DELIVERED in verdicts else "dead")
            assert kept == (state == "dead")
            assert state == "sent" or Told.FAILED in verdicts

    # What always holds

    @invariant()
    def what_came_is_done_with_and_what_did_not_is_kept(self) -> None:
        if not self.rows:
            return
        for row, (state, kept) in self._rows().items():
            tries = [each for each in self.sendings if each.row == row]
            if any(each.told & HAS_IT for each in tries):
                assert state == "sent"
            if state == "sent":
                assert not kept
                assert any(each.told & HAS_IT for each in tries)
            else:
                assert kept
            if state == "accepted":
                assert not any(each.told & HAS_IT for each in tries)

    def _rows(self) -> dict[int, tuple[str, bool]]:
        rows = self._loop.run(self.desk.store.engine.read(lambda db: db.all(ROWS)))
        return {row["id"]: (row["state"], row["sealed"] is not None) for row in rows}

    def teardown(self) -> None:
        if self.rows:
            self._everything_is_said_in_the_end()
        self._loop.run(self.desk.store.close())
        self._loop.close()
        self._stack.close()


class PostgresDeliveryMachine(DeliveryMachine):
    """The same on the other database."""

    kind = "postgres"


@pytest.mark.slow
@pytest.mark.parametrize(("machine", "examples"), [(DeliveryMachine, 60), (PostgresDeliveryMachine, 4)])
def test_no_order_of_receipts_says_it_twice_or_loses_it(machine: type[DeliveryMachine], examples: int) -> None:
    if machine.kind == "postgres":
        shared_server()  # skips where there is none
    # The same orders every time: new ones are looked for by raising the number.
    thorough = settings(
        max_examples=examples, stateful_step_count=30, suppress_health_check=list(HealthCheck), derandomize=True
    )
    run_machine(machine, settings=thorough)
