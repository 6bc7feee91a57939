"""The load: many people in the middle of the same dialogue, so many of their messages in flight at once.

A message counts when its last answer has reached the network and the webhook was answered 200. Not for: starting
bots (bots.py) or what is made of the figures (report.py).
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from dataclasses import dataclass, field

import orjson

from bench.bots import Bot
from bench.dialogue import RECEIPT, REPLIES, STEPS, says
from bench.network import BotApi, Door

FIRST_CHAT = 500_000_000
_LAST_ANSWERS = 30.0


@dataclass
class Talk:
    """One person and the step they are at; the chat's id is the person's number above FIRST_CHAT."""

    number: int
    step: int


@dataclass
class Figures:
    """What a run found. Times in ms; `cpu` is the bot's own, per update."""

    updates: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    rss: float = 0.0
    finished: int = 0
    wrong: int = 0
    waits: list[float] = field(default_factory=list, repr=False)

    @property
    def rate(self) -> float:
        return self.updates / self.seconds

    def wait(self, share: float) -> float:
        """The wait that this share of the updates stayed under."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))]


class Load:
    """Holds the dialogues; `people` are those already in the middle of one."""

    def __init__(self, api: BotApi, bot: Bot, people: list[Talk], *, newcomers_from: int) -> None:
        self._api = api
        self._bot = bot
        self._ready = deque(people)
        self._new = itertools.count(newcomers_from)
        self._update_ids = itertools.count(int(time.time() * 1000))
        self._message_ids = itertools.count(1_000_001)
        self._running = True
        self._figures: Figures | None = None

    async def run(self, *, window: int, warm_up: float, seconds: float) -> Figures:
        """Keep `window` messages in flight, `seconds` long; the warm-up before is not counted."""
        work = [asyncio.create_task(self._keep_talking()) for _ in range(window)]
        await asyncio.sleep(warm_up)
        figures = self._figures = Figures()
        began, cpu = time.monotonic(), self._bot.cpu_seconds()
        await asyncio.wait(work, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        figures.seconds = time.monotonic() - began
        self._figures = None
        figures.cpu = (self._bot.cpu_seconds() - cpu) * 1000 / max(1, figures.updates)
        figures.rss = self._bot.rss_mb()
        self._running = False
        _, late = await asyncio.wait(work, timeout=_LAST_ANSWERS)
        for each in late:
            each.cancel()
        for ended in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        return figures

    async def first_answer(self, number: int) -> None:
        """One person's /start, tried again until the door is open, until it is answered."""
        door = self._bot.door()
        awaited = self._api.expect(FIRST_CHAT + number, 1)
        update = self._update(Talk(number, 0))
        while True:
            try:
                assert await door.post(update) == 200
                break
            except OSError:
                self._bot.must_run()
                await asyncio.sleep(0.003)
        await asyncio.wait_for(awaited.done, _LAST_ANSWERS)
        door.close()

    async def _keep_talking(self) -> None:
        door = self._bot.door()
        while self._running:
            talk = self._ready.popleft() if self._ready else Talk(next(self._new), 0)
            await self.say(talk, door)
            if talk.step < STEPS:
                self._ready.append(talk)
            else:
                self._ready.append(Talk(next(self._new), 0))
        door.close()

    async def say(self, talk: Talk, door: Door) -> float:
        """One message and its answers; seconds until the last of them reached the network."""
        awaited = self._api.expect(FIRST_CHAT + talk.number, REPLIES[talk.step])
        began = time.monotonic()
        status = await door.post(self._update(talk))
        await awaited.done
        figures = self._figures
        talk.step += 1
        if figures is not None:
            figures.updates += 1
            figures.waits.append((awaited.at - began) * 1000)
            finished = talk.step == STEPS
            figures.finished += finished
            figures.wrong += status != 200 or (finished and not RECEIPT.search(" ".join(awaited.texts)))
        return awaited.at - began

    def _update(self, talk: Talk) -> bytes:
        chat = FIRST_CHAT + talk.number
        text = says(talk.number, talk.step)
        message = {
            "message_id": next(self._message_ids),
            "from": {"id": chat, "is_bot": False, "first_name": "Warga", "language_code": "id"},
            "chat": {"id": chat, "first_name": "Warga", "type": "private"},
            "date": int(time.time()),
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        return orjson.dumps({"update_id": next(self._update_ids), "message": message})
