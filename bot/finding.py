"""What a look at something found, in a sentence that the operator reads.

Not for: looking (bot/selfcheck.py and what it calls).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at, in a sentence; when it is not well the sentence says what to do."""

    well: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'OK' if self.well else '!!'}  {self.sentence}"
