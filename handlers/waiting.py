"""What waits in the outbox until its person writes or its network is there again: how much, for the office, without
content.

Not for: what failed and may be tried again (handlers/admin.py) or one case's messages (handlers/checks.py).
"""

from __future__ import annotations

from collections import Counter

from conversation.say import N_
from handlers.office import Office
from storage.store import Tx

_REASONS: dict[str, str] = {
    "blocked": N_("they blocked this service"),
    "bot_was_blocked_by_the_user": N_("they blocked this service"),
    "undeliverable": N_("nothing reaches them"),
    "needs_template": N_("the network lets in none of our texts for it by itself"),
    "knocked": N_("they were told that there is news"),
    "spam_limit": N_("the network holds us back, for too many people complained"),
    "marketing_limit": N_("the network holds back news for them"),
}


def words(tx: Tx, office: Office) -> str:
    """A line for each reason, and for each network that is switched off; empty where nothing waits."""
    return "\n\n".join(part for part in (_until_they_write(tx, office), _where_off(tx, office)) if part)


def _where_off(tx: Tx, office: Office) -> str:
    """Nobody delivers there until it is configured again."""
    say = office.say
    lines = [
        f"{office.label(channel)}: {say.number(n)}" for channel, n in tx.reports.waiting_at() if office.is_off(channel)
    ]
    return "\n".join([say("**Messages that wait for a network that is switched off here**"), *lines]) if lines else ""


def _until_they_write(tx: Tx, office: Office) -> str:
    say = office.say
    found: Counter[str] = Counter()
    for row in tx.outbox.until_they_write():
        code = row["code"]
        found[say(_REASONS[code]) if code in _REASONS else code or "-"] += row["n"]
    if not found:
        return ""
    lines = [f"{reason}: {say.number(n)}" for reason, n in found.most_common()]
    return "\n".join([say("**Messages that wait until the person writes**"), *lines])
