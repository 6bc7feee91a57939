"""What a network charges for the late texts we send; what people are sent within its reply window is free.

Not for: which network has prices (bot/ knows) or what a broadcast costs (handlers/broadcast_networks.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Prices:
    """Rupiah for one message about a person's own case and for one of news; `since` is the day they hold from."""

    since: date
    case: float
    news: float
