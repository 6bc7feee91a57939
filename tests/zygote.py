"""Starts the real program quickly: one process loads its modules once, and each start is a fork of it.

What is forked is a process like any other, with its own memory, files and locks, and dies of SIGKILL like any
other; it only need not load its modules again, which takes longer than all the rest of a start. Run as a module
this is that first process: it takes one request a line, answers with the child's number, and tells when one ends.
"""

import atexit
import contextlib
import ctypes
import functools
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1


class Zygote:
    """The first process, seen from the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        self._news = threading.Condition()
        self._born: list[int] = []
        self._codes: dict[int, int] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, **request: Any) -> int:
        """Fork one: `cwd`, `env`, `out` and `err` (paths to append to). Its process number."""
        assert self._process.stdin is not None
        with self._news:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            assert self._news.wait_for(lambda: self._born or self._process.poll() is not None, 60), "no zygote"
            return self._born.pop()

    def code(self, pid: int) -> int | None:
        """How it ended, as subprocess tells it (-9 for SIGKILL); None while it runs."""
        return self._codes.get(pid)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, pid, *code = line.split()
            with self._news:
                if word == "born":
                    self._born.append(int(pid))
                else:
                    self._codes[int(pid)] = int(code[0])
                self._news.notify_all()


@functools.cache
def shared_zygote() -> Zygote:
    """The one of this test process, started at first use."""
    zygote = Zygote()
    atexit.register(zygote.close)
    return zygote


def die_with_parent() -> None:
    """Even a test run that was killed leaves no program behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _main() -> None:
    import psycopg

    import bot.__main__
    import bot.app
    import bot.log
    import storage.postgres

    loaded = (psycopg, bot.__main__, bot.app, bot.log, storage.postgres)
    assert all(loaded)
    gc.freeze()
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        _say(f"born {pid}")


def _child(request: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    die_with_parent()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    for number, path in ((1, request["out"]), (2, request["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    from bot.__main__ import app

    code = 1
    try:
        app(["run"], prog_name="python -m bot")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            _say(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    _main()
