"""The first tables.

Frozen: what changes later is a step of its own. Not for: what the tables mean (storage/schema.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _addresses()
    _audit()
    _audit_seals()
    _invites()
    _meta()
    _seen()
    _tombstones()
    _consents()
    _enquiries()
    _inbox()
    _officers()
    _outbox()
    _progress()
    _registrations()
    _answers()
    _desks()
    _media()
    _name_words()
    _notes()
    _objections()
    _officer_areas()
    _pending_decisions()
    _sensitive()
    _status_changes()
    _views()


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", Big, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("last_in_at", Big, nullable=False),
        sa.Column("unreachable_at", Big, nullable=True),
        sa.Column("notices", sa.SmallInteger(), nullable=True),
        sa.Column("window_at", Big, server_default="0", nullable=False),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("photo_window_at", Big, server_default="0", nullable=False),
        sa.Column("photos", sa.Integer(), server_default="0", nullable=False),
        sa.Column("nik_window_at", Big, server_default="0", nullable=False),
        sa.Column("wrong_niks", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("address_digest", name=op.f("uq_addresses_address_digest")),
    )
    op.create_index(
        "ix_addresses_strangers",
        "addresses",
        ["last_in_at"],
        sqlite_where=sa.text("sealed IS NULL"),
        postgresql_where=sa.text("sealed IS NULL"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", Big, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("seal_id", Big, nullable=True),
        sa.CheckConstraint(
            "actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker')", name=op.f("ck_audit_actor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_registration_id"), "audit", ["registration_id"])
    op.create_index(op.f("ix_audit_seal_id"), "audit", ["seal_id"])


def _audit_seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("pruned", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
    )
    op.create_index(
        "ix_audit_seals_unpruned",
        "audit_seals",
        ["at"],
        sqlite_where=sa.text("pruned = 0"),
        postgresql_where=sa.text("pruned = 0"),
    )


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", Big, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("areas", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", Big, nullable=True),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("expires_at", Big, nullable=False),
        sa.Column("used_at", Big, nullable=True),
        sa.Column("used_by", Big, nullable=True),
        sa.CheckConstraint("role IN ('admin', 'officer')", name=op.f("ck_invites_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_invites_code_digest")),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seen")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_seen_at"), "seen", ["at"])


def _tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("id", Big, nullable=False),
        sa.Column("subject_digest", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("number", name=op.f("uq_tombstones_number")),
    )
    op.create_index(op.f("ix_tombstones_subject_digest"), "tombstones", ["subject_digest"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint("kind IN ('notices', 'registration')", name=op.f("ck_consents_kind")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_consents_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_address_id"), "consents", ["address_id"])


def _enquiries() -> None:
    op.create_table(
        "enquiries",
        sa.Column("number", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", Big, nullable=False),
        sa.Column("answered_at", Big, nullable=True),
        sa.Column("officer_id", Big, nullable=True),
        sa.CheckConstraint("state IN ('answered', 'open')", name=op.f("ck_enquiries_state")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_enquiries_address_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_enquiries")),
    )
    op.create_index(op.f("ix_enquiries_address_id"), "enquiries", ["address_id"])
    op.create_index(
        "ix_enquiries_open",
        "enquiries",
        ["asked_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.CheckConstraint("state IN ('behind', 'failed', 'file')", name=op.f("ck_inbox_state")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_inbox_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_address_id_id"), "inbox", ["address_id", "id"])
    op.create_index(
        "ix_inbox_behind",
        "inbox",
        ["address_id", "id"],
        sqlite_where=sa.text("state = 'behind'"),
        postgresql_where=sa.text("state = 'behind'"),
    )
    op.create_index(
        "ix_inbox_failed",
        "inbox",
        ["id"],
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_inbox_file",
        "inbox",
        ["next_at"],
        sqlite_where=sa.text("state = 'file'"),
        postgresql_where=sa.text("state = 'file'"),
    )


def _officers() -> None:
    op.create_table(
        "officers",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("noticed_at", Big, server_default="0", nullable=False),
        sa.Column("notice_due", Big, nullable=True),
        sa.Column("search_window_at", Big, server_default="0", nullable=False),
        sa.Column("searches", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("role IN ('admin', 'officer')", name=op.f("ck_officers_role")),
        sa.CheckConstraint("state IN ('active', 'removed', 'suspended')", name=op.f("ck_officers_state")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_officers_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("address_id", name=op.f("uq_officers_address_id")),
    )
    op.create_index(
        "ix_officers_notice_due",
        "officers",
        ["notice_due"],
        sqlite_where=sa.text("notice_due IS NOT NULL"),
        postgresql_where=sa.text("notice_due IS NOT NULL"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("of_id", Big, nullable=True),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("sent_at", Big, nullable=True),
        sa.Column("sent_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("broadcast_id", Big, nullable=True),
        sa.CheckConstraint("state <> 'sent' OR sealed IS NULL", name=op.f("ck_outbox_what_was_sent_is_forgotten")),
        sa.CheckConstraint(
            "state IN ('claimed', 'dead', 'held', 'lined', 'sent', 'waiting')", name=op.f("ck_outbox_state")
        ),
        sa.CheckConstraint("(lane = 2) = (broadcast_id IS NOT NULL)", name=op.f("ck_outbox_broadcast")),
        sa.CheckConstraint(
            "lane < 2 OR state IN ('lined', 'claimed', 'sent')", name=op.f("ck_outbox_lane_of_broadcasts")
        ),
        sa.CheckConstraint("lane = 2 OR state NOT IN ('lined', 'claimed')", name=op.f("ck_outbox_lane_of_answers")),
        sa.CheckConstraint("lane BETWEEN 0 AND 2", name=op.f("ck_outbox_lane")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_outbox_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_address_id"), "outbox", ["address_id"])
    op.create_index(
        "ix_outbox_address_waiting",
        "outbox",
        ["address_id", "id"],
        sqlite_where=sa.text("state IN ('waiting', 'held')"),
        postgresql_where=sa.text("state IN ('waiting', 'held')"),
    )
    op.create_index(
        "ix_outbox_dead",
        "outbox",
        ["id"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_outbox_registration",
        "outbox",
        ["registration_id"],
        sqlite_where=sa.text("registration_id IS NOT NULL"),
        postgresql_where=sa.text("registration_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_sent",
        "outbox",
        ["sent_at"],
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["channel", "lane", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_outbox_lined",
        "outbox",
        ["channel", "next_at", "id"],
        sqlite_where=sa.text("state = 'lined'"),
        postgresql_where=sa.text("state = 'lined'"),
    )
    op.create_index(
        "ix_outbox_claimed",
        "outbox",
        ["channel", "id"],
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )


def _progress() -> None:
    op.create_table(
        "progress",
        sa.Column("address_id", Big, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.Column("reminded", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("remind_at", Big, nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_progress_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_progress")),
    )
    op.create_index(
        "ix_progress_remind_at",
        "progress",
        ["remind_at"],
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("previous_status", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("duplicate_of", Big, nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("occupation", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("nik_digest", sa.LargeBinary(), nullable=True),
        sa.Column("birth_digest", sa.LargeBinary(), nullable=True),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("has_photo", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("out_of_area", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("for_other", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("submitted_at", Big, nullable=True),
        sa.Column("queued_at", Big, nullable=True),
        sa.Column("status_at", Big, nullable=False),
        sa.Column("officer_id", Big, nullable=True),
        sa.Column("leased_until", Big, nullable=True),
        sa.Column("event_id", Big, nullable=True),
        sa.CheckConstraint(
            "officer_id IS NULL OR status = 'in_review'", name=op.f("ck_registrations_only_a_case_in_review_is_held")
        ),
        sa.CheckConstraint(
            "previous_status IS NOT NULL OR status = 'draft'", name=op.f("ck_registrations_begins_as_draft")
        ),
        sa.CheckConstraint(
            (
                "previous_status IS NULL OR previous_status || '>' || status IN ('active>deceased', "
                "'active>erased', 'active>expired', 'active>grace', 'cancelled>deceased', "
                "'cancelled>erased', 'deceased>erased', 'draft>cancelled', 'draft>deceased', "
                "'draft>erased', 'draft>submitted', 'expired>deceased', 'expired>erased', "
                "'expired>submitted', 'funded>cancelled', 'funded>deceased', 'funded>erased', "
                "'funded>sent_to_bpjs', 'funded>waitlisted', 'grace>active', 'grace>deceased', "
                "'grace>erased', 'grace>expired', 'in_review>cancelled', 'in_review>deceased', "
                "'in_review>erased', 'in_review>needs_correction', 'in_review>rejected', "
                "'in_review>submitted', 'in_review>verified', 'needs_correction>cancelled', "
                "'needs_correction>deceased', 'needs_correction>erased', 'needs_correction>rejected', "
                "'needs_correction>submitted', 'rejected>deceased', 'rejected>erased', "
                "'rejected>submitted', 'sent_to_bpjs>active', 'sent_to_bpjs>deceased', "
                "'sent_to_bpjs>erased', 'sent_to_bpjs>needs_correction', 'sent_to_bpjs>rejected', "
                "'submitted>cancelled', 'submitted>deceased', 'submitted>erased', 'submitted>in_review', "
                "'verified>cancelled', 'verified>deceased', 'verified>erased', 'verified>funded', "
                "'verified>waitlisted', 'waitlisted>cancelled', 'waitlisted>deceased', "
                "'waitlisted>erased', 'waitlisted>funded')"
            ),
            name=op.f("ck_registrations_legal_move"),
        ),
        sa.CheckConstraint(
            (
                "status IN ('active', 'cancelled', 'deceased', 'draft', 'erased', 'expired', 'funded', "
                "'grace', 'in_review', 'needs_correction', 'rejected', 'sent_to_bpjs', 'submitted', "
                "'verified', 'waitlisted')"
            ),
            name=op.f("ck_registrations_status"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'cancelled', 'erased', 'deceased') OR receipt IS NOT NULL",
            name=op.f("ck_registrations_receipt"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 2", name=op.f("ck_registrations_priority")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_registrations_address_id")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["registrations.id"], name=op.f("fk_registrations_duplicate_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("receipt", name=op.f("uq_registrations_receipt")),
    )
    op.create_index(op.f("ix_registrations_address_id"), "registrations", ["address_id"])
    op.create_index(
        "ix_registrations_birth",
        "registrations",
        ["birth_digest"],
        sqlite_where=sa.text("birth_digest IS NOT NULL"),
        postgresql_where=sa.text("birth_digest IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_lease",
        "registrations",
        ["leased_until"],
        sqlite_where=sa.text("leased_until IS NOT NULL"),
        postgresql_where=sa.text("leased_until IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_nik",
        "registrations",
        ["nik_digest"],
        sqlite_where=sa.text("nik_digest IS NOT NULL"),
        postgresql_where=sa.text("nik_digest IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_officer",
        "registrations",
        ["officer_id"],
        sqlite_where=sa.text("officer_id IS NOT NULL"),
        postgresql_where=sa.text("officer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_phone",
        "registrations",
        ["phone_digest"],
        sqlite_where=sa.text("phone_digest IS NOT NULL"),
        postgresql_where=sa.text("phone_digest IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_queue",
        "registrations",
        ["priority", "queued_at", "id"],
        sqlite_where=sa.text("status = 'submitted'"),
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_index(
        "ix_registrations_queue_area",
        "registrations",
        ["area", "priority", "queued_at", "id"],
        sqlite_where=sa.text("status = 'submitted'"),
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_index(
        "ix_registrations_queue_district",
        "registrations",
        ["district", "priority", "queued_at", "id"],
        sqlite_where=sa.text("status = 'submitted'"),
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_index(
        "ix_registrations_draft",
        "registrations",
        ["status_at"],
        sqlite_where=sa.text("status = 'draft'"),
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "ix_registrations_duplicate",
        "registrations",
        ["duplicate_of"],
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_index(
        "ix_registrations_in_review",
        "registrations",
        ["status_at"],
        sqlite_where=sa.text("status = 'in_review'"),
        postgresql_where=sa.text("status = 'in_review'"),
    )
    op.create_index(
        "ix_registrations_rejected",
        "registrations",
        ["status_at"],
        sqlite_where=sa.text("status = 'rejected'"),
        postgresql_where=sa.text("status = 'rejected'"),
    )
    op.create_index(op.f("ix_registrations_submitted_at"), "registrations", ["submitted_at"])
    op.create_index(
        "uq_registrations_active_nik",
        "registrations",
        ["nik_digest"],
        unique=True,
        sqlite_where=sa.text(
            "nik_digest IS NOT NULL AND duplicate_of IS NULL AND status IN ('active', 'funded', "
            "'grace', 'in_review', 'needs_correction', 'sent_to_bpjs', 'submitted', 'verified', "
            "'waitlisted')"
        ),
        postgresql_where=sa.text(
            "nik_digest IS NOT NULL AND duplicate_of IS NULL AND status IN ('active', 'funded', "
            "'grace', 'in_review', 'needs_correction', 'sent_to_bpjs', 'submitted', 'verified', "
            "'waitlisted')"
        ),
    )
    op.create_index(
        "ix_registrations_event",
        "registrations",
        ["event_id"],
        sqlite_where=sa.text("event_id IS NOT NULL"),
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_answers_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("registration_id", "question", "version", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )


def _desks() -> None:
    op.create_table(
        "desks",
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("prompt", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_desks_officer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_desks")),
    )


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("flaws", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_media_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_media")),
    )
    op.create_index(op.f("ix_media_registration_id"), "media", ["registration_id"])


def _name_words() -> None:
    op.create_table(
        "name_words",
        sa.Column("word_digest", sa.LargeBinary(), nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_name_words_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word_digest", "registration_id", name=op.f("pk_name_words")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_words_registration_id"), "name_words", ["registration_id"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", Big, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint(
            "actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker')", name=op.f("ck_notes_actor")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_notes_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_registration_id"), "notes", ["registration_id"])


def _objections() -> None:
    op.create_table(
        "objections",
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("decided_at", Big, nullable=True),
        sa.Column("officer_id", Big, nullable=True),
        sa.CheckConstraint("state IN ('granted', 'open', 'refused')", name=op.f("ck_objections_state")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_objections_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_objections")),
    )
    op.create_index(
        "ix_objections_open",
        "objections",
        ["at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _officer_areas() -> None:
    op.create_table(
        "officer_areas",
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_officer_areas_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("officer_id", "code", name=op.f("pk_officer_areas")),
    )


def _pending_decisions() -> None:
    op.create_table(
        "pending_decisions",
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("prompt", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.Column("due_at", Big, nullable=False),
        sa.CheckConstraint("decided = 'approve' OR reasons <> ''", name=op.f("ck_pending_decisions_reason_given")),
        sa.CheckConstraint("decided IN ('approve', 'correct', 'reject')", name=op.f("ck_pending_decisions_decided")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_pending_decisions_officer_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_pending_decisions_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_pending_decisions")),
    )
    op.create_index(op.f("ix_pending_decisions_due_at"), "pending_decisions", ["due_at"])
    op.create_index(op.f("ix_pending_decisions_officer_id"), "pending_decisions", ["officer_id"])


def _sensitive() -> None:
    op.create_table(
        "sensitive",
        sa.Column("id", Big, nullable=False),
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=True),
        sa.Column("outbox_id", Big, nullable=True),
        sa.Column("message_id", sa.Text(), server_default="", nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_sensitive_address_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_sensitive_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitive")),
    )
    op.create_index(op.f("ix_sensitive_officer_id"), "sensitive", ["officer_id"])
    op.create_index(op.f("ix_sensitive_registration_id"), "sensitive", ["registration_id"])
    op.create_index(op.f("ix_sensitive_until"), "sensitive", ["until"])


def _status_changes() -> None:
    op.create_table(
        "status_changes",
        sa.Column("id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("from_status", sa.Text(), nullable=False),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", Big, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint(
            "actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker')",
            name=op.f("ck_status_changes_actor"),
        ),
        sa.CheckConstraint(
            (
                "from_status || '>' || to_status IN ('active>deceased', 'active>erased', "
                "'active>expired', 'active>grace', 'cancelled>deceased', 'cancelled>erased', "
                "'deceased>erased', 'draft>cancelled', 'draft>deceased', 'draft>erased', "
                "'draft>submitted', 'expired>deceased', 'expired>erased', 'expired>submitted', "
                "'funded>cancelled', 'funded>deceased', 'funded>erased', 'funded>sent_to_bpjs', "
                "'funded>waitlisted', 'grace>active', 'grace>deceased', 'grace>erased', 'grace>expired', "
                "'in_review>cancelled', 'in_review>deceased', 'in_review>erased', "
                "'in_review>needs_correction', 'in_review>rejected', 'in_review>submitted', "
                "'in_review>verified', 'needs_correction>cancelled', 'needs_correction>deceased', "
                "'needs_correction>erased', 'needs_correction>rejected', 'needs_correction>submitted', "
                "'rejected>deceased', 'rejected>erased', 'rejected>submitted', 'sent_to_bpjs>active', "
                "'sent_to_bpjs>deceased', 'sent_to_bpjs>erased', 'sent_to_bpjs>needs_correction', "
                "'sent_to_bpjs>rejected', 'submitted>cancelled', 'submitted>deceased', "
                "'submitted>erased', 'submitted>in_review', 'verified>cancelled', 'verified>deceased', "
                "'verified>erased', 'verified>funded', 'verified>waitlisted', 'waitlisted>cancelled', "
                "'waitlisted>deceased', 'waitlisted>erased', 'waitlisted>funded')"
            ),
            name=op.f("ck_status_changes_legal_move"),
        ),
        sa.CheckConstraint(
            "to_status NOT IN ('needs_correction', 'rejected') OR reason <> ''",
            name=op.f("ck_status_changes_reason_given"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_status_changes_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_changes")),
    )
    op.create_index(op.f("ix_status_changes_registration_id"), "status_changes", ["registration_id"])
    op.create_index(
        "ix_status_changes_decided",
        "status_changes",
        ["at"],
        sqlite_where=sa.text("to_status IN ('verified', 'needs_correction', 'rejected') AND actor = 'officer'"),
        postgresql_where=sa.text("to_status IN ('verified', 'needs_correction', 'rejected') AND actor = 'officer'"),
    )


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("prompt", Big, nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint("kind IN ('card', 'history', 'ktp', 'search')", name=op.f("ck_views_kind")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_views_officer_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_views_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    op.create_index(op.f("ix_views_registration_id_officer_id"), "views", ["registration_id", "officer_id"])
