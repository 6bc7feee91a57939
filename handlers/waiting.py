"""What waits in the outbox until its person writes: how much for which reason, for the office, without content.

Not for: what failed and may be tried again (handlers/admin.py) or one case's messages (handlers/checks.py).
"""

from __future__ import annotations

from collections import Counter

from conversation.say import N_, Say
from storage.store import Tx

_REASONS: dict[str, str] = {
    "blocked": N_("they blocked this service"),
    "bot_was_blocked_by_the_user": N_("they blocked this service"),
    "undeliverable": N_("nothing reaches them"),
    "needs_template": N_("the network lets in none of our texts for it by itself"),
    "knocked": N_("they were told that there is news"),
    "marketing_limit": N_("the network holds back news for them"),
}


def words(tx: Tx, say: Say) -> str:
    """A line for each reason; empty where nothing waits."""
    found: Counter[str] = Counter()
    for row in tx.outbox.until_they_write():
        code = row["code"]
        found[say(_REASONS[code]) if code in _REASONS else code or "-"] += row["n"]
    if not found:
        return ""
    lines = [f"{reason}: {say.number(n)}" for reason, n in found.most_common()]
    return "\n".join([say("**Messages that wait until the person writes**"), *lines])
