"""What a person with WhatsApp shows a test: the chat as it stands, and waiting for what we say there.

Only listening; people act in whatsapp_people.py.
"""

import re
import time
from typing import TYPE_CHECKING

from tests.servers.telegram_things import Bell
from tests.servers.whatsapp_things import Account, Message

if TYPE_CHECKING:
    from tests.servers.whatsapp import WhatsAppServer


class Chatting:
    """An account and what is heard there."""

    def __init__(self, server: "WhatsAppServer", account: Account) -> None:
        self.server = server
        self.account = account
        self.cursor = 0
        server.world.accounts[account.phone] = account

    def sees(self) -> list[Message]:
        """Our messages as they stand now, oldest first."""
        return [message for message in self.account.messages.values() if message.by_us]

    def wrote(self) -> list[Message]:
        """The person's messages that are still there."""
        return [message for message in self.account.messages.values() if not message.by_us]

    @property
    def bell(self) -> Bell:
        """Rings at everything new here."""
        return self.account.bell

    @property
    def ledger(self) -> list[Message]:
        """Everything we ever showed here, in order."""
        return self.account.ledger

    def listens(self) -> None:
        """From now on: what was heard before no longer counts."""
        self.cursor = len(self.account.ledger)

    def heard(self) -> list[Message]:
        """Messages since the last action."""
        return self.account.ledger[self.cursor :]

    async def hears(self, wanted: "str | re.Pattern[str]", *, within: float = 10.0) -> Message:
        """The first message since the last action that contains the text or matches the pattern."""
        deadline = time.monotonic() + within
        while True:
            for message in self.heard():
                if wanted in message.text if isinstance(wanted, str) else wanted.search(message.text):
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                told = "\n---\n".join(message.text for message in self.heard()) or "(nothing)"
                raise AssertionError(f"{self} did not hear {wanted!r} within {within} s, but:\n{told}")
            await self.account.bell.heard(left)

    async def hears_nothing(self, *, within: float = 0.3) -> None:
        """No message since the last action, nor for so many seconds from now."""
        deadline = time.monotonic() + within
        while not self.heard() and (left := deadline - time.monotonic()) > 0:
            await self.account.bell.heard(left)
        assert not self.heard(), f"{self} heard: {self.heard()[0].text}"

    async def sees_typing(self, *, times: int = 1, within: float = 10.0) -> None:
        """Wait until we were seen typing so many times altogether."""
        deadline = time.monotonic() + within
        while self.account.typing < times:
            left = deadline - time.monotonic()
            assert left > 0, f"{self} saw us typing {self.account.typing} times, not {times}"
            await self.account.bell.heard(left)
