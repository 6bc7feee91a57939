"""Who did what, in ids and codes only, sealed once a minute so that a changed or missing line shows.

Not for: old and new values; they live in the answer versions, which can be erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from domain.registration import Actor
from storage.engine import Connection, Row, new_id
from storage.statements import audit as sql
from storage.vault import Vault


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: seals checked, lines under them, lines not yet sealed, and the faults in words."""

    seals: int
    lines: int
    unsealed: int
    newest: str
    faults: tuple[str, ...]


class Audit:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def record(
        self,
        action: str,
        *,
        actor: Actor,
        actor_id: int | None = None,
        registration_id: int | None = None,
        detail: str = "",
    ) -> None:
        """Write one line. `detail` holds codes, never what somebody wrote."""
        self._db.run(
            sql.ADD,
            id=new_id(),
            at=self._at,
            actor=actor,
            actor_id=actor_id,
            action=action,
            registration_id=registration_id,
            detail=detail,
        )

    def of(self, registration_id: int) -> list[Row]:
        """Rows (at, actor, actor_id, action, detail), oldest first."""
        return self._db.all(sql.OF_REGISTRATION, registration_id=registration_id)

    def seal(self, *, limit: int = 5000) -> int:
        """Seal what was committed since the last seal; how many lines."""
        rows = self._db.all(sql.UNSEALED, limit=limit)
        if not rows:
            return 0
        last = self._db.one(sql.LAST_SEAL)
        digest = _digest(rows)
        seal_id = new_id()
        self._db.run(
            sql.ADD_SEAL,
            id=seal_id,
            at=self._at,
            lines=len(rows),
            digest=digest,
            seal=self._seal(last["seal"] if last else b"", seal_id, len(rows), digest),
        )
        self._db.many(sql.MARK, [{"id": row["id"], "seal_id": seal_id} for row in rows])
        return len(rows)

    def verify(self) -> Verdict:
        """Compute every seal again from its lines and the seal before it."""
        seals = lines = after = 0
        previous, faults = b"", []
        while batch := self._db.all(sql.SEALS, after=after, limit=500):
            for seal in batch:
                after = seal["id"]
                rows = [] if seal["pruned"] else self._db.all(sql.SEALED_BY, seal_id=after)
                if not seal["pruned"] and (len(rows) != seal["lines"] or _digest(rows) != seal["digest"]):
                    faults.append(f"the lines under seal {after} were changed")
                if self._seal(previous, after, seal["lines"], seal["digest"]) != seal["seal"]:
                    faults.append(f"seal {after} does not follow from the one before it")
                previous = seal["seal"]
                seals, lines = seals + 1, lines + seal["lines"]
        unsealed = len(self._db.all(sql.UNSEALED, limit=100_000))
        return Verdict(seals, lines, unsealed, previous.hex(), tuple(faults))

    def prune(self, *, before: int, limit: int = 50) -> int:
        """Delete the lines under seals older than `before`; the seals stay."""
        seals = self._db.all(sql.SEALS_TO_PRUNE, before=before, limit=limit)
        for seal in seals:
            self._db.run(sql.PRUNE_LINES, seal_id=seal["id"])
            self._db.run(sql.MARK_PRUNED, id=seal["id"])
        return len(seals)

    def _seal(self, previous: bytes, seal_id: int, lines: int, digest: bytes) -> bytes:
        return seal_over(self._vault, previous, seal_id, lines, digest)


def seal_over(vault: Vault, previous: bytes, seal_id: int, lines: int, digest: bytes) -> bytes:
    """The seal over so many lines with this digest, bound to the seal before it."""
    return vault.mac(previous + orjson.dumps([seal_id, lines]) + digest)


def _digest(rows: Iterable[Row]) -> bytes:
    whole = hashlib.sha256()
    for row in rows:
        line = [row[c] for c in ("id", "at", "actor", "actor_id", "action", "registration_id", "detail")]
        whole.update(hashlib.sha256(orjson.dumps(line)).digest())
    return whole.digest()
