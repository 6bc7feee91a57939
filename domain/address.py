"""Where a person can be reached: a network, our account there, and the person's id on it.

Not for: who the person is. Phones and chats are shared, so an address is no identity.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """One chat at one network. `channel` is its name ("telegram"), `bot` our own account there, `id` theirs."""

    channel: str
    bot: str
    id: str

    def __repr__(self) -> str:
        return f"Address({self.channel}:…)"
