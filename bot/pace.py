"""How fast one network is sent to: a bucket per chat, and one for all that answers and broadcasts share.

Answers take from the common bucket and never wait for it; broadcasts get what is left. Not for: what is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from channels.base import Limits

# Just under the network's limit, which counts by its own clock.
_SHARE = 0.99
# Seconds of the pace that a sender which woke late may catch up at once.
_BURST = 0.05
# After a 429: slower by a fifth, and back again at the full pace after five minutes.
_SLOWER = 0.8
_SLOWEST = 0.2
_RECOVERY = 300.0
_CHATS = 10_000


class Pace:
    """One network's budget. `clock` gives seconds that only grow."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._chats: dict[int, tuple[float, float]] = {}
        self._most_chats = _CHATS
        self._most = max(1.0, _BURST * limits.per_second)
        # Empty at first: what a program that died a moment ago has sent, nobody knows.
        self._level, self._at = 0.0, clock()
        self._slow, self._slow_at = 1.0, clock()

    @property
    def rate(self) -> float:
        """Messages a second that broadcasts and answers together get now."""
        now = self._clock()
        return self._limits.per_second * _SHARE * min(1.0, self._slow + (now - self._slow_at) / _RECOVERY)

    def answer(self, person_id: int) -> float:
        """Take one message for a chat; how many seconds to wait before sending it, for that chat's sake alone."""
        self._refill()
        # A debt of at most a second: a flood of answers does not silence a broadcast for minutes.
        self._level = max(self._level - 1, -self._limits.per_second)
        return self.chat(person_id)

    def chat(self, person_id: int) -> float:
        """Take one message from a chat's own bucket; how many seconds to wait before sending it."""
        now, burst = self._clock(), self._limits.chat_burst
        level, at = self._chats.get(person_id, (burst, now))
        level = min(burst, level + (now - at) * self._limits.chat_per_second) - 1
        self._chats[person_id] = (level, now)
        if len(self._chats) > self._most_chats:
            # Full buckets are as good as new ones.
            full = burst / self._limits.chat_per_second
            self._chats = {person: (level, at) for person, (level, at) in self._chats.items() if now - at < full}
            self._most_chats = max(_CHATS, 2 * len(self._chats))
        return max(0.0, -level / self._limits.chat_per_second)

    def give_back(self, person_id: int) -> None:
        """What was taken for a chat, and from the budget of all, was not sent after all."""
        level, at = self._chats.get(person_id, (self._limits.chat_burst, self._clock()))
        self._chats[person_id] = (level + 1, at)
        self._level += 1

    def broadcast(self) -> float:
        """Take one message for a broadcast where there is one; else how many seconds until there may be."""
        self._refill()
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate

    def slow_down(self) -> None:
        """The network said that it was too much."""
        now = self._clock()
        self._slow = max(_SLOWEST, _SLOWER * min(1.0, self._slow + (now - self._slow_at) / _RECOVERY))
        self._slow_at = now

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(self._most, self._level + (now - self._at) * self.rate)
        self._at = now
