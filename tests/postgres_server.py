"""A private, throw-away PostgreSQL for tests, from the binaries of this machine.

`fresh_database` gives an empty database (or a copy of a prepared one) for a `with`; the server starts at the
first call in a process and goes with it. Nothing here touches a server that is already running.
"""

import atexit
import contextlib
import ctypes
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "deadlock_timeout": "100ms"}
_PR_SET_PDEATHSIG = 1


class PostgresServer:
    """One cluster in a temporary folder, reached by a Unix socket in it."""

    def __init__(self) -> None:
        self._bin = find_binaries()
        self._account = _account()
        self.folder = Path(tempfile.mkdtemp(prefix="lindung-pg-"))
        if self._account:
            shutil.chown(self.folder, self._account)
        self._data = self.folder / "data"
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        initdb = [self._bin / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*initdb, "--locale=C", "--no-sync"],
            user=self._account,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), **_FAST}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *settings],
                user=self._account,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        for _ in range(600):
            with contextlib.suppress(psycopg.OperationalError), self._admin():
                return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT breaks all connections off and ends in order; SIGQUIT ends as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?{urlencode({'host': str(self.folder)})}"

    def create(self, template: str = "template0") -> str:
        """A new database's name."""
        name = f"test_{next(self._numbers)}"
        with self._admin() as db:
            db.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        with self._admin() as db:
            db.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True)


@contextlib.contextmanager
def fresh_database(prepare: Callable[[str], None] | None = None) -> Iterator[str]:
    """The address of a database of one's own, dropped afterwards; skips when there is no PostgreSQL.

    ``prepare`` is given an address once per process, to migrate or fill; later databases are copies of it.
    """
    server = shared_server()
    name = server.create(_template(prepare) if prepare else "template0")
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@functools.cache
def _template(prepare: Callable[[str], None]) -> str:
    server = shared_server()
    name = server.create()
    prepare(server.url(name))
    return name


def shared_server() -> PostgresServer:
    """The one server of this process, started at first use; skips when there is no PostgreSQL."""
    if find_binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, postgres) are not on this machine.")
    if os.geteuid() == 0 and _account() is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no account postgres or nobody.")
    return _started()


@functools.cache
def _started() -> PostgresServer:
    server = PostgresServer()
    atexit.register(server.remove)
    server.start()
    return server


@functools.cache
def find_binaries() -> Path | None:
    """The folder holding initdb and postgres, the newest one."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _FOLDERS:
        found += sorted(Path("/").glob(pattern[1:]), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _account() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _die_with_parent() -> None:
    """Even a test run that was killed leaves no server behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
