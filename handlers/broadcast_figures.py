"""What became of a broadcast's people, added up from pages of them: by village, by outcome, by reason.

Not for: reading the pages (bot/paper_reading.py) or saying it (handlers/broadcast_report.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.broadcast import Counts, Outcome
from storage.engine import Row


@dataclass
class Figures:
    """Grows page by page. `cells` counts people by (village, outcome, code)."""

    cells: Counter[tuple[str | None, Outcome, str]] = field(default_factory=Counter)
    opted_out: int = 0
    replied: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        """One more page, as tx.recipients.tally gives it."""
        for row in rows:
            self.cells[row["village"], Outcome(row["outcome"]), row["code"]] += row["n"]
            self.opted_out += row["opted_out"]
            self.replied += row["replied"]

    def of(self, *outcomes: Outcome) -> int:
        """How many ended so."""
        return sum(n for (_, outcome, _), n in self.cells.items() if outcome in outcomes)

    def reasons(self) -> Counter[tuple[Outcome, str]]:
        """How many by outcome and code, where there is a code."""
        found: Counter[tuple[Outcome, str]] = Counter()
        for (_, outcome, code), n in self.cells.items():
            if code:
                found[outcome, code] += n
        return found

    def by_village(self) -> dict[str | None, Counter[Outcome]]:
        found: dict[str | None, Counter[Outcome]] = {}
        for (village, outcome, _), n in self.cells.items():
            found.setdefault(village, Counter())[outcome] += n
        return found

    @property
    def counts(self) -> Counts:
        """The same numbers as the broadcast itself counts, as of the pages read."""
        left_out = Counter({code: n for (outcome, code), n in self.reasons().items() if outcome is Outcome.LEFT_OUT})
        return Counts(
            total=self.cells.total() - left_out.total(),
            sent=self.of(Outcome.SENT, Outcome.DELIVERED),
            delivered=self.of(Outcome.DELIVERED),
            failed=self.of(Outcome.FAILED),
            blocked=self.of(Outcome.BLOCKED),
            unclear=self.of(Outcome.UNCLEAR),
            skipped=self.of(Outcome.SKIPPED),
            left_out=tuple(sorted(left_out.items())),
        )
