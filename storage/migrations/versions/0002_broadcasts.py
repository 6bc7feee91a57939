"""Broadcasts with their recipients, saved audiences, events and who comes to them.

Frozen: what changes later is a step of its own. Not for: what the tables mean (storage/schema_broadcasts.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _events()
    _broadcasts()
    _recipients()
    _audiences()
    _attendances()
    _papers()


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", Big, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at", Big, nullable=False),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("strangers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.CheckConstraint("state IN ('cancelled', 'planned')", name=op.f("ck_events_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("word", name=op.f("uq_events_word")),
    )
    op.create_index(op.f("ix_events_starts_at"), "events", ["starts_at"])


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", Big, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("previous_state", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", Big, nullable=False),
        sa.Column("owner_id", Big, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("photo", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("event_id", Big, nullable=True),
        sa.Column("approved_by", Big, nullable=True),
        sa.Column("start_at", Big, nullable=True),
        sa.Column("first_batch", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_by", Big, nullable=True),
        sa.Column("again", sa.Text(), server_default="", nullable=False),
        sa.Column("scanned", Big, server_default="0", nullable=False),
        sa.Column("scan_to", Big, server_default="0", nullable=False),
        sa.Column("bar", Big, nullable=True),
        sa.Column("bar_at", Big, server_default="0", nullable=False),
        sa.Column("bar_over", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bar_mark", Big, server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("prepared_at", Big, nullable=True),
        sa.Column("started_at", Big, nullable=True),
        sa.Column("ended_at", Big, nullable=True),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lined", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unclear", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left_out", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "kind IN ('announcement', 'cancellation', 'change', 'invitation', 'reminder')",
            name=op.f("ck_broadcasts_kind"),
        ),
        sa.CheckConstraint("previous_state IS NOT NULL OR state = 'draft'", name=op.f("ck_broadcasts_begins_as_draft")),
        sa.CheckConstraint(
            "previous_state IS NULL OR previous_state || '>' || state IN ('awaiting_approval>done',"
            " 'awaiting_approval>scheduled', 'awaiting_approval>stopped', 'done>awaiting_approval',"
            " 'done>scheduled', 'draft>preparing', 'draft>stopped',"
            " 'paused>scheduled', 'paused>stopped', 'prepared>awaiting_approval', 'prepared>scheduled',"
            " 'prepared>stopped', 'preparing>prepared', 'preparing>stopped', 'running>done',"
            " 'running>paused', 'running>stopped', 'scheduled>paused', 'scheduled>running',"
            " 'scheduled>stopped')",
            name=op.f("ck_broadcasts_legal_move"),
        ),
        sa.CheckConstraint("again IN ('', 'failed', 'unclear')", name=op.f("ck_broadcasts_again")),
        sa.CheckConstraint("state <> 'paused' OR code <> ''", name=op.f("ck_broadcasts_a_pause_has_a_reason")),
        sa.CheckConstraint(
            "state IN ('awaiting_approval', 'done', 'draft', 'paused', 'prepared', 'preparing', 'running',"
            " 'scheduled', 'stopped')",
            name=op.f("ck_broadcasts_state"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> created_by", name=op.f("ck_broadcasts_nobody_approves_their_own")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["officers.id"], name=op.f("fk_broadcasts_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["officers.id"], name=op.f("fk_broadcasts_created_by")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_broadcasts_event_id")),
        sa.ForeignKeyConstraint(["moved_by"], ["officers.id"], name=op.f("fk_broadcasts_moved_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["officers.id"], name=op.f("fk_broadcasts_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("number", name=op.f("uq_broadcasts_number")),
    )
    op.create_index(
        "ix_broadcasts_event",
        "broadcasts",
        ["event_id"],
        sqlite_where=sa.text("event_id IS NOT NULL"),
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_index(
        "ix_broadcasts_open",
        "broadcasts",
        ["state", "id"],
        sqlite_where=sa.text("state NOT IN ('done', 'stopped')"),
        postgresql_where=sa.text("state NOT IN ('done', 'stopped')"),
    )


def _recipients() -> None:
    op.create_table(
        "recipients",
        sa.Column("broadcast_id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("person_id", Big, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("shared", sa.SmallInteger(), nullable=False),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("opted_out", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('blocked', 'delivered', 'failed', 'left_out', 'lined', 'sent', 'skipped',"
            " 'unclear', 'waiting')",
            name=op.f("ck_recipients_outcome"),
        ),
        sa.CheckConstraint(
            "outcome NOT IN ('left_out', 'failed', 'skipped') OR code <> ''", name=op.f("ck_recipients_reason_given")
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_recipients_broadcast_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "address_id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("broadcast_id", "person_id", name=op.f("uq_recipients_broadcast_id_person_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_recipients_waiting",
        "recipients",
        ["broadcast_id", "channel", "address_id"],
        sqlite_where=sa.text("outcome = 'waiting'"),
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_index(
        "ix_recipients_faults",
        "recipients",
        ["broadcast_id", "outcome", "code"],
        sqlite_where=sa.text("outcome IN ('failed', 'skipped', 'unclear')"),
        postgresql_where=sa.text("outcome IN ('failed', 'skipped', 'unclear')"),
    )
    op.create_index(
        "ix_recipients_opted_out",
        "recipients",
        ["broadcast_id", "opted_out"],
        sqlite_where=sa.text("opted_out = 1"),
        postgresql_where=sa.text("opted_out = 1"),
    )


def _audiences() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", Big, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("created_by", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("name", name=op.f("uq_audiences_name")),
    )


def _attendances() -> None:
    op.create_table(
        "attendances",
        sa.Column("event_id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", Big, nullable=True),
        sa.Column("present_at", Big, nullable=True),
        sa.CheckConstraint("answer IS NULL OR answer IN ('comes', 'declines')", name=op.f("ck_attendances_answer")),
        sa.CheckConstraint("answer IS NOT NULL OR present_at IS NOT NULL", name=op.f("ck_attendances_says_something")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_attendances_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "address_id", name=op.f("pk_attendances")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_attendances_address_id"), "attendances", ["address_id"])


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", Big, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", Big, nullable=False),
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint("kind IN ('chart', 'event', 'poster', 'report', 'visits')", name=op.f("ck_papers_kind")),
        sa.CheckConstraint("state IN ('failed', 'made', 'wanted')", name=op.f("ck_papers_state")),
        sa.CheckConstraint("(state = 'made') = (name <> '')", name=op.f("ck_papers_made_has_a_file")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_papers_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(
        "ix_papers_wanted",
        "papers",
        ["next_at", "id"],
        sqlite_where=sa.text("state = 'wanted'"),
        postgresql_where=sa.text("state = 'wanted'"),
    )
