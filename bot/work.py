"""What an operator's command is given: the settings, the open store, and our address on each channel.

Not for: doing anything; bot/invite.py, bot/backup.py and bot/rotate.py do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import Settings
from domain.link import Link
from storage.store import Store


@dataclass(frozen=True)
class Work:
    """`links` as in `handlers.office.Office`; None when no program runs that would know them."""

    settings: Settings
    store: Store
    links: Mapping[str, Link] | None = None


Operation = Callable[[Work, Mapping[str, Any]], AsyncGenerator[str, None]]
"""Does one thing and gives sentences for the operator as they arise. Raises CannotStart, StoreError."""
