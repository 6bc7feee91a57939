"""Statements about the ready answers that a person may pick by number."""

from storage.statement import Statement

PUT = Statement(
    "INSERT INTO offers (address_id, outbox_id, sealed, at) VALUES (:address_id, :outbox_id, :sealed, :at)"
    " ON CONFLICT (address_id) DO UPDATE SET outbox_id = :outbox_id, sealed = :sealed, at = :at"
)
GET = Statement("SELECT outbox_id, sealed, at FROM offers WHERE address_id = :address_id")
# Whatever was offered, for something else was said since.
END = Statement("DELETE FROM offers WHERE address_id = :address_id")
# Of people who never agreed not even this stays, once their talk is over.
FORGET_STRANGERS = Statement(
    "DELETE FROM offers WHERE address_id IN (SELECT a.id FROM addresses AS a WHERE a.sealed IS NULL)"
    " AND at < :before AND NOT EXISTS (SELECT 1 FROM progress AS p WHERE p.address_id = offers.address_id)"
)
# The choices of one message, if they are still those offered last.
END_OF = Statement("DELETE FROM offers WHERE address_id = :address_id AND outbox_id = :outbox_id")
