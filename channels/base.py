"""What every channel offers, and the one tree of errors it raises.

    SendFailed
    ├── Temporary(retry_after)    it certainly did not go out: nobody there, or the network says later
    │   ├── Unclear               it was handed over and no answer was heard: it may have gone out
    │   └── Barred                our own account may send nothing now; somebody has to see to it
    │       └── Restricted        too many complained: only what people did not just ask for is held back
    ├── Permanent(code)           the network refuses this Outgoing for ever
    │   └── TooOld                a deletion that comes too late for this network
    ├── Stopped(code)             the person blocked us or is gone: the address is unreachable
    └── NeedsTemplate             free text is not allowed now; a template would be

A channel never retries, stores or decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from conversation.messages import Attachment, Incoming, Outgoing, Receipt
from domain.limits import Limits as Limits


class SendFailed(Exception):  # noqa: N818 (reads as a sentence: raises SendFailed)
    """An Outgoing did not go out. `code` is a short plain word for logs and for the office; never content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Temporary(SendFailed):
    """Try again, not before `retry_after` seconds where the network names them.

    `alone`: only this chat has to wait; False: everybody has; None where the network does not say.
    """

    def __init__(self, code: str, retry_after: float | None = None, *, alone: bool | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.alone = alone


class Unclear(Temporary):
    """It may have gone out: a timeout, a connection lost on the way back, a 5xx, an answer nobody can read.

    A reply is sent again, for a word too many is better than a question never asked. To many, nothing is.
    """


class Barred(Temporary):
    """The network lets our account send nothing until somebody mends it. A case's message waits; a broadcast pauses."""


class Restricted(Barred):
    """Too many complained: for hours or days the network holds back what people did not just ask for.

    A case's message is tried again, and in the end waits until its person writes.
    """


class Permanent(SendFailed):
    """Never try this Outgoing again."""


class TooOld(Permanent):
    """The network does not delete a message this old."""


class Stopped(SendFailed):
    """Nothing can be sent to this address until the person writes again."""


class NeedsTemplate(SendFailed):
    """Only a template may be sent now, and there is none for this Outgoing, or the network has not approved it."""


class Refused(Exception):  # noqa: N818 (the same)
    """A request at the door that is not the network's: wrong secret or signature. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FetchFailed(Exception):  # noqa: N818 (the same)
    """A file could not be fetched. `final` means that another try is useless."""

    def __init__(self, code: str, *, final: bool, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.retry_after = retry_after


File = bytes | Callable[[], Awaitable[bytes]]
"""The bytes of a Message's photo or document, or how to read them: a channel whose network has them need not."""


async def bytes_of(file: File | None) -> bytes | None:
    """The bytes, read now where they were not; None where there is no file."""
    return await file() if callable(file) else file


class Channel(Protocol):
    """One network. `name` goes into every Address; `bot` is our own account there."""

    name: str
    bot: str
    limits: Limits

    def read(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Incoming | Receipt]:
        """Bytes that came through the door, translated. Raises Refused; unknown shapes give an empty list."""

    async def send(
        self,
        to: str,
        out: Outgoing,
        *,
        ref: str | None = None,
        file: File | None = None,
        late: bool = False,
        mark: str = "",
    ) -> str | None:
        """Send one Outgoing to the network's id `to`; the network's id of what was sent, if it gives one.

        `ref` is the network's id of the message that an Edit or Deletion is about, `file` the photo or document
        of a Message. `late`: the time for free text is over (`Limits.reply_hours`), so a Message goes by its `late`
        text. `mark` comes back in the Receipt, where the network has receipts. Raises SendFailed, and what reading
        the file raises.
        """

    async def start(self) -> None:
        """Open connections; called once before anything else. Raises SendFailed when the network says no."""

    async def close(self) -> None:
        """Close connections; nothing is sent after it."""


@runtime_checkable
class Polls(Protocol):
    """A channel that can be asked for what is new instead of being called. `polling`: it wants to be asked now."""

    polling: bool

    async def poll(self, offset: int | None) -> tuple[Sequence[Incoming | Receipt], int | None]:
        """Wait for news; gives them and the offset that confirms them when passed to the next call."""


@runtime_checkable
class Fetches(Protocol):
    """A channel whose files must be fetched."""

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """The file's bytes, at most `limit`; raises FetchFailed."""


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel that can show that we are busy."""

    async def show_typing(self, to: str, read_id: str = "") -> None:
        """Show it for a few seconds, after the person's message with this `read_id`; failures are swallowed."""


@runtime_checkable
class MarksRead(Protocol):
    """A channel that can show that a message was read."""

    async def mark_read(self, to: str, read_id: str) -> None:
        """Show it of the Incoming with this `read_id`; failures are swallowed."""


@runtime_checkable
class Verifies(Protocol):
    """A channel whose network first asks at its door whether we are meant."""

    def verify(self, query: Mapping[str, str]) -> str:
        """What to answer to the question in the address; raises Refused."""


@runtime_checkable
class WantsCalls(Protocol):
    """A channel whose network must be told where to bring what people do."""

    async def ask_for_calls(self) -> None:
        """Tell it our address, where it does not know it yet. Raises SendFailed."""


@dataclass(frozen=True)
class Survey:
    """How our account at a network stands. `late_texts`: the states of our late texts by name, such as "approved",
    "pending", "rejected", "paused", "disabled", "changed" (its words are others there), and "missing".

    `daily` is how many people we may write to first within 24 hours; None for no limit.
    """

    late_texts: Mapping[str, str] = field(default_factory=dict)
    daily: int | None = None


@runtime_checkable
class Surveys(Protocol):
    """A channel whose network reviews late texts and limits how many people we may write to first."""

    async def survey(self) -> Survey:
        """Ask how we stand. Raises SendFailed."""
