"""How the program refuses to begin twice, and what it says when a bug ended it.

Not for: what a kill costs (test_crash.py) or what commands print (test_commands.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import Ending, _guard, keep_lock
from storage.lock import AdvisoryLock, AlreadyRunning, lock_for
from tests.program import Program, free_port


async def test_a_second_run_says_who_holds_the_database_also_where_both_want_one_port(tmp_path: Path) -> None:
    async with Program(tmp_path, webchat="demo", http_port=free_port()) as first:
        second = Program(tmp_path, webchat="demo", http_port=first.settings["http_port"])
        await second.begins()
        assert await second.ended() == 2
        assert f"process {first.pid}" in second.tail()


async def test_a_loop_that_ends_by_a_bug_ends_the_program_with_exit_code_1() -> None:
    async def loop() -> None:
        raise ZeroDivisionError

    stop = Ending()
    await _guard(stop, "clockwork", loop())
    assert stop.is_set()
    assert stop.code == 1


async def test_a_database_that_is_away_for_a_while_does_not_end_the_program() -> None:
    await keep_lock(AdvisoryLock(f"postgresql://127.0.0.1:{free_port()}/lindung"))


async def test_a_database_that_somebody_else_has_taken_ends_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lindung.db"
    with lock_for(url), pytest.raises(AlreadyRunning):
        await keep_lock(lock_for(url))
