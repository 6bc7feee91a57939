"""Messages that show a NIK: how long they may stand, and the officer's own ones that hold one.

Not for: taking them back; the end of a hold does (handlers/hold.py), or the clock (handlers/due_queue.py).
"""

from __future__ import annotations

import re

from handlers.hold import officer_at
from handlers.visit import Visit

# Sixteen digits however they are spaced; a slip of one digit still gives a person away.
_NIK = re.compile(r"(?<![0-9])(?:[0-9][ .-]?){14,18}(?![0-9])")


def mentions_nik(text: str) -> bool:
    """Whether a text holds what is or nearly is a NIK."""
    return _NIK.search(text) is not None


def latest(visit: Visit) -> int:
    """When a message sent now must be gone at the latest (epoch ms), whatever happens to the hold."""
    return visit.tx.at + visit.office.rules.sensitive_hours * 3_600_000


def own_message_must_go(visit: Visit, registration_id: int | None = None) -> None:
    """The officer's own message holds a NIK: it goes with the hold on the case; without a case after a lease.

    Where the network takes nothing back, they are asked to do it themselves.
    """
    if not visit.limits.deletes:
        text = visit.say("Your message has a NIK in it. We cannot delete it here. Please delete it for everyone.")
        visit.mention(text)
        return
    if not visit.incoming.message_id:
        return
    until = latest(visit)
    if registration_id is None:
        until = min(until, visit.tx.at + visit.office.rules.lease * 1000)
    visit.tx.sights.must_go(
        officer_at(visit).id,
        visit.person.id,
        until=until,
        registration_id=registration_id,
        message_id=visit.incoming.message_id,
    )
