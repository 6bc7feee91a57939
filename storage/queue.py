"""The queue: what comes next, who holds what until when, decisions that wait out their undo window, open desks.

Not for: moves between states (storage/registrations.py makes them) or whether somebody may (the handlers ask).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.registration import Decided, Decision, Registration
from storage.engine import Connection, Row
from storage.statement import Statement
from storage.statements import queue as sql
from storage.vault import Vault


@dataclass(frozen=True)
class Desk:
    """What an officer is in the middle of. `step` names it, `subject` is a case, an officer or an enquiry.

    `picked` are the reasons or area codes chosen so far; `prompt` is the outbox id of the message that asks.
    """

    step: str
    subject: int | None = None
    version: int = 0
    picked: tuple[str, ...] = ()
    prompt: int | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Waiting:
    """How many cases wait in a place (a code; None outside the area served), the oldest since (epoch ms)."""

    code: str | None
    n: int
    oldest: int | None


class Queue:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def next_id(self, areas: Sequence[str], *, own: int) -> int | None:
        """The case to take next in these areas (none: everywhere), never one of the address `own`."""
        if not areas:
            row = self._db.one(sql.NEXT, own=own)
            return None if row is None else row["id"]
        found = [
            self._db.one(_of(code, sql.NEXT_IN_DISTRICT, sql.NEXT_IN_VILLAGE), code=code, own=own) for code in areas
        ]
        first = min((row for row in found if row), key=lambda r: (r["priority"], r["queued_at"], r["id"]), default=None)
        return None if first is None else first["id"]

    def holds_other(self, areas: Sequence[str], *, than: int, own: int) -> bool:
        """Whether a case besides `than` waits in these areas for somebody who is not at the address `own`."""
        if not areas:
            return self._db.one(sql.OTHER, id=than, own=own) is not None
        return any(
            self._db.one(_of(code, sql.OTHER_IN_DISTRICT, sql.OTHER_IN_VILLAGE), code=code, id=than, own=own)
            for code in areas
        )

    def waiting(self, areas: Sequence[str]) -> list[Waiting]:
        """How many wait, by district for the whole area, else by each of these areas."""
        if not areas:
            return [Waiting(row["district"], row["n"], row["oldest"]) for row in self._db.all(sql.COUNTS)]
        counts = []
        for code in areas:
            row = self._db.one(_of(code, sql.COUNT_IN_DISTRICT, sql.COUNT_IN_VILLAGE), code=code)
            if row and row["n"]:
                counts.append(Waiting(code, row["n"], row["oldest"]))
        return counts

    def extend(self, registration_id: int, officer_id: int, *, until: int) -> bool:
        """Move the end of a lease; False when the officer holds the case no more."""
        return self._db.run(sql.EXTEND, id=registration_id, officer_id=officer_id, until=until) == 1

    def hold_again(self, registration: Registration, officer_id: int, *, until: int) -> bool:
        """The officer whose decision was taken back holds the case once more."""
        ids = {"id": registration.id, "version": registration.version}
        return self._db.run(sql.HOLD_AGAIN, **ids, officer_id=officer_id, until=until) == 1

    def held_by(self, officer_id: int) -> list[int]:
        return [row["id"] for row in self._db.all(sql.HELD_BY, officer_id=officer_id)]

    def lapsed(self, *, limit: int) -> list[int]:
        """Cases whose lease is over."""
        return [row["id"] for row in self._db.all(sql.LAPSED, now=self._at, limit=limit)]

    def decide(self, decision: Decision) -> bool:
        """Keep a decision that counts later; the officer lets go. False when the case is not theirs or has changed."""
        let_go = self._db.run(
            sql.LET_GO, id=decision.registration_id, version=decision.version, officer_id=decision.officer_id
        )
        if not let_go:
            return False
        note = decision.note
        row = f"pending_decisions:{decision.registration_id}"
        self._db.run(
            sql.PUT_PENDING,
            registration_id=decision.registration_id,
            officer_id=decision.officer_id,
            version=decision.version,
            decided=decision.decided,
            reasons=",".join(decision.reasons),
            sealed=self._vault.seal_text(note, row=row) if note else None,
            at=decision.at,
            due_at=decision.due_at,
        )
        return True

    def pending(self, registration_id: int) -> Decision | None:
        """The decision that waits on this case. Who goes on to change it has locked the registration first."""
        row = self._db.one(sql.PENDING, registration_id=registration_id)
        return None if row is None else self._decision(row)

    def set_prompt(self, registration_id: int, prompt: int) -> None:
        """Remember the message that offers to take the decision back."""
        self._db.run(sql.SET_PROMPT, registration_id=registration_id, prompt=prompt)

    def prompt_of(self, registration_id: int) -> int | None:
        row = self._db.one(sql.PENDING, registration_id=registration_id)
        return None if row is None else row["prompt"]

    def drop_pending(self, registration_id: int) -> bool:
        """Whether a decision was still waiting."""
        return self._db.run(sql.DROP_PENDING, registration_id=registration_id) == 1

    def decisions_due(self, *, limit: int) -> list[int]:
        """Cases whose decision has waited long enough."""
        return [row["id"] for row in self._db.all(sql.PENDING_DUE, now=self._at, limit=limit)]

    def pending_of(self, officer_id: int) -> list[int]:
        """Cases on which this officer's decision waits."""
        return [row["id"] for row in self._db.all(sql.PENDING_OF, officer_id=officer_id)]

    def desk(self, officer_id: int) -> Desk | None:
        """What the officer is in the middle of."""
        row = self._db.one(sql.DESK, officer_id=officer_id)
        if row is None:
            return None
        picked = tuple(code for code in row["reasons"].split(",") if code)
        return Desk(row["step"], row["registration_id"], row["version"], picked, row["prompt"], row["at"])

    def open_desk(self, officer_id: int, desk: Desk) -> None:
        """One thing at a time: whatever lay there before is gone."""
        self._db.run(
            sql.PUT_DESK,
            officer_id=officer_id,
            step=desk.step,
            registration_id=desk.subject,
            version=desk.version,
            reasons=",".join(desk.picked),
            prompt=desk.prompt,
            at=self._at,
        )

    def close_desk(self, officer_id: int, *, of_case: int | None = None) -> None:
        """Clear the desk; with `of_case` only if it is about that case."""
        if of_case is None:
            self._db.run(sql.DROP_DESK, officer_id=officer_id)
        else:
            self._db.run(sql.DROP_DESK_OF_CASE, officer_id=officer_id, registration_id=of_case)

    def open_objections(self, *, limit: int) -> list[Row]:
        """Rows (id, at) of registrations with an open objection, the oldest first."""
        return self._db.all(sql.OPEN_OBJECTIONS, limit=limit)

    def close_objection(self, registration_id: int, officer_id: int, *, granted: bool) -> bool:
        """False when somebody has answered it already."""
        return (
            self._db.run(
                sql.CLOSE_OBJECTION,
                registration_id=registration_id,
                state="granted" if granted else "refused",
                officer_id=officer_id,
                at=self._at,
            )
            == 1
        )

    def _decision(self, row: Row) -> Decision:
        number = row["registration_id"]
        note = self._vault.open_text(row["sealed"], row=f"pending_decisions:{number}") if row["sealed"] else None
        return Decision(
            registration_id=number,
            officer_id=row["officer_id"],
            version=row["version"],
            decided=Decided(row["decided"]),
            reasons=tuple(code for code in row["reasons"].split(",") if code),
            due_at=row["due_at"],
            at=row["at"],
            note=note,
        )


def _of(code: str, district: Statement, village: Statement) -> Statement:
    """A code with two dots is a district's, with three a village's."""
    return district if code.count(".") == 2 else village
