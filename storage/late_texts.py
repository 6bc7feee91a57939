"""How each network judges our late texts, as it was last asked.

Not for: the texts (conversation/late.py) or asking the network (bot/surveys.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from conversation.late import LATE_TEXTS
from conversation.messages import Late
from storage.engine import Connection
from storage.statements import late_texts as sql

APPROVED = "approved"


class LateTexts:
    """Bound to one transaction at one moment (`at`, epoch ms).

    A state is "approved", "pending", "rejected", "paused", "disabled", "changed" (its words are others there) or
    "missing".
    """

    def __init__(self, connection: Connection, at: int) -> None:
        self._db = connection
        self._at = at

    def keep(self, channel: str, states: Mapping[str, str]) -> None:
        """What the network says now; what it says nothing of is forgotten."""
        for name in self.states(channel).keys() - states.keys():
            self._db.run(sql.DROP, channel=channel, name=name)
        for name, state in states.items():
            self._db.run(sql.PUT, channel=channel, name=name, state=state, at=self._at)

    def states(self, channel: str) -> dict[str, str]:
        """State by name; empty where the network was never asked."""
        return {row["name"]: row["state"] for row in self._db.all(sql.STATES, channel=channel)}

    def usable(self, channel: str, name: str) -> bool:
        """Whether the network lets it in. One that was never asked says so itself when it is sent."""
        row = self._db.one(sql.STATE, channel=channel, name=name)
        if row is None:
            return self._db.one(sql.ANY, channel=channel) is None
        return bool(row["state"] == APPROVED)

    def way(self, channel: str, late: Late) -> Late | None:
        """How it goes: by its own late text, or by the one that only knocks in its place; None where neither is let in.

        News are told whole or not at all.
        """
        text = LATE_TEXTS.get(late.name)
        if text is None:
            return None
        if self.usable(channel, text.name):
            return late
        return None if text.news or not self.usable(channel, text.instead) else Late(text.instead)
