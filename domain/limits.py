"""What a network can show and do; data, so that nobody asks "is it that channel?".

Each channel brings its own; handlers find them in their Office. Not for: how a network does it (channels/).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most of everything, and the powers a network has or lacks."""

    text: int = 4096
    photo_text: int = 1024
    """The text under a photo or a document: a longer one is refused, for one Outgoing is one message."""
    documents: frozenset[str] = frozenset()
    """The endings of the names of documents that it carries, such as ".pdf"; all, where none is named."""
    label: int = 64
    choices: int = 100
    """Ready answers under one message; more of them are written out with numbers."""
    numbers: bool = False
    """Whether people answer by the number of a ready answer, because some phones show none."""
    edits: bool = True
    deletes: bool = True
    protects: bool = True
    menus: bool = False
    toasts: bool = True
    """Whether the acknowledgement of a tap can show words."""
    shares_phone: bool = False
    keeps_files: bool = False
    """Whether the network keeps what people send until it is told to delete it."""
    receipts: bool = False
    """Whether it tells later what became of a message it has taken: till somebody has it its text is kept."""
    reply_hours: float = 0.0
    """Hours after a person's last message in which free text may be sent; 0 for ever."""
    per_second: float = 30.0
    """Messages a second that the network takes from us altogether."""
    chat_per_second: float = 1.0
    """Messages a second that it takes for one chat, after `chat_burst` at once."""
    chat_burst: float = 8.0

    def carries(self, document_name: str) -> bool:
        """Whether a document of this name goes out there."""
        return not self.documents or document_name.lower().endswith(tuple(self.documents))

    def is_late(self, last_in_at: int, at: int) -> bool:
        """Whether free text comes too late at that time for a person whose last message came then (epoch ms)."""
        return self.reply_hours > 0 and at - last_in_at >= self.reply_hours * 3_600_000
