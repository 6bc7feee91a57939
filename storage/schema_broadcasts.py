"""The tables of broadcasts, their recipients, saved audiences, events and who comes to them.

`metadata` here is that of storage/schema.py with these tables in it: the whole. The same conventions hold.
Not for: statements or migrations.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from domain.broadcast import AGAIN, MOVES, Kind, Outcome, State
from domain.event import Answer
from storage.schema import Big, metadata, one_of, partial

__all__ = ["metadata"]

_FAULTS = one_of("outcome", (Outcome.FAILED, Outcome.SKIPPED, Outcome.UNCLEAR))
_LEGAL = one_of("previous_state || '>' || state", (f"{a}>{b}" for a, b in MOVES))

# Before broadcasts: an invitation names its event.
events = Table(
    "events",
    metadata,
    Column("id", Big, primary_key=True),
    Column("state", Text, nullable=False),
    Column("starts_at", Big, nullable=False),
    Column("village", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("word", Text, nullable=False, unique=True),
    Column("strangers", Integer, nullable=False, server_default="0"),
    Column("created_by", Big, nullable=False),
    Column("created_at", Big, nullable=False),
    CheckConstraint(one_of("state", ("planned", "cancelled")), name="state"),
    Index(None, "starts_at"),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Big, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("previous_state", Text),
    Column("version", Integer, nullable=False),
    Column("created_by", Big, ForeignKey("officers.id"), nullable=False),
    # Who is told and asked: another admin than the author, where the author is one no longer.
    Column("owner_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("photo", Text, nullable=False, server_default=""),
    Column("document", Text, nullable=False, server_default=""),
    Column("audience", Text, nullable=False),
    Column("event_id", Big, ForeignKey("events.id")),
    Column("approved_by", Big, ForeignKey("officers.id")),
    Column("start_at", Big),
    Column("first_batch", Integer),
    Column("code", Text, nullable=False, server_default=""),
    # Who made the last move; NULL for the clock.
    Column("moved_by", Big, ForeignKey("officers.id")),
    # The outcome of those who are to wait for their turn once more, until all of them do.
    Column("again", Text, nullable=False, server_default=""),
    # How far the freezing has come among the addresses, and where it ends.
    Column("scanned", Big, nullable=False, server_default="0"),
    Column("scan_to", Big, nullable=False, server_default="0"),
    Column("bar", Big),
    Column("bar_at", Big, nullable=False, server_default="0"),
    Column("bar_over", Integer, nullable=False, server_default="0"),
    Column("bar_mark", Big, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("created_at", Big, nullable=False),
    Column("prepared_at", Big),
    Column("started_at", Big),
    Column("ended_at", Big),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("lined", Integer, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("delivered", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("blocked", Integer, nullable=False, server_default="0"),
    Column("unclear", Integer, nullable=False, server_default="0"),
    Column("skipped", Integer, nullable=False, server_default="0"),
    Column("left_out", Text, nullable=False, server_default="{}"),
    # How many of them are at which network.
    Column("networks", Text, nullable=False, server_default="{}"),
    CheckConstraint(one_of("kind", Kind), name="kind"),
    CheckConstraint(one_of("state", State), name="state"),
    CheckConstraint(f"previous_state IS NULL OR {_LEGAL}", name="legal_move"),
    CheckConstraint(one_of("again", ("", *AGAIN)), name="again"),
    CheckConstraint("previous_state IS NOT NULL OR state = 'draft'", name="begins_as_draft"),
    CheckConstraint("state <> 'paused' OR code <> ''", name="a_pause_has_a_reason"),
    CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="nobody_approves_their_own"),
    partial("ix_broadcasts_open", "state", "id", where="state NOT IN ('done', 'stopped')"),
    partial("ix_broadcasts_event", "event_id", where="event_id IS NOT NULL"),
)

# Person and chosen address only; both are numbers of ours and mean nothing once the address is forgotten.
recipients = Table(
    "recipients",
    metadata,
    Column("broadcast_id", Big, ForeignKey("broadcasts.id", ondelete="CASCADE"), nullable=False),
    Column("address_id", Big, nullable=False),
    Column("person_id", Big, nullable=False),
    Column("channel", Text, nullable=False),
    # Which of their registrations fits the audience; `shared`: there are others at this address.
    Column("registration_id", Big),
    Column("shared", SmallInteger, nullable=False),
    Column("village", Text),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("at", Big, nullable=False),
    Column("opted_out", SmallInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("broadcast_id", "address_id"),
    UniqueConstraint("broadcast_id", "person_id"),
    CheckConstraint(one_of("outcome", Outcome), name="outcome"),
    CheckConstraint("outcome NOT IN ('left_out', 'failed', 'skipped') OR code <> ''", name="reason_given"),
    partial("ix_recipients_waiting", "broadcast_id", "channel", "address_id", where="outcome = 'waiting'"),
    partial("ix_recipients_faults", "broadcast_id", "outcome", "code", where=_FAULTS),
    # The second column says nothing, but makes SQLite prefer this index to the primary key.
    partial("ix_recipients_opted_out", "broadcast_id", "opted_out", where="opted_out = 1"),
    sqlite_with_rowid=False,
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", Big, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("conditions", Text, nullable=False),
    Column("created_by", Big, nullable=False),
    Column("created_at", Big, nullable=False),
)

attendances = Table(
    "attendances",
    metadata,
    Column("event_id", Big, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("address_id", Big, nullable=False),
    Column("village", Text),
    Column("answer", Text),
    Column("answered_at", Big),
    Column("present_at", Big),
    PrimaryKeyConstraint("event_id", "address_id"),
    CheckConstraint(f"answer IS NULL OR {one_of('answer', Answer)}", name="answer"),
    CheckConstraint("answer IS NOT NULL OR present_at IS NOT NULL", name="says_something"),
    Index(None, "address_id"),
    sqlite_with_rowid=False,
)

# Files made for admins outside any transaction: wanted by a handler, made and sent by a loop, gone after some days.
papers = Table(
    "papers",
    metadata,
    Column("id", Big, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Big, nullable=False),
    Column("officer_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("code", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Big, nullable=False),
    Column("at", Big, nullable=False),
    CheckConstraint(one_of("kind", ("chart", "report", "visits", "poster", "event")), name="kind"),
    CheckConstraint(one_of("state", ("wanted", "made", "failed")), name="state"),
    CheckConstraint("(state = 'made') = (name <> '')", name="made_has_a_file"),
    partial("ix_papers_wanted", "next_at", "id", where="state = 'wanted'"),
)
