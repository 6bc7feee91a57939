"""One program per database, on both databases, however the first one ends."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.engine import Gone
from storage.lock import AlreadyRunning, lock_for
from tests.postgres_server import fresh_database

HOLDS = """
import sys
from storage.lock import lock_for
lock = lock_for(sys.argv[1])
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/lindung.db"
    else:
        with fresh_database() as made:
            yield made


@contextlib.contextmanager
def another_program(url: str) -> Iterator[subprocess.Popen[str]]:
    """A program of its own that holds the lock until it is ended."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDS, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        yield program
        program.kill()


def test_a_second_program_is_told_which_process_holds_the_database(url: str) -> None:
    with another_program(url) as program:
        with pytest.raises(AlreadyRunning, match="already running") as caught, lock_for(url):
            pass
        assert f"process {program.pid}" in caught.value.holder
        assert "UTC" in caught.value.holder


def test_two_locks_in_one_program_exclude_each_other_too(url: str) -> None:
    with lock_for(url), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        lock_for(url).acquire()
    with lock_for(url):
        pass


def test_a_program_that_was_killed_leaves_no_lock(url: str) -> None:
    with another_program(url) as program:
        program.send_signal(signal.SIGKILL)
        program.wait()
        with lock_for(url):
            pass


def test_giving_back_what_is_not_held_is_fine(url: str) -> None:
    lock = lock_for(url)
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()


def test_keeping_changes_nothing_while_it_is_held(url: str) -> None:
    with lock_for(url) as lock:
        lock.keep()
        with pytest.raises(AlreadyRunning):
            lock_for(url).acquire()


def test_a_lost_lock_is_taken_again_unless_another_program_was_quicker(url: str) -> None:
    with lock_for(url) as first:
        lose(url)
        first.keep()
        with pytest.raises(AlreadyRunning):
            lock_for(url).acquire()
        lose(url)
        with lock_for(url), pytest.raises(AlreadyRunning):
            first.keep()
        first.keep()


def test_two_databases_have_two_locks(tmp_path: Path) -> None:
    with lock_for(f"sqlite:///{tmp_path}/a.db"), lock_for(f"sqlite:///{tmp_path}/b.db"):
        pass
    with fresh_database() as a, fresh_database() as b, lock_for(a), lock_for(b):
        pass


def test_two_names_of_one_file_share_a_lock(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "lindung.db")
    with lock_for(f"sqlite:///{tmp_path}/lindung.db"), pytest.raises(AlreadyRunning):
        lock_for(f"sqlite:///{tmp_path}/other.db").acquire()


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////nowhere/at/all/lindung.db",
        "postgresql://sari:rahasia99@127.0.0.1:1/lindung",
        "postgresql//sari:rahasia99@127.0.0.1/lindung",
    ],
)
def test_what_cannot_be_locked_is_gone_and_tells_no_password(address: str) -> None:
    with pytest.raises(Gone) as caught:
        lock_for(address).acquire()
    assert "rahasia99" not in str(caught.value)
    assert caught.value.__suppress_context__ or "rahasia99" not in str(caught.value.__context__)


def lose(url: str) -> None:
    """What takes a lock away from a living program: its file deleted, its server restarted."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///") + ".lock").unlink()
        return
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
