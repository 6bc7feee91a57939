"""Every rule marked [B] or [C] in the domain guide, frozen; bot/ builds it from the settings.

Not for: rules that the law fixes (those are code beside what they govern) or texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.quiet import QuietTimes


@dataclass(frozen=True)
class Rules:
    """Ages in years, times in seconds unless the name says days."""

    min_age: int = 18
    max_age_exclusive: int = 65
    lease: int = 15 * 60
    undo_window: int = 60
    notice_gap: int = 15 * 60
    reminder_days: tuple[int, ...] = (1, 7)
    draft_days: int = 30
    seen_days: int = 14
    rejected_days: int = 365
    audit_days: int = 5 * 365
    sensitive_hours: int = 12
    page_time: int = 10 * 60
    promise_days: int = 3
    resume_after: int = 3600
    invite_hours: int = 72
    searches_per_hour: int = 30
    messages_per_minute: int = 30
    photos_per_hour: int = 20
    wrong_niks_per_day: int = 15
    max_tries: int = 3
    delivery_hours: int = 24
    approval_above: int = 500
    first_batch: int = 50
    failures_in_row: int = 25
    broadcast_rest_hours: int = 0
    broadcast_days: int = 365
    quiet: QuietTimes = field(default_factory=QuietTimes)
