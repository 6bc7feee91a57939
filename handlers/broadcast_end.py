"""A broadcast ends before everybody had it: what waits in the outbox is taken back, and the numbers are told.

Not for: the end that comes by itself (handlers/due_broadcasts.py) or asking whether it shall (broadcast_steering.py).
"""

from __future__ import annotations

from domain.broadcast import LIVE, Broadcast, State
from domain.registration import Actor
from handlers import broadcast_told
from handlers.office import Office
from storage.store import Tx

# No more wait in the outbox than the slices of all channels, so one transaction takes them all.
_SLICE = 1_000


def stop(
    tx: Tx, broadcast: Broadcast, office: Office, *, by: Actor, actor_id: int | None = None, code: str
) -> Broadcast:
    """End it for good (locked). What is with the network already is still written down when it is heard of."""
    was_sent = broadcast.state in LIVE
    stopped = tx.broadcasts.move(broadcast, State.STOPPED, by=by, actor_id=actor_id, code=code)
    take_back(tx, broadcast.id)
    if was_sent:
        # Counted anew: some were lined up a moment ago.
        broadcast_told.done(tx, tx.broadcasts.get(broadcast.id) or stopped, office)
    return stopped


def take_back(tx: Tx, broadcast_id: int) -> None:
    """Nobody of it is lined up any more."""
    while n := tx.recipients.take_back(broadcast_id, limit=_SLICE):
        tx.broadcasts.count(broadcast_id, {"lined": -n})
