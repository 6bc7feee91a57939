"""Where a person is in a form: the open question, what is doubtful about the last answer, what comes first.

Not for: the answers; they belong to the registration.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Doubt:
    """A reading that the person has to confirm. `options` are (value, label) pairs offered as 1, 2, 3."""

    kind: str
    value: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Progress:
    """One open form of one address.

    `turn` grows with every question put, so that an old choice is known as old. `tries` counts failures at the
    open question. `detour` holds the questions to be asked before the form goes on in its order; `noted` what
    stood on top of the open question as read by us, which SALAH takes back. `prompt` is the outbox id of the
    message that put the question, `source` the network's id of the last message that was not understood, `album`
    the last album of which a picture was taken, `carry` what a small form was begun for, or the flagged questions of
    a correction. `picked`: the question was picked from the menu of UBAH, so that KEMBALI leads back there. `since`
    is when the question was put (epoch ms), `reminded` how often the person was reminded of this form; `called`: it
    was put unasked, as a reminder does.
    """

    form: str
    question: str
    turn: int = 1
    registration_id: int | None = None
    tries: int = 0
    detour: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    doubt: Doubt | None = None
    prompt: int | None = None
    source: str = ""
    album: str = ""
    carry: str = ""
    picked: bool = False
    called: bool = False
    since: int = 0
    reminded: int = 0
