"""A human at an address, as far as the service knows them.

Not for: their registrations (one address may hold several) or their role as an officer.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.address import Address
from domain.topic import Topic


@dataclass(frozen=True)
class Person:
    """`known`: has agreed to something, so the address itself is kept. `notices`: the topics they
    want to hear about; None when never asked, Topic(0) when all are stopped. `held`: something waits in the outbox
    until they write.
    """

    id: int
    address: Address
    known: bool
    notices: Topic | None = None
    unreachable: bool = False
    held: bool = False
