"""What a person may stop separately: announcements, and invitations to events.

Not for: messages about their own registration, which always come.
"""

from __future__ import annotations

from enum import IntFlag


class Topic(IntFlag):
    """What notices are about. A person's wishes are any of them, or none."""

    ANNOUNCEMENTS = 1
    EVENTS = 2


ALL_TOPICS = Topic.ANNOUNCEMENTS | Topic.EVENTS
