"""Statements about going on at another address by a code, and undoing it."""

from storage.statement import Statement

ADD = Statement(
    "INSERT INTO joins (id, address_id, code_digest, state, created_at, expires_at)"
    " VALUES (:id, :address_id, :code_digest, 'open', :at, :expires_at)"
)
# One open code for each person.
CLOSE_OPEN = Statement("UPDATE joins SET state = 'closed' WHERE address_id = :address_id AND state = 'open'")
_COLUMNS = "id, address_id, state, tries, expires_at, joined_id, alias_id, sealed, undo_until"
BY_CODE = Statement(f"SELECT {_COLUMNS} FROM joins WHERE code_digest = :code_digest", lock=True)
USED = Statement(
    f"SELECT {_COLUMNS} FROM joins WHERE address_id = :address_id AND state = 'used' ORDER BY id DESC", lock=True
)
TRY = Statement("UPDATE joins SET tries = tries + 1 WHERE id = :id")
EXTEND = Statement("UPDATE joins SET expires_at = :expires_at WHERE id = :id")
CLOSE = Statement("UPDATE joins SET state = :state, sealed = NULL WHERE id = :id")
USE = Statement(
    "UPDATE joins SET state = 'used', joined_id = :joined_id, alias_id = :alias_id, sealed = :sealed, joined_at = :at,"
    " undo_until = :undo_until WHERE id = :id"
)
# What cannot be undone any more, for who was there before has had a day.
LAPSED = Statement(
    f"SELECT {_COLUMNS} FROM joins WHERE state = 'used' AND undo_until <= :now ORDER BY undo_until LIMIT :limit"
)
STILL_USED = Statement(f"SELECT {_COLUMNS} FROM joins WHERE id = :id AND state = 'used'", lock=True)
FORGET_OLD = Statement("DELETE FROM joins WHERE created_at < :before AND state <> 'used'")
FORGET_PERSON = Statement("DELETE FROM joins WHERE address_id = :address_id")
TRIES_OF_DAY = Statement("SELECT join_window_at AS since, joins AS n FROM addresses WHERE id = :id")
SET_TRIES_OF_DAY = Statement("UPDATE addresses SET join_window_at = :since, joins = :n WHERE id = :id")

NOTICES = Statement("SELECT notices FROM addresses WHERE id = :id")
# Who was at the new address: kept aside, where no notice and no broadcast finds them.
SET_ASIDE = Statement("UPDATE addresses SET sealed = NULL, notices = NULL, in_use = NULL, held = 0 WHERE id = :id")
RESTORE = Statement(
    "UPDATE addresses SET sealed = :sealed, notices = :notices, channel = :channel, unreachable_at = NULL"
    " WHERE id = :id"
)
END_PROGRESS = Statement("DELETE FROM progress WHERE address_id = :address_id")
OPEN_ENQUIRIES = Statement("SELECT number FROM enquiries WHERE address_id = :address_id AND state = 'open'")
GIVE_ENQUIRY = Statement("UPDATE enquiries SET address_id = :address_id WHERE number = :number")
GIVE_CONSENTS = Statement("UPDATE consents SET address_id = :address_id WHERE address_id = :joined_id")
DROP_CONSENTS_ASIDE = Statement(
    "DELETE FROM consents WHERE address_id IN"
    " (SELECT j.joined_id FROM joins AS j WHERE j.address_id = :address_id AND j.state = 'used')"
)
