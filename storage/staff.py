"""Officers and admins: who they are, the areas they look after, their invitations, notices and searches.

Not for: what they may press (the router and the handlers ask the role) or the cases they hold (storage/queue.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from domain.officer import Officer, Role
from domain.person import Person
from storage.engine import Connection, Row, new_id
from storage.statements import staff as sql
from storage.vault import Vault

# Without the letters and digits that look alike on a small screen.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 10
_HOUR = 3_600_000
_NOBODY = -1


def new_code() -> str:
    """A code nobody guesses, to be read and typed by people."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


@dataclass(frozen=True)
class Invite:
    """An invitation. `state` is "open", "used" or "expired"; `areas` are codes, none for the whole area."""

    id: int
    role: Role
    areas: tuple[str, ...]
    state: str


class Staff:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def officer_of(self, person_id: int) -> Officer | None:
        """The active officer or admin at this address, kept from a suspension until the transaction ends."""
        row = self._db.one(sql.ACTIVE_AT, address_id=person_id)
        return None if row is None else self._officer(row)

    def at_address(self, person_id: int) -> Officer | None:
        """The officer at this address in any state."""
        row = self._db.one(sql.AT_ADDRESS, address_id=person_id)
        return None if row is None else self._officer(row)

    def get(self, officer_id: int, *, lock: bool = False) -> Officer | None:
        """An officer in any state."""
        row = self._db.one(sql.LOCK if lock else sql.BY_ID, id=officer_id)
        return None if row is None else self._officer(row)

    def all(self) -> list[Officer]:
        """Everybody but the removed, admins first."""
        return [self._officer(row) for row in self._db.all(sql.ALL)]

    def name(self, officer_id: int) -> str:
        """What colleagues call this officer."""
        row = self._db.one(sql.BY_ID, id=officer_id)
        return "" if row is None else self._name(row)

    def staffed_codes(self) -> list[str]:
        """Districts and villages that somebody active who can be reached looks after."""
        return [row["code"] for row in self._db.all(sql.ALL_AREAS)]

    def cover_everything(self) -> bool:
        """Whether an active officer who can be reached looks after the whole area."""
        return bool(self._db.all(sql.OF_WHOLE_AREA, own=_NOBODY))

    def enrol(self, person: Person, *, role: Role, areas: Sequence[str], name: str) -> Officer:
        """Make the person at this address an active officer or admin, anew or again."""
        row = self._db.one(sql.AT_ADDRESS, address_id=person.id)
        officer_id = new_id() if row is None else row["id"]
        sealed = self._vault.seal_text(name, row=f"officers:{officer_id}")
        if row is None:
            self._db.run(sql.ADD, id=officer_id, address_id=person.id, role=role, sealed=sealed, at=self._at)
        else:
            self._db.run(sql.RENEW, id=officer_id, role=role, sealed=sealed)
        self.set_areas(officer_id, areas)
        return Officer(officer_id, person.id, role, True, tuple(sorted(set(areas))), name)

    def set_state(self, officer_id: int, state: str) -> None:
        """active, suspended or removed."""
        self._db.run(sql.SET_STATE, id=officer_id, state=state)

    def set_areas(self, officer_id: int, areas: Sequence[str]) -> None:
        """District or village codes; none for the whole area."""
        self._db.run(sql.DROP_AREAS, officer_id=officer_id)
        for code in sorted(set(areas)):
            self._db.run(sql.ADD_AREA, officer_id=officer_id, code=code)

    def is_last_admin(self, officer_id: int) -> bool:
        """Whether no other admin is active; the admins are kept from others until the transaction ends."""
        return [row["id"] for row in self._db.all(sql.ACTIVE_ADMINS)] == [officer_id]

    def invite(self, *, role: Role, areas: Sequence[str], expires_at: int, created_by: int | None = None) -> str:
        """A new code that makes one person an officer or admin, once, until `expires_at` (epoch ms)."""
        code = new_code()
        self._db.run(
            sql.ADD_INVITE,
            id=new_id(),
            code_digest=self._vault.digest("invite", code),
            role=role,
            areas=",".join(sorted(set(areas))),
            created_by=created_by,
            at=self._at,
            expires_at=expires_at,
        )
        return code

    def invitation(self, code: str) -> Invite | None:
        """The invitation with this code in any state, or None; kept from others until the transaction ends."""
        row = self._db.one(sql.INVITE, code_digest=self._vault.digest("invite", code.strip().upper()))
        if row is None:
            return None
        state = "used" if row["used_at"] else "open" if row["expires_at"] > self._at else "expired"
        areas = tuple(code for code in row["areas"].split(",") if code)
        return Invite(row["id"], Role(row["role"]), areas, state)

    def use_invitation(self, invite: Invite, person_id: int) -> bool:
        """Whether it was still unused."""
        return self._db.run(sql.USE_INVITE, id=invite.id, used_by=person_id, at=self._at) == 1

    def for_area(self, village: str | None, *, own: int) -> list[Officer]:
        """Who is to hear of a case there: its officers, else those of the whole area, else the admins.

        Never somebody at the address `own`, nor anybody who cannot be reached. Each row is locked, by id,
        before it is asked whether their queue is empty: two cases at once make one notice.
        """
        district = village[:8] if village else None
        rows: list[Row] = []
        if village:
            rows = self._db.all(sql.OF_AREA, village=village, district=district, own=own)
        rows = rows or self._db.all(sql.OF_WHOLE_AREA, own=own) or self._db.all(sql.ADMINS, own=own)
        found = (self.get(row["id"], lock=True) for row in rows)
        return [officer for officer in found if officer and officer.active]

    def admins(self, *, own: int) -> list[Officer]:
        """All active admins who can be reached and are not at the address `own`."""
        found = (self.get(row["id"]) for row in self._db.all(sql.ADMINS, own=own))
        return [officer for officer in found if officer]

    def noticed_at(self, officer_id: int) -> int:
        """When the officer was last told of something new."""
        row = self._db.one(sql.BY_ID, id=officer_id)
        return 0 if row is None else row["noticed_at"]

    def noticed(self, officer_id: int) -> None:
        """The officer is told now; nothing is gathered any more."""
        self._db.run(sql.NOTICED, id=officer_id, at=self._at)

    def notice_later(self, officer_id: int, due: int) -> None:
        """Gather until then; an earlier moment already set stays."""
        self._db.run(sql.NOTICE_LATER, id=officer_id, due=due)

    def no_notice(self, officer_id: int) -> None:
        self._db.run(sql.NO_NOTICE, id=officer_id)

    def notices_due(self, *, limit: int) -> list[int]:
        """Officers whose gathered notice is due."""
        return [row["id"] for row in self._db.all(sql.NOTICES_DUE, now=self._at, limit=limit)]

    def count_search(self, officer_id: int) -> int:
        """One more search; how many within the hour."""
        row = self._db.one(sql.LOCK, id=officer_id)
        if row is None or self._at - row["search_window_at"] >= _HOUR:
            since, n = self._at, 1
        else:
            since, n = row["search_window_at"], row["searches"] + 1
        self._db.run(sql.SET_SEARCHES, id=officer_id, since=since, n=n)
        return n

    def _officer(self, row: Row) -> Officer:
        areas = tuple(area["code"] for area in self._db.all(sql.AREAS, officer_id=row["id"]))
        active = row["state"] == "active"
        return Officer(row["id"], row["address_id"], Role(row["role"]), active, areas, self._name(row))

    def _name(self, row: Row) -> str:
        return self._vault.open_text(row["sealed"], row=f"officers:{row['id']}")
