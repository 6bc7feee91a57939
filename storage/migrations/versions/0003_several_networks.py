"""Several networks: other addresses of the same person, receipts, late texts, ready answers by number, a page for NIKs.

Frozen: what changes later is a step of its own. Not for: what the tables mean (storage/schema.py).
"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _addresses()
    _outbox()
    _broadcasts()
    _aliases()
    _joins()
    _offers()
    _openings()
    _late_texts()
    _peeks()


def _recreate() -> Literal["always", "never"]:
    """SQLite changes no CHECK in place, and writes an added column down otherwise than a new table."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _addresses() -> None:
    with op.batch_alter_table("addresses", recreate=_recreate()) as table:
        table.add_column(sa.Column("by_number", sa.SmallInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("in_use", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("held", sa.SmallInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("join_window_at", Big, server_default="0", nullable=False))
        table.add_column(sa.Column("joins", sa.Integer(), server_default="0", nullable=False))


def _outbox() -> None:
    with op.batch_alter_table("outbox", recreate=_recreate()) as table:
        table.add_column(sa.Column("late", sa.SmallInteger(), server_default="0", nullable=False))
        table.drop_constraint(op.f("ck_outbox_state"), type_="check")
        table.create_check_constraint(
            op.f("ck_outbox_state"),
            "state IN ('accepted', 'claimed', 'dead', 'held', 'lined', 'sent', 'shut', 'waiting')",
        )
        table.drop_constraint(op.f("ck_outbox_lane"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_lane"), "lane BETWEEN 0 AND 3")
        table.drop_constraint(op.f("ck_outbox_lane_of_broadcasts"), type_="check")
        table.create_check_constraint(
            op.f("ck_outbox_lane_of_broadcasts"), "lane <> 2 OR state IN ('lined', 'claimed', 'sent')"
        )
    for name, columns, where in (
        ("ix_outbox_accepted", ["sent_at"], "state = 'accepted'"),
        ("ix_outbox_shut", ["address_id", "id"], "state = 'shut'"),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _broadcasts() -> None:
    with op.batch_alter_table("broadcasts", recreate=_recreate()) as table:
        table.add_column(sa.Column("networks", sa.Text(), server_default="{}", nullable=False))


def _aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_digest", sa.LargeBinary(), nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("account_digest", sa.LargeBinary(), nullable=True),
        sa.Column("by_number", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", Big, nullable=False),
        sa.CheckConstraint(
            "account_digest IS NULL OR by_number = 1", name=op.f("ck_aliases_only_a_number_belongs_to_an_account")
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_aliases_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint("address_digest", name=op.f("uq_aliases_address_digest")),
    )
    op.create_index(op.f("ix_aliases_address_id"), "aliases", ["address_id"])
    where = sa.text("account_digest IS NOT NULL")
    op.create_index("ix_aliases_account", "aliases", ["account_digest"], sqlite_where=where, postgresql_where=where)


def _joins() -> None:
    op.create_table(
        "joins",
        sa.Column("id", Big, nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("expires_at", Big, nullable=False),
        sa.Column("joined_id", Big, nullable=True),
        sa.Column("alias_id", Big, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("joined_at", Big, nullable=True),
        sa.Column("undo_until", Big, nullable=True),
        sa.CheckConstraint("state IN ('closed', 'open', 'undone', 'used')", name=op.f("ck_joins_state")),
        sa.CheckConstraint(
            "state <> 'used' OR (joined_id IS NOT NULL AND undo_until IS NOT NULL)",
            name=op.f("ck_joins_used_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_joins_address_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joins")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_joins_code_digest")),
    )
    op.create_index(op.f("ix_joins_address_id"), "joins", ["address_id"])
    op.create_index(op.f("ix_joins_created_at"), "joins", ["created_at"])
    for name, column, where in (
        ("ix_joins_joined", "joined_id", "joined_id IS NOT NULL"),
        ("ix_joins_undo", "undo_until", "state = 'used'"),
    ):
        op.create_index(name, "joins", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("address_id", Big, nullable=False),
        sa.Column("outbox_id", Big, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_offers_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_offers")),
    )


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_id", Big, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_id", name=op.f("pk_openings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_openings_at", "openings", ["channel", "at"])


def _late_texts() -> None:
    op.create_table(
        "late_texts",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("channel", "name", name=op.f("pk_late_texts")),
    )


def _peeks() -> None:
    op.create_table(
        "peeks",
        sa.Column("id", Big, nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", Big, nullable=False),
        sa.Column("registration_id", Big, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("expires_at", Big, nullable=False),
        sa.Column("used_at", Big, nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_peeks_officer_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_peeks_registration_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peeks")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_peeks_token_digest")),
    )
    op.create_index(op.f("ix_peeks_registration_id"), "peeks", ["registration_id"])
    op.create_index(op.f("ix_peeks_expires_at"), "peeks", ["expires_at"])
