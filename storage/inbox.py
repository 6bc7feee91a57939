"""What has arrived: keys already seen, files parked until they are fetched, messages that wait behind them, failures.

Not for: handling any of it; bot/app.py and the router do.
"""

from __future__ import annotations

from dataclasses import dataclass

from conversation.messages import Incoming
from storage.engine import Connection, Row, new_id
from storage.statements import inbox as sql
from storage.vault import Unreadable, Vault
from storage.wire import pack_incoming, unpack_incoming


@dataclass(frozen=True)
class Parked:
    """An Incoming that waits. `state` is "file", "behind" or "failed"; `tries` counts attempts to fetch.

    `incoming` is None where what was kept does not open any more.
    """

    id: int
    person_id: int
    state: str
    incoming: Incoming | None
    tries: int = 0


class Inbox:
    """Bound to one transaction at one moment (`at`, epoch ms). `repeated`: the key asked about last was not new."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at
        self.written = 0
        self.repeated = False
        self._place: int | None = None

    def remember(self, key: str) -> bool:
        """Whether this key is new; from now on it is not."""
        self.repeated = self._db.run(sql.REMEMBER, key=key, at=self._at) != 1
        return not self.repeated

    def forget_old(self, *, before: int) -> int:
        return self._db.run(sql.FORGET_OLD, before=before)

    def park(self, person_id: int, incoming: Incoming, *, state: str, code: str = "") -> int:
        """Keep it, encrypted; state "file" is fetched, "behind" waits for its turn, "failed" for an admin."""
        row_id, self._place = self._place or new_id(), None
        self.written += 1
        self._db.run(
            sql.PUT,
            id=row_id,
            address_id=person_id,
            state=state,
            sealed=self._vault.seal(pack_incoming(incoming), row=f"inbox:{row_id}"),
            code=code,
            at=self._at,
        )
        return row_id

    def files_due(self, *, limit: int) -> list[int]:
        """People whose file is to be fetched now."""
        return [row["address_id"] for row in self._db.all(sql.FILES_DUE, now=self._at, limit=limit)]

    def first(self, person_id: int) -> Parked | None:
        """What comes next for this person."""
        row = self._db.one(sql.FIRST, address_id=person_id)
        return None if row is None else self._parked(row, person_id, row["state"])

    def stranded(self) -> list[int]:
        """People whose messages wait behind a file that was dealt with already."""
        return [row["address_id"] for row in self._db.all(sql.BEHIND_NOTHING)]

    def postpone(self, row_id: int, *, until: int) -> None:
        self._db.run(sql.POSTPONE, id=row_id, next_at=until)

    def take(self, row_id: int) -> bool:
        """Take it out; False when somebody did already. Parked again by the same unit, it keeps its place."""
        taken = self._db.run(sql.REMOVE, id=row_id) == 1
        self._place = row_id if taken else None
        return taken

    def get(self, row_id: int) -> Parked | None:
        row = self._db.one(sql.GET, id=row_id)
        return None if row is None else self._parked(row, row["address_id"], row["state"])

    def fail(self, row_id: int, code: str) -> None:
        self._db.run(sql.FAIL, id=row_id, code=code)

    def failed(self, *, limit: int) -> list[Row]:
        """Rows (id, code, created_at) of what could not be handled, without content."""
        return self._db.all(sql.FAILED, limit=limit)

    def try_again(self, row_id: int) -> bool:
        """Let a failed one wait for its turn once more; False when it is failed no longer."""
        self.written += 1
        return self._db.run(sql.TRY_AGAIN, id=row_id) == 1

    def drop_failed(self, person_id: int) -> None:
        """Forget what of this person could not be handled."""
        self._db.run(sql.REMOVE_FAILED_OF_ADDRESS, address_id=person_id)

    def _parked(self, row: Row, person_id: int, state: str) -> Parked:
        try:
            incoming = unpack_incoming(self._vault.open(row["sealed"], row=f"inbox:{row['id']}"))
        except (Unreadable, ValueError):
            incoming = None
        tries = row["tries"] if "tries" in row else 0  # noqa: SIM401 (a Row is only a Mapping by its keys)
        return Parked(row["id"], person_id, state, incoming, tries)
