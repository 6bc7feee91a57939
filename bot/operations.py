"""What an operator may ask of a database, by name: done by the running program, or here when none runs.

Not for: the doing itself (bot/invite.py, backup.py, rotate.py, seals.py) or the command line (bot/__main__.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from bot.backup import backup
from bot.control import Perform, ask
from bot.invite import invite
from bot.open_store import opened, plainly
from bot.rotate import rotate_key
from bot.seals import verify_seals
from bot.settings import Settings
from bot.work import Operation, Work
from storage.lock import AlreadyRunning

OPERATIONS: Final[Mapping[str, Operation]] = {
    "invite": invite,
    "backup": backup,
    "rotate-key": rotate_key,
    "audit-verify": verify_seals,
}


def performer(work: Work) -> Perform:
    """For the control socket of the running program: one thing at a time."""
    turn = asyncio.Lock()

    async def perform(do: str, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
        async with turn, aclosing(_sentences(work, do, args)) as sentences:
            async for sentence in sentences:
                yield sentence

    return perform


async def perform(settings: Settings, do: str, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """Asks the running program, or does it here under the lock. Raises CannotStart."""
    try:
        async with opened(settings) as here:
            async for sentence in _sentences(Work(settings, here.store), do, args):
                yield sentence
            return
    except AlreadyRunning:
        pass
    async for sentence in ask(settings.control_socket, database_url=settings.database_url, do=do, args=args):
        yield sentence


async def _sentences(work: Work, do: str, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    sentences = OPERATIONS[do](work, args)
    while True:
        with plainly():
            try:
                sentence = await anext(sentences)
            except StopAsyncIteration:
                return
        yield sentence
