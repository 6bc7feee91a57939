"""What came out: gathered, set against the aims and the plain bot, and written as a page.

Not for: measuring, but for how fast the machine was meanwhile.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median

from bench.broadcast import FASTER, PER_SECOND, Freezing, Sending, p99
from bench.claims import Claims
from bench.load import Figures
from bench.notifications import PER_SECOND as WHATSAPP_PER_SECOND
from bench.notifications import LateSending, Steady

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN = "<!-- figures: written by make bench -->"
END = "<!-- end of figures -->"

# What the house asks for.
SLOW_RATIO, FAST_RATIO, CPU_MS, MEMORY_MB, START_S, CLAIM_RATIO = 50, 2, 1.0, 120, 1.5, 1.5
SHARE, WAIT_RATIO = 0.98, 1.3
CORE = 0.5
_LIBRARIES = ("python-telegram-bot", "aiohttp", "starlette", "uvicorn", "uvloop", "tornado", "httpx")


@dataclass(frozen=True)
class Run:
    """Which bot, among how many open conversations, with how many ms of latency at the API."""

    bot: str
    count: int
    latency: int


@dataclass
class Results:
    """Everything a bench found."""

    quick: bool
    window: int
    noise: list[float]
    few: int
    many: int
    large: int
    seconds: float = 0.0
    runs: dict[Run, list[Figures]] = field(default_factory=dict)
    starts: dict[Run, list[float]] = field(default_factory=dict)
    new_starts: list[float] = field(default_factory=list)
    claims: dict[tuple[str, int], Claims] = field(default_factory=dict)
    sendings: list[Sending] = field(default_factory=list)
    freezings: list[Freezing] = field(default_factory=list)
    flood: Steady = field(default_factory=Steady)
    steady: Steady = field(default_factory=Steady)
    late: LateSending = field(default_factory=lambda: LateSending(0))

    def add(self, run: Run, figures: Figures, started: float) -> None:
        self.runs.setdefault(run, []).append(figures)
        self.starts.setdefault(run, []).append(started)

    def rate(self, bot: str, count: int, latency: int) -> float:
        return mean(figures.rate for figures in self.runs[Run(bot, count, latency)])

    def cpu(self, bot: str, count: int, latency: int) -> float:
        return mean(figures.cpu for figures in self.runs[Run(bot, count, latency)])


def noise() -> float:
    """CPU seconds of one plain loop: what the machine makes of the same work at different times."""
    began = time.process_time()
    total = 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - began


def page(results: Results) -> str:
    """The figures as Markdown."""
    parts = (_conditions, _load, _aims, _claims, _broadcasts, _notifications, _noise)
    return "\n\n".join("\n".join(part(results)) for part in parts)


def write(text: str) -> None:
    """Put the figures between their marks on the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _conditions(results: Results) -> list[str]:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    sentence = (
        f"`make bench`, {time.strftime('%d %B %Y')}, {results.seconds / 60:.1f} minutes."
        f" {os.cpu_count()} cores ({_processor()}), Linux {platform.release().partition('-')[0]},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; {libraries}."
        f" {results.window} updates in flight."
    )
    return [sentence]


def _load(results: Results) -> list[str]:
    heads = "bot, open conversations, API latency, updates/s, p50 ms, p99 ms, CPU ms per update, RSS MB, start s"
    lines = [f"| {heads.replace(', ', ' | ')} |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for run in sorted(results.runs, key=lambda run: (run.latency, run.count, run.bot)):
        found = results.runs[run]
        lines.append(
            f"| {run.bot} | {run.count:,} | {run.latency} ms | {mean(f.rate for f in found):,.0f} |"
            f" {mean(f.wait(0.5) for f in found):,.0f} | {max(f.wait(0.99) for f in found):,.0f} |"
            f" {mean(f.cpu for f in found):.2f} | {max(f.rss for f in found):.0f} |"
            f" {median(results.starts[run]):.2f} |"
        )
    finished = sum(f.finished for run, found in results.runs.items() for f in found if run.bot == "Lindung")
    wrong = sum(f.wrong for found in results.runs.values() for f in found)
    lines += [
        "",
        f"{finished:,} registrations were finished by Lindung in these runs; wrong or doubled answers: {wrong}.",
    ]
    return lines


def _aims(results: Results) -> list[str]:
    few, many = results.few, results.many
    ours = [run for run in results.runs if run.bot == "Lindung"]
    ratios = {n: results.rate("Lindung", few, n) / results.rate("plain bot", few, n) for n in (0, 50)}
    cpu = max(results.cpu("Lindung", run.count, run.latency) for run in ours)
    plain_cpu = results.cpu("plain bot", few, 0)
    memory = max(f.rss for run in ours if run.count == many for f in results.runs[run])
    starts = median(start for run in ours if run.latency == 0 for start in results.starts[run])
    new = median(results.new_starts)
    rows = [
        (f"updates/s beside the plain bot, API at 50 ms: {ratios[50]:.0f} times", ratios[50] >= SLOW_RATIO, "50 times"),
        (f"updates/s beside the plain bot, API at 0 ms: {ratios[0]:.1f} times", ratios[0] >= FAST_RATIO, "twice"),
        (f"CPU: {cpu:.2f} ms per update at most (plain bot at 0 ms: {plain_cpu:.2f})", cpu <= CPU_MS, "1.0 ms"),
        (f"memory at {many:,} open conversations: {memory:.0f} MB", memory <= MEMORY_MB, "120 MB"),
        (f"start to first answer: {starts:.2f} s", starts <= START_S, "1.5 s"),
        (f"the same with a new key and database: {new:.2f} s", new <= START_S, "1.5 s"),
    ]
    rows += [
        (
            f"claim-next on {name}, {results.large:,} against 10,000: {ratio:.2f} times",
            ratio <= CLAIM_RATIO,
            "1.5 times",
        )
        for name, ratio in _claim_ratios(results).items()
    ]
    rows += _broadcast_aims(results)
    rows += _notification_aims(results)
    return ["| figure | aim | |", "| --- | --- | --- |", *(f"| {a} | {c} | {_met(b)} |" for a, b, c in rows)]


def _claim_ratios(results: Results) -> dict[str, float]:
    names = dict.fromkeys(name for name, _ in results.claims)
    return {name: results.claims[name, results.large].whole / results.claims[name, 10_000].whole for name in names}


def _claims(results: Results) -> list[str]:
    lines = [
        "| claim-next | registrations | whole claim, committed | finding alone |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {count:,} | {found.whole:.2f} ms | {found.finding:.3f} ms |"
        for (name, count), found in results.claims.items()
    ]
    return lines


def _broadcast_aims(results: Results) -> list[tuple[str, bool, str]]:
    sending = results.sendings[0]
    ratio = p99(sending.during) / p99(sending.without)
    few, many = results.freezings
    return [
        (f"broadcast: {sending.share:.1%} of what the network takes", sending.share >= SHARE, "98 %"),
        *_counted_aims(results),
        (f"p99 of an answer during a broadcast: {ratio:.2f} times that without", ratio <= WAIT_RATIO, "1.3 times"),
        (
            f"memory for a list of {many.people:,} people: {many.rss / few.rss:.2f} times that for {few.people:,}",
            many.rss <= few.rss * 1.1,
            "no more",
        ),
    ]


def _counted_aims(results: Results) -> list[tuple[str, bool, str]]:
    rows = []
    for sending in results.sendings:
        name = "broadcast killed three times" if sending.kills else "broadcast"
        rows += [
            (f"{name}: {sending.doubles} got it twice", not sending.doubles, "0"),
            (f"{name}: {sending.missed} missed", not sending.missed, "0"),
        ]
    return [*rows, (f"broadcast: {results.sendings[0].too_many} answers 429", not results.sendings[0].too_many, "0")]


_HEADS = (
    "broadcast | people | seconds | share of the pace | 429 | twice | missed | unclear | CPU ms each | of a core"
    " | RSS MB | p99 ms of answers | without"
)


def _broadcasts(results: Results) -> list[str]:
    """The broadcasts, and the lists of people."""
    lines = [
        f"The network's pace and the program's are {FASTER} times Telegram's: {PER_SECOND:.0f} a second.",
        "",
        f"| {_HEADS} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in results.sendings:
        name = f"killed {one.kills} times" if one.kills else "undisturbed"
        own = (
            f"{one.share:.1%} | {one.too_many} | {one.doubles} | {one.missed} | {one.unclear} | {one.cpu:.2f} |"
            f" {one.core:.0%} | {one.rss:.0f} | {p99(one.during):.0f} | {p99(one.without):.0f} |"
            if not one.kills
            else f"- | {one.too_many} | {one.doubles} | {one.missed} | {one.unclear} | - | - | {one.rss:.0f} | - | - |"
        )
        lines.append(f"| {name} | {one.people:,} | {one.seconds:.0f} | {own}")
    lines += [
        "",
        "| list of people | seconds, start included | most RSS MB |",
        "| ---: | ---: | ---: |",
        *(f"| {one.people:,} | {one.seconds:.1f} | {one.rss:.0f} |" for one in results.freezings),
    ]
    return lines


def _notification_aims(results: Results) -> list[tuple[str, bool, str]]:
    steady, late = results.steady, results.late
    rates = f"{steady.messages / steady.seconds:.0f} messages and {steady.told / steady.seconds:.0f} notifications"
    return [
        (f"WhatsApp, {rates} a second: {steady.core:.0%} of a core", steady.core <= CORE, "most of it free"),
        (f"late broadcast: {late.share:.1%} of what the network takes", late.share >= SHARE, "98 %"),
        (f"late broadcast: {late.doubles} got it twice", not late.doubles, "0"),
        (f"late broadcast: {late.missed} missed", not late.missed, "0"),
    ]


_TOLD_HEADS = (
    "WhatsApp | messages/s | notifications/s | p99 ms of answers | p99 ms of a notification's 200 | of a core"
    " | CPU ms per message | per notification | refused"
)
_LATE_HEADS = (
    "late broadcast | seconds | share of the pace | by late text | twice | missed | told as delivered | CPU ms each"
    " | of a core | RSS MB"
)


def _notifications(results: Results) -> list[str]:
    """WhatsApp: what it tells of each message, and the late broadcast."""
    lines = [f"| {_TOLD_HEADS} |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, one in (("as fast as it goes", results.flood), ("80 messages a second", results.steady)):
        costs = f"{one.message_cpu:.2f} | {one.told_cpu:.2f}" if one.message_cpu else "- | -"
        lines.append(
            f"| {name} | {one.messages / one.seconds:.0f} | {one.told / one.seconds:.0f} | {p99(one.answers):.0f} |"
            f" {p99(one.notified):.0f} | {one.core:.0%} | {costs} | {one.refused} |"
        )
    late = results.late
    people = f"{late.people:,} people, silent for two days, at {WHATSAPP_PER_SECOND:.0f} a second"
    own = f"{late.share:.1%} | {late.by_template} | {late.doubles} | {late.missed} | {late.delivered}"
    lines += [
        "",
        f"| {_LATE_HEADS} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| {people} | {late.seconds:.0f} | {own} | {late.cpu:.2f} | {late.core:.0%} | {late.rss:.0f} |",
    ]
    return lines


def _noise(results: Results) -> list[str]:
    took = ", ".join(f"{seconds:.2f}" for seconds in results.noise)
    sentence = (
        f"Noise: five million additions in plain Python took {took} s of CPU time before, after the load and at the"
        " end. The more these differ, the less a single figure says; read the ratios."
    )
    return [sentence]


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
