"""Who works the queue: officers and admins, their state and the areas they look after.

Not for: what they may press; the router asks the role, and each handler asks it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    OFFICER = "officer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Officer:
    """An officer or admin. `areas` holds district or village codes; empty means the whole area served."""

    id: int
    address_id: int
    role: Role
    active: bool
    areas: tuple[str, ...] = ()
    name: str = ""

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def covers(self, village: str | None) -> bool:
        """Whether a case of this village is theirs; a case without a village belongs to the whole area."""
        if not self.areas:
            return True
        return village is not None and any(village == code or village.startswith(code + ".") for code in self.areas)

    def __repr__(self) -> str:
        return f"Officer(id={self.id}, role={self.role})"
