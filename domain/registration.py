"""The states of a registration and the one table of legal moves between them.

The table makes the code below, the CHECK constraints of the database and the test over all pairs.
Not for: what the answers are (the form knows) or who may see them (the handlers know).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.errors import NotAllowed


class Status(StrEnum):
    """The fifteen states of `domain.md` section 8."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    NEEDS_CORRECTION = "needs_correction"
    VERIFIED = "verified"
    WAITLISTED = "waitlisted"
    FUNDED = "funded"
    SENT_TO_BPJS = "sent_to_bpjs"
    ACTIVE = "active"
    GRACE = "grace"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DECEASED = "deceased"
    ERASED = "erased"


class Actor(StrEnum):
    """Who makes a move."""

    WORKER = "worker"
    HELPER = "helper"
    OFFICER = "officer"
    ADMIN = "admin"
    LIAISON = "liaison"
    SYSTEM = "system"


_S, _A = Status, Actor

# States in which a registration counts as active: one NIK, one of these (domain.md 2.9).
ACTIVE = frozenset(
    {
        _S.SUBMITTED,
        _S.IN_REVIEW,
        _S.NEEDS_CORRECTION,
        _S.VERIFIED,
        _S.WAITLISTED,
        _S.FUNDED,
        _S.SENT_TO_BPJS,
        _S.ACTIVE,
        _S.GRACE,
    }
)
# Nothing leaves these but a death or an erasure, and objection or a new registration where the table says so.
FINAL = frozenset({_S.EXPIRED, _S.REJECTED, _S.CANCELLED, _S.DECEASED, _S.ERASED})
_CANCELLABLE = (
    _S.DRAFT,
    _S.SUBMITTED,
    _S.IN_REVIEW,
    _S.NEEDS_CORRECTION,
    _S.VERIFIED,
    _S.WAITLISTED,
    _S.FUNDED,
)
_BEFORE_BPJS = (*_CANCELLABLE, _S.REJECTED, _S.CANCELLED)


def _moves() -> dict[tuple[Status, Status], frozenset[Actor]]:
    moves: dict[tuple[Status, Status], set[Actor]] = {
        (_S.DRAFT, _S.SUBMITTED): {_A.WORKER, _A.HELPER},
        (_S.DRAFT, _S.CANCELLED): {_A.WORKER, _A.SYSTEM},
        (_S.SUBMITTED, _S.IN_REVIEW): {_A.OFFICER},
        # The lease ran out, the officer gave the case back, or was suspended.
        (_S.IN_REVIEW, _S.SUBMITTED): {_A.OFFICER, _A.ADMIN, _A.SYSTEM},
        (_S.IN_REVIEW, _S.VERIFIED): {_A.OFFICER},
        (_S.IN_REVIEW, _S.NEEDS_CORRECTION): {_A.OFFICER},
        (_S.IN_REVIEW, _S.REJECTED): {_A.OFFICER},
        (_S.NEEDS_CORRECTION, _S.SUBMITTED): {_A.WORKER},
        (_S.NEEDS_CORRECTION, _S.REJECTED): {_A.ADMIN},
        (_S.VERIFIED, _S.FUNDED): {_A.ADMIN, _A.WORKER},
        (_S.VERIFIED, _S.WAITLISTED): {_A.ADMIN},
        (_S.WAITLISTED, _S.FUNDED): {_A.ADMIN},
        (_S.FUNDED, _S.WAITLISTED): {_A.ADMIN},
        (_S.FUNDED, _S.SENT_TO_BPJS): {_A.ADMIN},
        (_S.SENT_TO_BPJS, _S.ACTIVE): {_A.LIAISON},
        (_S.SENT_TO_BPJS, _S.NEEDS_CORRECTION): {_A.LIAISON},
        (_S.SENT_TO_BPJS, _S.REJECTED): {_A.LIAISON},
        (_S.ACTIVE, _S.GRACE): {_A.SYSTEM},
        (_S.GRACE, _S.ACTIVE): {_A.SYSTEM, _A.LIAISON},
        (_S.GRACE, _S.EXPIRED): {_A.SYSTEM, _A.LIAISON},
        (_S.ACTIVE, _S.EXPIRED): {_A.LIAISON},
        (_S.EXPIRED, _S.SUBMITTED): {_A.WORKER, _A.HELPER},
        (_S.REJECTED, _S.SUBMITTED): {_A.ADMIN},
    }
    for status in _CANCELLABLE:
        moves.setdefault((status, _S.CANCELLED), set()).add(_A.WORKER)
    for status in Status:
        if status not in (_S.DECEASED, _S.ERASED):
            moves[(status, _S.DECEASED)] = {_A.OFFICER}
        if status is not _S.ERASED:
            moves[(status, _S.ERASED)] = {_A.WORKER, _A.OFFICER, _A.SYSTEM} if status in _BEFORE_BPJS else {_A.OFFICER}
    return {pair: frozenset(actors) for pair, actors in moves.items()}


MOVES = _moves()
"""(from, to) -> who may: `domain.md` section 8, "Legal transitions". Everything else is forbidden."""

REASON_REQUIRED = frozenset({_S.NEEDS_CORRECTION, _S.REJECTED})


@dataclass(frozen=True)
class Registration:
    """One person's file, without the answers.

    Times are epoch milliseconds, UTC. `version` grows with every change of an answer after submission;
    `area` is the village code or None outside the programme's area; `officer_id` and `leased_until` say
    who holds the case.
    """

    id: int
    address_id: int
    status: Status
    version: int = 1
    receipt: str | None = None
    duplicate_of: int | None = None
    area: str | None = None
    district: str | None = None
    occupation: str | None = None
    gender: str | None = None
    birth_year: int | None = None
    has_photo: bool = False
    out_of_area: bool = False
    for_other: bool = False
    priority: int = 1
    created_at: int = 0
    submitted_at: int | None = None
    queued_at: int | None = None
    status_at: int = 0
    officer_id: int | None = None
    leased_until: int | None = None

    def move(self, to: Status, *, by: Actor, reason: str | None = None) -> Registration:
        """The registration in its next state; raises NotAllowed("illegal_move" or "reason_missing")."""
        if by not in MOVES.get((self.status, to), frozenset()):
            raise NotAllowed("illegal_move", source=str(self.status), target=str(to), actor=str(by))
        if to in REASON_REQUIRED and not reason:
            raise NotAllowed("reason_missing", target=str(to))
        return replace(self, status=to)


# What each correction code asks again, in this order (domain.md section 8).
CORRECTIONS: dict[str, tuple[str, ...]] = {
    "photo_blurred": ("photo",),
    "photo_incomplete": ("photo",),
    "photo_wrong": ("photo",),
    "name_mismatch": ("name",),
    "nik_mismatch": ("nik",),
    "nik_not_found": ("civil_registry",),
    "birthdate_mismatch": ("birth_date",),
    "address_unclear": ("village", "street"),
    "occupation_unclear": ("occupation",),
    "phone_unreachable": ("phone",),
    "evidence_missing": ("evidence",),
    "photo_missing": ("photo",),
}
REJECTIONS: tuple[str, ...] = (
    "out_of_area",
    "already_participant",
    "age_over_limit",
    "age_under_limit",
    "civil_servant",
    "formal_employee",
    "not_working",
    "deceased",
    "duplicate",
    "no_consent",
    "false_data",
    "quota_rule",
)


class Decided(StrEnum):
    """What an officer decides about a case."""

    APPROVE = "approve"
    CORRECT = "correct"
    REJECT = "reject"

    @property
    def status(self) -> Status:
        """The state the decision leads to."""
        return {
            Decided.APPROVE: Status.VERIFIED,
            Decided.CORRECT: Status.NEEDS_CORRECTION,
            Decided.REJECT: Status.REJECTED,
        }[self]


@dataclass(frozen=True)
class Decision:
    """A decision that waits out its undo window: it counts at `due_at` (epoch ms), not before."""

    registration_id: int
    officer_id: int
    version: int
    decided: Decided
    reasons: tuple[str, ...]
    due_at: int
    at: int
    note: str | None = field(default=None, repr=False)
