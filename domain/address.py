"""Where a person can be reached: a network, our account there, and the person's id on it.

Not for: who the person is. Phones and chats are shared, so an address is no identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Address:
    """One chat at one network. `channel` is its name ("telegram"), `bot` our own account there, `id` theirs.

    `number` is the phone number that the network tells with it, if it does: it may be told later or not at all, may
    change, and may pass to somebody else. Where a network knows somebody by the number alone, it is the id as well.
    """

    channel: str
    bot: str
    id: str
    number: str = field(default="", repr=False)

    def __repr__(self) -> str:
        return f"Address({self.channel}:…)"
