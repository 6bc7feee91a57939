"""`make bench`: runs everything, prints a table, and writes it into docs/performance.md. Loopback only.

`--quick` takes a minute or two and writes nothing. Not for: how anything is measured; see the modules beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import bots, broadcast, claims, fill, notifications, report
from bench.bots import Bot
from bench.load import Load
from bench.network import BotApi
from tests.postgres_server import PostgresServer, find_binaries

_WINDOW = 64
# People who talk in one run; all others who stand open only lie there.
_TALKING = 1500
_FEW, _MANY = 1_000, 50_000
_SMALL, _LARGE = 10_000, 1_000_000

Start = Callable[[Path, str], AbstractContextManager[Bot]]


@dataclass(frozen=True)
class Pace:
    """How long to look, in seconds; `slow` is for what handles twenty messages a second. `crowd` gets a broadcast."""

    rounds: int
    warm_up: float
    seconds: float
    slow: float
    many: int
    large: int
    crowd: int
    without: float
    late: int
    steady: float


FULL = Pace(
    rounds=1,
    warm_up=2.0,
    seconds=10.0,
    slow=20.0,
    many=_MANY,
    large=_LARGE,
    crowd=50_000,
    without=50.0,
    late=10_000,
    steady=60.0,
)
QUICK = Pace(
    rounds=1,
    warm_up=1.0,
    seconds=4.0,
    slow=8.0,
    many=5_000,
    large=100_000,
    crowd=3_000,
    without=10.0,
    late=800,
    steady=10.0,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter and smaller; docs/performance.md stays as it is")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("The bench reads /proc, so it runs on Linux only.")
        return 2
    with tempfile.TemporaryDirectory(prefix="lindung-bench-") as folder:
        results = uvloop.run(_everything(Path(folder), QUICK if given.quick else FULL))
    text = report.page(results)
    print(text)
    if not given.quick:
        report.write(text)
    return 0


async def _everything(folder: Path, pace: Pace) -> report.Results:
    began = time.monotonic()
    results = report.Results(
        quick=pace is QUICK, window=_WINDOW, noise=[report.noise()], few=_FEW, many=pace.many, large=pace.large
    )
    for count in (_FEW, pace.many):
        print(f"Opening {count:,} conversations for each bot ...")
        await fill.fill_lindung(_made(folder / f"lindung-{count}"), count)
        fill.fill_plain(_made(folder / f"plain-{count}"), count)
    for around in range(pace.rounds):
        for latency in (0, 50):
            for count in (_FEW, pace.many):
                await _lindung_run(folder, pace, results, count, latency)
                # So slow a thing is as slow the second time.
                if around == 0 or latency == 0:
                    await _plain_run(folder, pace, results, count, latency)
    results.noise.append(report.noise())
    await _first_starts(folder, results)
    await _all_claims(folder, pace, results)
    await _broadcasts(folder, pace, results)
    await _notifications(folder, pace, results)
    results.noise.append(report.noise())
    results.seconds = time.monotonic() - began
    return results


async def _lindung_run(folder: Path, pace: Pace, results: report.Results, count: int, latency: int) -> None:
    run = report.Run("Lindung", count, latency)
    await _run(run, folder / f"lindung-{count}", bots.lindung, pace.warm_up, pace.seconds, results)


async def _plain_run(folder: Path, pace: Pace, results: report.Results, count: int, latency: int) -> None:
    run = report.Run("plain bot", count, latency)
    seconds = pace.slow if latency else pace.seconds
    await _run(run, folder / f"plain-{count}", bots.plain, 2 * pace.warm_up, seconds, results)


async def _run(
    run: report.Run, filled: Path, start: Start, warm_up: float, seconds: float, results: report.Results
) -> None:
    """One bot on a copy of the filled folder, from its start to the end of the load."""
    print(f"{run.bot}, {run.count:,} conversations, {run.latency} ms ...", end=" ", flush=True)
    own = Path(shutil.copytree(filled, filled.with_name("running")))
    try:
        async with BotApi(latency=run.latency / 1000) as api:
            began = time.monotonic()
            with start(own, api.url) as bot:
                people = fill.people(min(run.count, _TALKING))
                load = Load(api, bot, people, newcomers_from=run.count + 1)
                await load.first_answer(run.count)
                started = time.monotonic() - began
                await asyncio.sleep(1.0)
                figures = await load.run(window=_WINDOW, warm_up=warm_up, seconds=seconds)
            figures.wrong += api.unasked
    finally:
        shutil.rmtree(own)
    results.add(run, figures, started)
    print(f"{figures.rate:.0f} updates/s, {figures.cpu:.2f} ms CPU, {figures.rss:.0f} MB, {started:.2f} s to start")


async def _first_starts(folder: Path, results: report.Results) -> None:
    """From nothing at all to the first answer: key, tables and all."""
    for number in range(3):
        async with BotApi() as api:
            began = time.monotonic()
            with bots.lindung(_made(folder / f"new-{number}"), api.url) as bot:
                await Load(api, bot, [], newcomers_from=1).first_answer(0)
                results.new_starts.append(time.monotonic() - began)


async def _all_claims(folder: Path, pace: Pace, results: report.Results) -> None:
    print(f"Claims among {_SMALL:,} and {pace.large:,} registrations ...")
    for count in (_SMALL, pace.large):
        results.claims["SQLite", count] = await claims.on_sqlite(folder / f"claims-{count}", count)
    if find_binaries() is None:
        print("PostgreSQL's programs are not on this machine: claims are measured on SQLite only.")
        return
    server = PostgresServer()
    try:
        await asyncio.to_thread(server.start)
        for count in (_SMALL, pace.large):
            database = server.create()
            found = await claims.on_postgres(server.url(database), _made(folder / f"postgres-{count}"), count)
            results.claims["PostgreSQL", count] = found
            server.drop(database)
    finally:
        server.remove()


async def _broadcasts(folder: Path, pace: Pace, results: report.Results) -> None:
    print(f"A broadcast to {pace.crowd:,} people, then the same killed three times ...")
    filled = _made(folder / "crowd")
    await broadcast.prepared(filled, pace.crowd)
    results.sendings.append(await broadcast.clean(filled, pace.crowd, without=pace.without))
    results.sendings.append(await broadcast.killed(filled, pace.crowd))
    for people in (_FEW, pace.large):
        results.freezings.append(await broadcast.freezing(_made(folder / f"freezing-{people}"), people))


async def _notifications(folder: Path, pace: Pace, results: report.Results) -> None:
    print(f"WhatsApp: messages told of three times each, then a late broadcast to {pace.late:,} people ...")
    filled = _made(folder / "whatsapp")
    await fill.fill_lindung(filled, _FEW, at=fill.on_whatsapp)
    results.flood = await notifications.flood(filled, window=_WINDOW, seconds=pace.seconds)
    results.steady = await notifications.steady(filled, seconds=pace.steady)
    late = _made(folder / "late")
    await notifications.prepared(late, pace.late)
    results.late = await notifications.late_broadcast(late, pace.late)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
