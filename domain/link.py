"""Our address at a network, which opens a chat with us.

Not for: the addresses of people (domain/address.py).
"""

from __future__ import annotations

from typing import Protocol


class Link(Protocol):
    """How a network writes it."""

    def __call__(self, code: str = "") -> str:
        """The address; with a code (up to 64 of A-Za-z0-9_-) what the person sends first is "/start code"."""
