"""A broadcast's states with the one table of legal moves, and what can become of each recipient.

The tables make the code, the CHECK constraints of the database and the test over all pairs.
Not for: whom it reaches (domain/audience.py), when it may be sent (domain/quiet.py) or the sending itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.errors import NotAllowed
from domain.registration import Actor
from domain.topic import Topic


class Kind(StrEnum):
    """What a broadcast is. A reminder goes by itself to those who come to an event; a change tells that it moved."""

    ANNOUNCEMENT = "announcement"
    INVITATION = "invitation"
    REMINDER = "reminder"
    CHANGE = "change"
    CANCELLATION = "cancellation"

    @property
    def topic(self) -> Topic:
        """What a person stops who wants none of these."""
        return Topic.ANNOUNCEMENTS if self is Kind.ANNOUNCEMENT else Topic.EVENTS

    @property
    def follows(self) -> bool:
        """Whether it is news of an event people were invited to before, so that nobody has to approve it again."""
        return self in (Kind.REMINDER, Kind.CHANGE, Kind.CANCELLATION)


class State(StrEnum):
    """DRAFT is being composed; PREPARING writes the recipients; PREPARED waits for the admin's last word."""

    DRAFT = "draft"
    PREPARING = "preparing"
    PREPARED = "prepared"
    AWAITING = "awaiting_approval"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Outcome(StrEnum):
    """What became of one recipient.

    WAITING: their turn has not come. LEFT_OUT: not at the freezing, with the reason as code. LINED: in the outbox.
    UNCLEAR: handed to the network, no answer heard. SKIPPED: no longer wanted or reachable when their turn came.
    """

    WAITING = "waiting"
    LEFT_OUT = "left_out"
    LINED = "lined"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNCLEAR = "unclear"
    SKIPPED = "skipped"


_S, _A = State, Actor

MOVES: dict[tuple[State, State], frozenset[Actor]] = {
    (_S.DRAFT, _S.PREPARING): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.DRAFT, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.PREPARING, _S.PREPARED): frozenset({_A.SYSTEM}),
    (_S.PREPARING, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.PREPARED, _S.AWAITING): frozenset({_A.ADMIN}),
    (_S.PREPARED, _S.SCHEDULED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.PREPARED, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.AWAITING, _S.SCHEDULED): frozenset({_A.ADMIN}),
    (_S.AWAITING, _S.STOPPED): frozenset({_A.ADMIN}),
    # What was to go once more to those not reached, and may not.
    (_S.AWAITING, _S.DONE): frozenset({_A.ADMIN}),
    (_S.SCHEDULED, _S.RUNNING): frozenset({_A.SYSTEM}),
    (_S.SCHEDULED, _S.PAUSED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.SCHEDULED, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.RUNNING, _S.PAUSED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.RUNNING, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    (_S.RUNNING, _S.DONE): frozenset({_A.SYSTEM}),
    # Its time may not have come yet: the clock makes it run.
    (_S.PAUSED, _S.SCHEDULED): frozenset({_A.ADMIN}),
    (_S.PAUSED, _S.STOPPED): frozenset({_A.ADMIN, _A.SYSTEM}),
    # Only those who were not reached, once more, by an admin's explicit choice.
    (_S.DONE, _S.AWAITING): frozenset({_A.ADMIN}),
    (_S.DONE, _S.SCHEDULED): frozenset({_A.ADMIN}),
}
"""(from, to) -> who may. Everything else is forbidden."""

AGAIN = (Outcome.FAILED, Outcome.UNCLEAR)
"""Who may be sent to once more, by an admin's choice."""
LIVE = frozenset({_S.SCHEDULED, _S.RUNNING, _S.PAUSED})
"""Approved and not over."""
OPEN = LIVE | {_S.DRAFT, _S.PREPARING, _S.PREPARED, _S.AWAITING}
"""Not over."""


@dataclass(frozen=True)
class Content:
    """What is sent. `photo` and `document` name files in the media folder; `{sapaan}` and `{desa}` are filled in.

    `event` is what a draft's invitation is to, as far as it is known: start (epoch ms), village, place, what to bring.
    """

    text: str = field(default="", repr=False)
    event: tuple[str, ...] = field(default=(), repr=False)
    photo: str = ""
    document: str = ""
    document_name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Share:
    """The recipients at one network. `shut`: how many only a late text reached when the list was made; `late`: to how
    many one was sent.
    """

    channel: str
    people: int = 0
    shut: int = 0
    late: int = 0


@dataclass(frozen=True)
class Counts:
    """How many recipients ended how. `left_out` is by reason; `total` were frozen in to be sent to, `networks` says
    where.
    """

    total: int = 0
    lined: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    blocked: int = 0
    unclear: int = 0
    skipped: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    networks: tuple[Share, ...] = ()

    @property
    def over(self) -> int:
        """Those of whom nothing more is expected."""
        return self.sent + self.failed + self.blocked + self.unclear + self.skipped

    @property
    def left(self) -> int:
        """Those whose message is still to go."""
        return self.total - self.over

    @property
    def excluded(self) -> int:
        """Those the audience means and the freezing left out."""
        return sum(n for _, n in self.left_out)


@dataclass(frozen=True)
class Broadcast:
    """One sending. Times are epoch milliseconds, UTC; `number` is what admins call it.

    `version` grows with every change, so that the second of two admins notices the first. `first_batch` bounds
    how many are sent before the admin has looked. `code` says why it is paused or stopped; `moved_by` made the last
    move, None for the clock. `again` is the outcome of those it is sent to once more, until all of them wait.
    `owner_id` is told and asked: the author, or who took over. `bar` is the outbox id of the message that shows how
    it goes, last written at `bar_at`, when `bar_over` recipients were over; `bar_mark` tells its text from another.
    """

    id: int
    number: int
    kind: Kind
    state: State
    version: int
    created_by: int
    owner_id: int
    content: Content = Content()
    audience: str = "[]"
    event_id: int | None = None
    approved_by: int | None = None
    start_at: int | None = None
    first_batch: int | None = None
    code: str = ""
    moved_by: int | None = None
    again: str = ""
    bar: int | None = None
    bar_at: int = 0
    bar_over: int = 0
    bar_mark: int = 0
    failures: int = 0
    created_at: int = 0
    prepared_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    counts: Counts = Counts()

    def move(self, to: State, *, by: Actor, code: str = "") -> Broadcast:
        """The broadcast in its next state; raises NotAllowed("illegal_move")."""
        if by not in MOVES.get((self.state, to), frozenset()):
            raise NotAllowed("illegal_move", source=str(self.state), target=str(to), actor=str(by))
        return replace(self, state=to, code=code)

    def taken_over(self, officer_id: int) -> Broadcast:
        """With somebody else who answers for it; the message that shows how it goes is theirs from now on."""
        return replace(self, owner_id=officer_id, bar=None)
