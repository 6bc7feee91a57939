"""The tables, written once for both databases: names, CHECKs and the indexes that keep a million rows fast.

Identifiers are time-ordered integers made by the program; times are epoch milliseconds, UTC. A column named
`sealed` is encrypted (storage/vault.py), one named `…_digest` a keyed hash. Not for: statements or migrations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from domain.officer import Role
from domain.registration import ACTIVE, MOVES, Actor, Decided, Status

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes only INTEGER PRIMARY KEY the row's own number.
Big = BigInteger().with_variant(Integer(), "sqlite")


def one_of(column: str, values: Iterable[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return f"{column} IN ({listed})"


def partial(name: str, *columns: Any, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


# Since a move keeps the state it came from beside the new one, the database itself refuses an illegal pair.
_LEGAL = one_of("previous_status || '>' || status", (f"{a}>{b}" for a, b in MOVES))
_LEGAL_CHANGE = one_of("from_status || '>' || to_status", (f"{a}>{b}" for a, b in MOVES))

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

seen = Table(
    "seen",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", Big, nullable=False),
    Index(None, "at"),
    sqlite_with_rowid=False,
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("address_digest", LargeBinary, nullable=False, unique=True),
    Column("sealed", LargeBinary),
    Column("created_at", Big, nullable=False),
    Column("last_in_at", Big, nullable=False),
    Column("unreachable_at", Big),
    Column("notices", SmallInteger),
    Column("window_at", Big, nullable=False, server_default="0"),
    Column("messages", Integer, nullable=False, server_default="0"),
    Column("photo_window_at", Big, nullable=False, server_default="0"),
    Column("photos", Integer, nullable=False, server_default="0"),
    Column("nik_window_at", Big, nullable=False, server_default="0"),
    Column("wrong_niks", Integer, nullable=False, server_default="0"),
    # Known by a phone number alone, which may pass to somebody else.
    Column("by_number", SmallInteger, nullable=False, server_default="0"),
    # The digest of the address last used, sealed in `sealed`; NULL for that of the row itself.
    Column("in_use", LargeBinary),
    # Whether something waits in the outbox until the person writes.
    Column("held", SmallInteger, nullable=False, server_default="0"),
    Column("join_window_at", Big, nullable=False, server_default="0"),
    Column("joins", Integer, nullable=False, server_default="0"),
    partial("ix_addresses_strangers", "last_in_at", where="sealed IS NULL"),
)

# Other addresses that lead to the same person: the number of an account that has another id, an account at another
# network that was joined. The row's own stands here as well while another one is in use, sealed.
aliases = Table(
    "aliases",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_digest", LargeBinary, nullable=False, unique=True),
    Column("address_id", Big, ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False),
    # Of a phone number: the lasting id it came with; NULL where the account is known by the number alone.
    Column("account_digest", LargeBinary),
    Column("by_number", SmallInteger, nullable=False, server_default="0"),
    # The address, of people we know.
    Column("sealed", LargeBinary),
    Column("at", Big, nullable=False),
    CheckConstraint("account_digest IS NULL OR by_number = 1", name="only_a_number_belongs_to_an_account"),
    Index(None, "address_id"),
    partial("ix_aliases_account", "account_digest", where="account_digest IS NOT NULL"),
)

# A code by which the person at one address goes on at another. `joined_id` is who was at the other address before,
# `alias_id` what leads from there to the person now.
joins = Table(
    "joins",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id", ondelete="CASCADE"), nullable=False),
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big, nullable=False),
    Column("joined_id", Big),
    Column("alias_id", Big),
    # Both addresses and what undoing needs, sealed: who was there before is told, and may undo it until `undo_until`.
    Column("sealed", LargeBinary),
    Column("joined_at", Big),
    Column("undo_until", Big),
    CheckConstraint(one_of("state", ("open", "used", "undone", "closed")), name="state"),
    CheckConstraint("state <> 'used' OR (joined_id IS NOT NULL AND undo_until IS NOT NULL)", name="used_by_somebody"),
    Index(None, "address_id"),
    Index(None, "created_at"),
    partial("ix_joins_joined", "joined_id", where="joined_id IS NOT NULL"),
    partial("ix_joins_undo", "undo_until", where="state = 'used'"),
)

progress = Table(
    "progress",
    metadata,
    Column("address_id", Big, ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True),
    Column("form", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("registration_id", Big),
    Column("sealed", LargeBinary, nullable=False),
    Column("since", Big, nullable=False),
    Column("reminded", SmallInteger, nullable=False, server_default="0"),
    Column("remind_at", Big),
    partial("ix_progress_remind_at", "remind_at", where="remind_at IS NOT NULL"),
)

registrations = Table(
    "registrations",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("previous_status", Text),
    Column("version", Integer, nullable=False),
    Column("receipt", Text, unique=True),
    Column("duplicate_of", Big, ForeignKey("registrations.id")),
    Column("area", Text),
    Column("district", Text),
    Column("occupation", Text),
    Column("gender", Text),
    Column("birth_year", Integer),
    Column("nik_digest", LargeBinary),
    Column("birth_digest", LargeBinary),
    Column("phone_digest", LargeBinary),
    Column("has_photo", SmallInteger, nullable=False, server_default="0"),
    Column("out_of_area", SmallInteger, nullable=False, server_default="0"),
    Column("for_other", SmallInteger, nullable=False, server_default="0"),
    Column("priority", SmallInteger, nullable=False, server_default="1"),
    Column("created_at", Big, nullable=False),
    Column("submitted_at", Big),
    Column("queued_at", Big),
    Column("status_at", Big, nullable=False),
    Column("officer_id", Big),
    Column("leased_until", Big),
    # The event at which it was begun.
    Column("event_id", Big),
    CheckConstraint(one_of("status", Status), name="status"),
    CheckConstraint(f"previous_status IS NULL OR {_LEGAL}", name="legal_move"),
    CheckConstraint("previous_status IS NOT NULL OR status = 'draft'", name="begins_as_draft"),
    CheckConstraint("status IN ('draft', 'cancelled', 'erased', 'deceased') OR receipt IS NOT NULL", name="receipt"),
    CheckConstraint("priority BETWEEN 0 AND 2", name="priority"),
    CheckConstraint("officer_id IS NULL OR status = 'in_review'", name="only_a_case_in_review_is_held"),
    Index(None, "address_id"),
    # One NIK, one active registration (domain.md 2.9); a second one is stored beside it as a duplicate.
    partial(
        "uq_registrations_active_nik",
        "nik_digest",
        unique=True,
        where=f"nik_digest IS NOT NULL AND duplicate_of IS NULL AND {one_of('status', ACTIVE)}",
    ),
    partial("ix_registrations_nik", "nik_digest", where="nik_digest IS NOT NULL"),
    partial("ix_registrations_queue", "priority", "queued_at", "id", where="status = 'submitted'"),
    partial(
        "ix_registrations_queue_district",
        "district",
        "priority",
        "queued_at",
        "id",
        where="status = 'submitted'",
    ),
    partial("ix_registrations_queue_area", "area", "priority", "queued_at", "id", where="status = 'submitted'"),
    partial("ix_registrations_event", "event_id", where="event_id IS NOT NULL"),
    partial("ix_registrations_lease", "leased_until", where="leased_until IS NOT NULL"),
    partial("ix_registrations_officer", "officer_id", where="officer_id IS NOT NULL"),
    partial("ix_registrations_birth", "birth_digest", where="birth_digest IS NOT NULL"),
    partial("ix_registrations_phone", "phone_digest", where="phone_digest IS NOT NULL"),
    # No index on the state as such: SQLite would take it for the queue's, and read all that waits.
    partial("ix_registrations_draft", "status_at", where="status = 'draft'"),
    partial("ix_registrations_rejected", "status_at", where="status = 'rejected'"),
    partial("ix_registrations_in_review", "status_at", where="status = 'in_review'"),
    partial("ix_registrations_duplicate", "duplicate_of", where="duplicate_of IS NOT NULL"),
    Index(None, "submitted_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("at", Big, nullable=False),
    PrimaryKeyConstraint("registration_id", "question", "version"),
    sqlite_with_rowid=False,
)

name_words = Table(
    "name_words",
    metadata,
    Column("word_digest", LargeBinary, nullable=False),
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("word_digest", "registration_id"),
    Index(None, "registration_id"),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("registration_id", Big),
    Column("kind", Text, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("answer", SmallInteger, nullable=False),
    Column("at", Big, nullable=False),
    CheckConstraint(one_of("kind", ("registration", "notices")), name="kind"),
    Index(None, "address_id"),
)

media = Table(
    "media",
    metadata,
    Column("name", Text, primary_key=True),
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("flaws", Text, nullable=False, server_default=""),
    Column("at", Big, nullable=False),
    Index(None, "registration_id"),
)

status_changes = Table(
    "status_changes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("registration_id", Big, ForeignKey("registrations.id"), nullable=False),
    Column("from_status", Text, nullable=False),
    Column("to_status", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", Big),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Big, nullable=False),
    CheckConstraint(_LEGAL_CHANGE, name="legal_move"),
    CheckConstraint(one_of("actor", Actor), name="actor"),
    CheckConstraint("to_status NOT IN ('needs_correction', 'rejected') OR reason <> ''", name="reason_given"),
    Index(None, "registration_id"),
    partial(
        "ix_status_changes_decided",
        "at",
        where="to_status IN ('verified', 'needs_correction', 'rejected') AND actor = 'officer'",
    ),
)

officers = Table(
    "officers",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("noticed_at", Big, nullable=False, server_default="0"),
    Column("notice_due", Big),
    Column("search_window_at", Big, nullable=False, server_default="0"),
    Column("searches", Integer, nullable=False, server_default="0"),
    CheckConstraint(one_of("role", Role), name="role"),
    CheckConstraint(one_of("state", ("active", "suspended", "removed")), name="state"),
    partial("ix_officers_notice_due", "notice_due", where="notice_due IS NOT NULL"),
)

officer_areas = Table(
    "officer_areas",
    metadata,
    Column("officer_id", Big, ForeignKey("officers.id", ondelete="CASCADE"), nullable=False),
    Column("code", Text, nullable=False),
    PrimaryKeyConstraint("officer_id", "code"),
)

invites = Table(
    "invites",
    metadata,
    Column("id", Big, primary_key=True),
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("areas", Text, nullable=False, server_default=""),
    Column("created_by", Big),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big, nullable=False),
    Column("used_at", Big),
    Column("used_by", Big),
    CheckConstraint(one_of("role", Role), name="role"),
)

pending_decisions = Table(
    "pending_decisions",
    metadata,
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True),
    Column("officer_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("decided", Text, nullable=False),
    Column("reasons", Text, nullable=False, server_default=""),
    Column("sealed", LargeBinary),
    Column("prompt", Big),
    Column("at", Big, nullable=False),
    Column("due_at", Big, nullable=False),
    CheckConstraint(one_of("decided", Decided), name="decided"),
    CheckConstraint("decided = 'approve' OR reasons <> ''", name="reason_given"),
    Index(None, "due_at"),
    Index(None, "officer_id"),
)

# What an officer is in the middle of: choosing reasons, writing a note. One thing at a time.
desks = Table(
    "desks",
    metadata,
    Column("officer_id", Big, ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Text, nullable=False),
    Column("registration_id", Big),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("reasons", Text, nullable=False, server_default=""),
    Column("sealed", LargeBinary),
    Column("prompt", Big),
    Column("at", Big, nullable=False),
)

views = Table(
    "views",
    metadata,
    Column("id", Big, primary_key=True),
    Column("registration_id", Big, ForeignKey("registrations.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("officer_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("prompt", Big),
    Column("at", Big, nullable=False),
    CheckConstraint(one_of("kind", ("card", "ktp", "search", "history")), name="kind"),
    Index(None, "registration_id", "officer_id"),
)

# What the office should know besides the answers: a note of a worker after the check, of an officer at a decision.
notes = Table(
    "notes",
    metadata,
    Column("id", Big, primary_key=True),
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", Big),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Big, nullable=False),
    CheckConstraint(one_of("actor", Actor), name="actor"),
    Index(None, "registration_id"),
)

enquiries = Table(
    "enquiries",
    metadata,
    Column("number", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("area", Text),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("asked_at", Big, nullable=False),
    Column("answered_at", Big),
    Column("officer_id", Big),
    CheckConstraint(one_of("state", ("open", "answered")), name="state"),
    Index(None, "address_id"),
    partial("ix_enquiries_open", "asked_at", where="state = 'open'"),
)

objections = Table(
    "objections",
    metadata,
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Big, nullable=False),
    Column("decided_at", Big),
    Column("officer_id", Big),
    CheckConstraint(one_of("state", ("open", "granted", "refused")), name="state"),
    partial("ix_objections_open", "at", where="state = 'open'"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("of_id", Big),
    Column("registration_id", Big),
    Column("sealed", LargeBinary),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Big, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("sent_at", Big),
    Column("sent_id", Text),
    Column("code", Text, nullable=False, server_default=""),
    Column("broadcast_id", Big),
    # The network has told that only a late text is let in.
    Column("late", SmallInteger, nullable=False, server_default="0"),
    # "accepted": the network has it and tells later what became of it. "shut": free text comes too late and there is no
    # late text, or it only knocks; goes out when the person writes, and nothing waits behind it.
    CheckConstraint(
        one_of("state", ("waiting", "held", "shut", "lined", "claimed", "accepted", "sent", "dead")), name="state"
    ),
    # 0 answers, 1 notices to the office, 2 broadcasts, 3 what is for the network alone and stands in nobody's order.
    CheckConstraint("lane BETWEEN 0 AND 3", name="lane"),
    CheckConstraint("state <> 'sent' OR sealed IS NULL", name="what_was_sent_is_forgotten"),
    # Broadcasts have states of their own, so that answers never wait behind them; their text is written when sent.
    CheckConstraint("(lane = 2) = (broadcast_id IS NOT NULL)", name="broadcast"),
    CheckConstraint("lane <> 2 OR state IN ('lined', 'claimed', 'sent')", name="lane_of_broadcasts"),
    CheckConstraint("lane = 2 OR state NOT IN ('lined', 'claimed')", name="lane_of_answers"),
    Index(None, "address_id"),
    partial("ix_outbox_waiting", "channel", "lane", "id", where="state = 'waiting'"),
    partial("ix_outbox_address_waiting", "address_id", "id", where="state IN ('waiting', 'held')"),
    partial("ix_outbox_dead", "id", where="state = 'dead'"),
    partial("ix_outbox_registration", "registration_id", where="registration_id IS NOT NULL"),
    partial("ix_outbox_sent", "sent_at", where="state = 'sent'"),
    partial("ix_outbox_lined", "channel", "next_at", "id", where="state = 'lined'"),
    partial("ix_outbox_claimed", "channel", "id", where="state = 'claimed'"),
    partial("ix_outbox_accepted", "sent_at", where="state = 'accepted'"),
    partial("ix_outbox_shut", "address_id", "id", where="state = 'shut'"),
)

# The ready answers a person was offered last, where they may be picked by number.
offers = Table(
    "offers",
    metadata,
    Column("address_id", Big, ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True),
    Column("outbox_id", Big, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Big, nullable=False),
)

# Whom we wrote to first at a network, and when last: it allows only so many people within a day.
openings = Table(
    "openings",
    metadata,
    Column("channel", Text, nullable=False),
    Column("address_id", Big, nullable=False),
    Column("at", Big, nullable=False),
    PrimaryKeyConstraint("channel", "address_id"),
    Index("ix_openings_at", "channel", "at"),
    sqlite_with_rowid=False,
)

# How a network judges our late texts; read from it again and again.
late_texts = Table(
    "late_texts",
    metadata,
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Big, nullable=False),
    PrimaryKeyConstraint("channel", "name"),
)

# Links to a page of ours that shows photo and NIK once, to one browser.
peeks = Table(
    "peeks",
    metadata,
    Column("id", Big, primary_key=True),
    Column("token_digest", LargeBinary, nullable=False, unique=True),
    Column("officer_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("registration_id", Big, ForeignKey("registrations.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big, nullable=False),
    Column("used_at", Big),
    Index(None, "registration_id"),
    Index(None, "expires_at"),
)

# Messages that show a NIK or a photo and must go when the hold on the case ends.
sensitive = Table(
    "sensitive",
    metadata,
    Column("id", Big, primary_key=True),
    Column("officer_id", Big, ForeignKey("officers.id"), nullable=False),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("registration_id", Big),
    Column("outbox_id", Big),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("until", Big, nullable=False),
    Index(None, "officer_id"),
    Index(None, "registration_id"),
    Index(None, "until"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("address_id", Big, ForeignKey("addresses.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", Big, nullable=False),
    Column("created_at", Big, nullable=False),
    CheckConstraint(one_of("state", ("file", "behind", "failed")), name="state"),
    Index(None, "address_id", "id"),
    partial("ix_inbox_file", "next_at", where="state = 'file'"),
    partial("ix_inbox_behind", "address_id", "id", where="state = 'behind'"),
    partial("ix_inbox_failed", "id", where="state = 'failed'"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Big, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", Big),
    Column("action", Text, nullable=False),
    Column("registration_id", Big),
    Column("detail", Text, nullable=False, server_default=""),
    Column("seal_id", Big),
    CheckConstraint(one_of("actor", Actor), name="actor"),
    Index(None, "registration_id"),
    Index(None, "seal_id"),
)

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Big, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("pruned", SmallInteger, nullable=False, server_default="0"),
    partial("ix_audit_seals_unpruned", "at", where="pruned = 0"),
)

# A proof that somebody's data was here and is gone: a keyed hash, a date and a reason, nothing else.
tombstones = Table(
    "tombstones",
    metadata,
    Column("id", Big, primary_key=True),
    Column("subject_digest", LargeBinary, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("at", Big, nullable=False),
    Index(None, "subject_digest"),
)
