"""One person doing one thing: the transaction, who it is, what came, and how to answer them.

Not for: deciding anything; every handler is given a Visit and decides itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conversation.messages import Choice, Incoming, Message, Outgoing
from conversation.say import Say
from domain.limits import Limits
from domain.officer import Officer, Role
from domain.person import Person
from handlers.office import Office
from storage.store import Tx


@dataclass(frozen=True)
class Visit:
    """`officer` is set for an active officer or admin only. `unseen`: they wrote before they were shown what waits."""

    tx: Tx
    person: Person
    officer: Officer | None
    incoming: Incoming
    office: Office
    unseen: bool = False

    @property
    def say(self) -> Say:
        return self.office.say

    @property
    def limits(self) -> Limits:
        """What this person's network can do."""
        return self.office.limits_of(self.person.address.channel)

    def reply(
        self,
        text: str,
        choices: Sequence[Choice] = (),
        *,
        stacked: bool = False,
        registration_id: int | None = None,
    ) -> int:
        """Answer this person with a text that is already translated; the outbox id."""
        return self.send(Message(text, tuple(choices), stacked=stacked), registration_id=registration_id)

    def send(self, out: Outgoing, *, registration_id: int | None = None) -> int:
        """Answer this person with any Outgoing; the outbox id."""
        return self.tx.outbox.put(self.person, out, registration_id=registration_id)

    def mention(self, text: str) -> None:
        """A word in passing, already translated: what was offered before may still be picked by its number."""
        self.tx.outbox.put(self.person, Message(text), aside=True)


def nothing(_: str) -> bool:
    """A command that stands alone."""
    return False


class Command(NamedTuple):
    """A command of a role. `run` is given the visit and the rest of the line.

    `takes` says whether a rest is what the command takes, so that it is meant without a slash too.
    """

    role: Role
    run: Callable[[Visit, str], None]
    takes: Callable[[str], bool] = nothing


class Press(NamedTuple):
    """A choice only a role may take. `run` is given the visit and the parts of the data after the first colon.

    It returns what to say in the acknowledgement, already translated; empty for nothing.
    """

    role: Role
    run: Callable[[Visit, list[str]], str]
