"""The queue under any order of events: two officers, lapses, decisions, changes, suspensions and crashes.

Hypothesis looks for an order in which a case is lost, held twice, decided twice or told twice.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import ExitStack
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

from domain.officer import Role
from domain.registration import Registration, Status
from domain.rules import Rules
from handlers.taps import data
from storage.migrate import migrate
from storage.store import Tx
from tests.office_desk import SARI, OfficeDesk, Someone, at_once, engine_for
from tests.postgres_server import fresh_database, shared_server

T = TypeVar("T")

OFFICERS = st.sampled_from(("Dewi", "Rahmat"))
PRESSES = st.sampled_from(("ktp", "ok", "back", "undo"))
_MOST_CASES = 5


@cache
def _prepared() -> Path:
    """A migrated SQLite file to copy from."""
    folder = Path(tempfile.mkdtemp(prefix="lindung-machine-"))
    migrate(f"sqlite:///{folder}/lindung.db")
    return folder / "lindung.db"


class QueueMachine(RuleBasedStateMachine):
    """What officers and workers may do, in any order."""

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
        self.desk = OfficeDesk(engine_for(self._url), folder / "media", Rules())
        self.cases: list[Registration] = []
        self.people: dict[str, Someone] = {}
        self.decided: list[tuple[Registration, int]] = []

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(doing)

    @initialize()
    def the_office_opens(self) -> None:
        async def opens() -> None:
            await self.desk.store.open()
            for name in ("Dewi", "Rahmat", "Tini"):
                self.people[name] = self.desk.someone(name)
                await self.people[name].joins(Role.ADMIN if name == "Tini" else Role.OFFICER)

        self.run(opens())

    @precondition(lambda self: len(self.cases) < _MOST_CASES)
    @rule()
    def a_worker_registers(self) -> None:
        number = len(self.cases)
        worker = self.people.setdefault(f"Sari{number}", self.desk.someone(f"Sari{number}"))
        answers = {**SARI, "nik": f"817101440385991{number}"}
        self.cases.append(self.run(self.desk.registers(worker, answers)))

    @rule(name=OFFICERS)
    def an_officer_takes_the_next(self, name: str) -> None:
        self.run(self.people[name].says("/ambil"))

    @rule()
    def both_take_at_once(self) -> None:
        self.run(at_once(*(self.people[name].says("/ambil") for name in ("Dewi", "Rahmat"))))

    @precondition(lambda self: self.cases)
    @rule(name=OFFICERS, press=PRESSES, index=st.integers(0, _MOST_CASES), version=st.integers(0, 1))
    def an_officer_presses(self, name: str, press: str, index: int, version: int) -> None:
        self.run(self.people[name].sends_tap(self._tap(press, index, version)))

    @precondition(lambda self: self.cases)
    @rule(presses=st.tuples(PRESSES, PRESSES), index=st.integers(0, _MOST_CASES))
    def both_press_at_once(self, presses: tuple[str, str], index: int) -> None:
        taps = [self._tap(press, index, 0) for press in presses]
        pairs = zip(("Dewi", "Rahmat"), taps, strict=True)
        self.run(at_once(*(self.people[name].sends_tap(tap) for name, tap in pairs)))

    @rule(name=OFFICERS)
    def an_officer_approves_the_next(self, name: str) -> None:
        officer = self.people[name]
        self.run(officer.says("/ambil"))
        for case in self._held_by(name):
            for press in ("ktp", "ok"):
                self.run(officer.sends_tap(data("c", press, case.id, case.version)))

    @rule(name=OFFICERS)
    def an_officer_rejects_the_next(self, name: str) -> None:
        officer = self.people[name]
        self.run(officer.says("/ambil"))
        for case in self._held_by(name)[:1]:
            self.run(officer.sends_tap(data("c", "no", case.id, case.version)))
            self.run(officer.sends_tap(data("r", "pick", 8, case.id, case.version)))
            self.run(officer.sends_tap(data("r", "skip", case.id, case.version)))

    @rule(name=OFFICERS)
    def an_officer_approves_without_looking(self, name: str) -> None:
        officer = self.people[name]
        self.run(officer.says("/ambil"))
        for case in self._held_by(name):
            self.run(officer.sends_tap(data("c", "ok", case.id, case.version)))

    @precondition(lambda self: self.decided)
    @rule()
    def a_decision_is_taken_back(self) -> None:
        case, officer_id = self.decided[-1]
        self.run(self._who(officer_id).sends_tap(data("c", "undo", case.id, case.version)))

    @precondition(lambda self: self.decided)
    @rule()
    def a_decision_is_taken_back_as_it_falls_due(self) -> None:
        case, officer_id = self.decided[-1]
        undo = self._who(officer_id).sends_tap(data("c", "undo", case.id, case.version))
        self.run(at_once(self.desk.passes(seconds=60), undo))

    @precondition(lambda self: self.decided)
    @rule(withdraws=st.booleans())
    def the_worker_does_something_about_a_decided_case(self, withdraws: bool) -> None:
        case, _ = self.decided[-1]
        self.run(self.desk.withdraws(case) if withdraws else self.desk.changes(case, street="RT 009"))

    @precondition(lambda self: self.decided)
    @rule()
    def the_officer_is_suspended_within_the_window(self) -> None:
        self.run(self.people["Tini"].sends_tap(data("s", "hold", self.decided[-1][1])))

    @precondition(lambda self: self.decided)
    @rule()
    def a_minute_passes(self) -> None:
        self.run(self.desk.passes(seconds=61))

    @precondition(lambda self: self.cases)
    @rule(index=st.integers(0, _MOST_CASES))
    def a_worker_changes_an_answer(self, index: int) -> None:
        case = self.run(self.desk.case(self.cases[index % len(self.cases)]))
        if case.status in (Status.SUBMITTED, Status.IN_REVIEW):
            self.run(self.desk.changes(case, street=f"RT 00{case.version % 9}"))

    @precondition(lambda self: self.cases)
    @rule(index=st.integers(0, _MOST_CASES))
    def a_worker_withdraws(self, index: int) -> None:
        case = self.run(self.desk.case(self.cases[index % len(self.cases)]))
        if case.status in (Status.SUBMITTED, Status.IN_REVIEW):
            self.run(self.desk.withdraws(case))

    @rule(seconds=st.sampled_from((1, 30, 61, 600, 1000)))
    def time_passes(self, seconds: int) -> None:
        self.run(self.desk.passes(seconds=seconds))

    @rule(name=OFFICERS, word=st.sampled_from(("hold", "again")))
    def the_admin_suspends_or_reinstates(self, name: str, word: str) -> None:
        self.run(self.people["Tini"].sends_tap(data("s", word, self._id(name))))

    @rule()
    def the_program_crashes(self) -> None:
        self.run(self.desk.crashes(engine_for(self._url)))

    @invariant()
    def every_case_is_in_one_pair_of_hands_at_most(self) -> None:
        if not self.people:
            return
        self.run(self.desk.due())
        self.run(self.desk.store.transact(self._look))
        for number, case in enumerate(self.cases):
            told = self.people[f"Sari{number}"].chat.ever
            changes = self.run(self.desk.store.transact(lambda tx, case=case: tx.registrations.changes(case.id)))
            settled = [row for row in changes if row["to_status"] in (Status.VERIFIED, Status.REJECTED)]
            assert len(told) == len(settled) <= 1
            for name in ("Dewi", "Rahmat"):
                if f"817101440385991{number}" in self.people[name].screen:
                    holder = self.run(self.desk.case(case)).officer_id
                    assert holder == self._id(name)

    def _look(self, tx: Tx) -> None:
        staff = {one.id: one for one in tx.staff.all()}
        self.decided = []
        for number, first in enumerate(self.cases):
            case = tx.registrations.get(first.id)
            assert case is not None
            pending = tx.queue.pending(case.id)
            held = case.officer_id is not None
            assert (case.status is Status.IN_REVIEW) == (held != (pending is not None)), number
            assert held == (case.leased_until is not None)
            assert (case.queued_at, case.priority) == (first.queued_at, first.priority)
            if held:
                assert staff[case.officer_id].active  # type: ignore[index]
                assert case.leased_until > tx.at  # type: ignore[operator]
            if pending is not None:
                self.decided.append((case, pending.officer_id))
                assert staff[pending.officer_id].active
                assert (pending.version, pending.due_at > tx.at) == (case.version, True)
            if case.status is Status.VERIFIED:
                decided = tx.registrations.changes(case.id)[-1]["actor_id"]
                assert tx.sights.seen(case, decided)

    def _who(self, officer_id: int) -> Someone:
        return next(self.people[name] for name in ("Dewi", "Rahmat") if self._id(name) == officer_id)

    def _id(self, name: str) -> int:
        return self.run(self.people[name].officer_id())

    def _held_by(self, name: str) -> list[Registration]:
        officer_id = self._id(name)
        return [case for first in self.cases if (case := self.run(self.desk.case(first))).officer_id == officer_id]

    def _tap(self, press: str, index: int, version: int) -> str:
        """A choice of a card: of the version now, or of the one before."""
        case = self.run(self.desk.case(self.cases[index % len(self.cases)]))
        return data("c", press, case.id, max(1, case.version - version))

    def teardown(self) -> None:
        self.run(self.desk.store.close())
        self._loop.close()
        self._stack.close()


class PostgresQueueMachine(QueueMachine):
    """The same where two transactions really run side by side."""

    kind = "postgres"


# A step on PostgreSQL costs five times one on SQLite.
@pytest.mark.slow
@pytest.mark.parametrize(("machine", "examples"), [(QueueMachine, 60), (PostgresQueueMachine, 20)])
def test_no_order_of_events_loses_or_doubles_a_case(machine: type[QueueMachine], examples: int) -> None:
    if machine.kind == "postgres":
        shared_server()  # skips where there is none
    thorough = settings(max_examples=examples, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=thorough)
