"""The loop that asks a network how it judges our late texts, and how many people we may write to first in a day.

Not for: what follows from it (handlers/late_texts.py) or submitting a text (bot/templates.py).
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from channels.base import SendFailed, Surveys, Temporary
from handlers.late_texts import surveyed
from handlers.office import Office
from storage.engine import StoreError
from storage.store import Store

log = structlog.get_logger()

OFTEN: Final = 3600.0
SOON: Final = 300.0
"""Seconds until it is asked again; the shorter while a text is not approved, or the network did not answer."""


async def keep_surveyed(
    channel: Surveys, name: str, store: Store, office: Office, *, often: float = OFTEN, soon: float = SOON
) -> None:
    """For ever, beginning now. A failure waits for the next time, and what was known stays."""
    while True:
        pause = soon
        try:
            found = await channel.survey()
            await store.transact(surveyed, office, name, found.late_texts, found.daily)
            pause = often if {"approved"} >= set(found.late_texts.values()) else soon
        except SendFailed as failed:
            log.warning("survey_failed", channel=name, code=failed.code)
            pause = max(soon, (failed.retry_after or 0.0) if isinstance(failed, Temporary) else often)
        except StoreError as error:
            log.error("survey_not_stored", channel=name, code=type(error).__name__)
        except Exception as error:
            # An answer of a shape that nobody foresaw; the next one may be well.
            log.exception("survey_failed", channel=name, code=type(error).__name__)
        await asyncio.sleep(pause)
