"""What arrives and what leaves, the same for every network.

Not for: how a network writes it (channels/) or when it is sent (the outbox).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.address import Address


class Kind(StrEnum):
    """What an Incoming is. EDIT is a text that replaces an earlier one; OTHER says nothing we can use.

    MOVED: the network says that this account has another address from now on.
    """

    TEXT = "text"
    TAP = "tap"
    FILE = "file"
    PHONE = "phone"
    EDIT = "edit"
    BLOCKED = "blocked"
    RETURNED = "returned"
    MOVED = "moved"
    GROUP = "group"
    OTHER = "other"


@dataclass(frozen=True)
class Attachment:
    """A file at the network, not yet fetched: `ref` is what the channel needs to fetch it.

    `what` is "photo", "image" (an image sent as a document), "document", "voice", "sticker", "video",
    "location" or another plain word. `album` ties the files of one album together. `file_name` is what the sender
    calls it. `whole`: whoever parked it wants it as it is, whatever it is, and not a picture cleaned.
    """

    what: str
    ref: str = field(default="", repr=False)
    size: int = 0
    mime: str = ""
    album: str = ""
    file_name: str = field(default="", repr=False)
    whole: bool = False


@dataclass(frozen=True)
class Photo:
    """A fetched and encrypted picture: its name in the media folder, its sides in pixels, what the check saw.

    `flaws` holds "small", "dark", "blurred"; `unreadable` means that no picture could be read from the file.
    """

    name: str
    width: int = 0
    height: int = 0
    flaws: tuple[str, ...] = ()
    unreadable: bool = False


@dataclass(frozen=True)
class StoredFile:
    """A file fetched and encrypted as it came: its name in the media folder, what its sender calls it, its bytes."""

    name: str
    file_name: str = field(default="", repr=False)
    mime: str = ""
    size: int = 0


@dataclass(frozen=True)
class Incoming:
    """One thing a person did. `key` is unique per network and account and is remembered for 14 days.

    `message_id` is the network's id of the person's message (for an edit: of the message edited; for a tap: of
    our message that carried the choice). `tap` is the data of the choice, `tap_id` what to acknowledge.
    `phone` is a number shared through the network; `own` says that it is the sender's. `first_name` is what the
    network says, used for nothing but an officer's own label. `photo` is set after a picture was fetched, `stored`
    after a file that was to be kept whole. `moved` is the new address of a MOVED one. `read_id` is what the network
    needs to show that it was read; never stored in the clear, for it may hold the person's number.
    """

    key: str
    address: Address
    kind: Kind
    text: str = field(default="", repr=False)
    message_id: str = ""
    tap: str = field(default="", repr=False)
    tap_id: str = ""
    attachment: Attachment | None = None
    phone: str = field(default="", repr=False)
    own: bool = False
    language: str = ""
    first_name: str = field(default="", repr=False)
    photo: Photo | None = None
    stored: StoredFile | None = None
    moved: Address | None = None
    read_id: str = field(default="", repr=False)

    @property
    def file(self) -> str:
        """The name in the media folder of what came with it and was fetched; empty for nothing."""
        return self.photo.name if self.photo else self.stored.name if self.stored else ""


@dataclass(frozen=True)
class Choice:
    """A ready answer a person can pick. `data` comes back in `Incoming.tap`: at most 64 bytes, nothing personal.

    `number` picks it where people type numbers, should it not be its place: "to open one, reply with its number".
    """

    label: str = field(repr=False)
    data: str
    number: int = field(default=0, repr=False)


@dataclass(frozen=True)
class Late:
    """How a Message goes when the time for free text is over: the name of one of conversation/late.py's texts and the
    values of its places, in their order.
    """

    name: str
    values: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Message:
    """A text with ready answers; it reads completely without them.

    `**word**` is bold. `photo` names a file in the media folder, shown above the text; or `document` does, for a
    file of any sort that people open, with the name they see. `shared`: the same file goes to many, so a network
    may remember it. `protected`: may not be forwarded or saved. `asks_phone`: the label under which the network may
    offer to share the own number, and `ends_phone` takes that offer away again. `stacked`: one ready answer a line.
    `late`: how it goes where it comes too late for free text.
    """

    text: str = field(repr=False)
    choices: tuple[Choice, ...] = ()
    photo: str = ""
    protected: bool = False
    asks_phone: str = ""
    ends_phone: bool = False
    stacked: bool = False
    document: str = ""
    document_name: str = field(default="", repr=False)
    shared: bool = False
    late: Late | None = None

    @property
    def file(self) -> str:
        """The name in the media folder of what goes with the text; empty for a text alone."""
        return self.photo or self.document


@dataclass(frozen=True)
class Edit:
    """Change an earlier Message (`of`, its outbox id). `text` None leaves the text and changes the choices only.

    `blank` replaces photo and text by nothing: what is left when a deletion is refused.
    """

    of: int
    text: str | None = field(default=None, repr=False)
    choices: tuple[Choice, ...] = ()
    stacked: bool = False
    blank: bool = False

    @property
    def only_takes_away(self) -> bool:
        """Whether nothing new is shown: done already where the message is gone."""
        return self.blank or (self.text is None and not self.choices)


@dataclass(frozen=True)
class Deletion:
    """Take back an earlier Message (`of`), or the person's own message (`message_id`, the network's id).

    Or have the network delete its own copy of a file that the person sent (`file`, an Attachment's ref).
    """

    of: int | None = None
    message_id: str = ""
    file: str = field(default="", repr=False)


@dataclass(frozen=True)
class Acknowledgement:
    """Tell the network that a tap arrived, with a short text or none. Tried once, never stored."""

    tap_id: str
    text: str = field(default="", repr=False)
    alert: bool = False


@dataclass(frozen=True)
class Leave:
    """Leave a group the service was added to."""


@dataclass(frozen=True)
class Commands:
    """The menu of commands a chat shows: (word, description) pairs; empty takes it away."""

    entries: tuple[tuple[str, str], ...] = ()


Outgoing = Message | Edit | Deletion | Acknowledgement | Leave | Commands


class Told(StrEnum):
    """What a network tells of a message after it has taken it.

    FAILED: for ever; GONE: nothing reaches this address until the person writes; LATER: it may be tried again;
    SHUT: only a late text was allowed; LACKING: the network does not let in its late text;
    RESTRICTED: for hours or days it lets in little of what people did not just ask for.
    """

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    GONE = "gone"
    LATER = "later"
    SHUT = "shut"
    LACKING = "lacking"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class Receipt:
    """What a network tells of something sent: `sent_id` is its own id of it, `mark` what we gave along."""

    sent_id: str
    told: Told
    mark: str = ""
    code: str = ""
