"""Proves the seals over the audit trail and prints the newest, to be kept where this machine cannot reach.

Not for: sealing (storage/audit.py, once a minute by the running program).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from bot.problems import CannotStart
from bot.work import Work


async def verify_seals(work: Work, args: Mapping[str, Any]) -> AsyncGenerator[str, None]:
    """No arguments. Raises CannotStart when something was changed."""
    verdict = await work.store.read(lambda tx: tx.audit.verify())
    yield f"{verdict.seals} seals over {verdict.lines} lines checked; {verdict.unsealed} lines are not sealed yet."
    if verdict.faults:
        raise CannotStart(*(f"!! {fault}" for fault in verdict.faults))
    yield f"Newest seal: {verdict.newest or 'none yet'}"
    yield "Keep it elsewhere: whoever shortens the trail cannot make this seal again."
