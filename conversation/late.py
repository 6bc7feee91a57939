"""Texts that may come late: what a network lets in that takes free text only for some hours after a person's last word.

Each has a name, places for values, and examples of them: the network reviews it before it may be sent. Not for: when
it is late (bot/delivery.py) or how a network is shown it (channels/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Final

from conversation.messages import Choice, Late, Message
from conversation.say import N_, Say

_SPACES: Final = re.compile(r"\s+")
LONGEST_VALUE: Final = 600
"""Characters of one value; the whole text has at most 1,024."""


@dataclass(frozen=True)
class LateText:
    """`text` is an English sentence with {places}; `examples` are invented values by place.

    `whole`: it says all there is to say; else it only knocks, and the message itself follows once the person writes.
    `news`: for those who want to hear of events and the like, not about anybody's own case. `choices` are the labels
    of ready answers. `head`: "photo" or "document" where such a file stands above it.
    """

    name: str
    text: str
    examples: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True
    news: bool = False
    choices: tuple[str, ...] = ()
    head: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """The places in their order; one that stands twice is one."""
        return tuple(dict.fromkeys(place for _, place, _, _ in Formatter().parse(self.text) if place))

    def late(self, **values: str) -> Late:
        """With its values: each in one line, none empty."""
        return Late(self.name, tuple(_plain(values[place]) for place in self.places))


def _plain(value: str) -> str:
    return _SPACES.sub(" ", value).strip()[:LONGEST_VALUE].strip() or "-"


_ALL: Final = (
    LateText(
        "news_for_you",
        N_("There is news for Bapak/Ibu about the registration. To read it, reply **LIHAT**."),
        whole=False,
    ),
)

LATE_TEXTS: Final[Mapping[str, LateText]] = {each.name: each for each in _ALL}


def late_message(name: str, say: Say, choices: tuple[Choice, ...] = (), **values: str) -> Message:
    """A message whose words are those of a late text, whether it comes late or not."""
    text = LATE_TEXTS[name]
    return Message(say(text.text, **values), choices, late=text.late(**values))
