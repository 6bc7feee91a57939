"""Makes the files that admins get, each in a process of its own: neither its memory nor its work slow down a reply.

That process is bot/paper_desk.py. What is in a paper goes through pipes only: never through arguments, the
environment, a temporary file or the log. Not for: what stands in a paper (the caller) or how it is drawn
(bot/paper_workbook.py, paper_chart.py, paper_poster.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import orjson
import structlog

from conversation.papers import Paper, Workbook

log = structlog.get_logger()

SECONDS: Final = 60.0
_ROWS_PER_LINE: Final = 500
_ROOT: Final = Path(__file__).resolve().parent.parent
_ANSWER: Final = re.compile(r"(refused|too_much|broken)(:[A-Za-z0-9_.:]{1,50})?")

# One paper at a time in a program; tests have a loop each.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class PaperFailed(Exception):  # noqa: N818 (reads as a sentence)
    """A paper was not made: "refused" (it is not a request), "too_much" (it does not fit), "slow" or "broken"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def make(request: Paper, *, seconds: float = SECONDS) -> bytes:
    """The file, made within so many seconds of its turn. Raises PaperFailed."""
    kind = type(request).__name__
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1)):
        started = time.monotonic()
        answer = await _answered(request, seconds)
        ms = round((time.monotonic() - started) * 1000)
    if isinstance(answer, str):
        log.error("paper_failed", kind=kind, code=answer, ms=ms)
        raise PaperFailed(answer.partition(":")[0])
    log.info("paper_made", kind=kind, bytes=len(answer), ms=ms)
    return answer


async def _answered(request: Paper, seconds: float) -> bytes | str:
    """The file, or a code that tells why there is none."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.paper_desk"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        # Tokens and the address of the database are none of its business.
        env={name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")},
    )
    try:
        async with asyncio.timeout(seconds):
            made, said = await _asked(process, request)
            code = await process.wait()
    except TimeoutError:
        return "slow"
    finally:
        await _ended(process)
    if code == 0 and made:
        return made
    words = said.decode("ascii", "replace").split()
    return words[-1] if words and _ANSWER.fullmatch(words[-1]) else "broken"


async def _asked(process: asyncio.subprocess.Process, request: Paper) -> tuple[bytes, bytes]:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    reading = [asyncio.ensure_future(process.stdout.read()), asyncio.ensure_future(process.stderr.read())]
    try:
        # A process that ended early, or refused, is not listening any more; what it said tells why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for line in _lines(request):
                process.stdin.write(line)
                await process.stdin.drain()
        # The pipe stays open meanwhile: when it closes, the process knows that nobody waits any more.
        return await reading[0], await reading[1]
    finally:
        for each in reading:
            each.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Nothing of it is left, whatever happened."""
    assert process.stdin
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.stdin.close()
    await process.communicate()


def _lines(request: Paper) -> Iterator[bytes]:
    """The request as lines of JSON: all but the rows, then rows in portions, then an empty line.

    Rows are many. In portions, others are served between two of them.
    """
    sheets = request.sheets if isinstance(request, Workbook) else ()
    head = request
    if isinstance(head, Workbook):
        bare = (replace(sheet, rows=(), widths=sheet.widths or sheet.fitting_widths()) for sheet in sheets)
        head = replace(head, sheets=tuple(bare))
    counts = [len(sheet.rows) for sheet in sheets]
    yield orjson.dumps({"kind": type(request).__name__, "paper": asdict(head), "counts": counts}) + b"\n"
    for index, sheet in enumerate(sheets):
        for start in range(0, len(sheet.rows), _ROWS_PER_LINE):
            rows = sheet.rows[start : start + _ROWS_PER_LINE]
            yield orjson.dumps([index, rows], default=_dated, option=orjson.OPT_PASSTHROUGH_DATETIME) + b"\n"
    yield b"\n"


def _dated(value: Any) -> dict[str, str]:
    """A day or a moment is told apart from the text that looks like one."""
    if isinstance(value, datetime):
        return {"at": value.replace(tzinfo=None).isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    raise TypeError
