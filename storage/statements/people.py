"""Statements about addresses and where their people are in a form."""

from storage.statement import Statement

# A person writes, perhaps for the first time: the moment and the count of the running minute move on. From here the
# row is the lock under which everything of one person happens, one thing after the other. An alias leads to its row in
# the same statement, and whose the number is comes along, so that nothing more is asked while nothing is new.
ARRIVE = Statement(
    "INSERT INTO addresses AS a (id, channel, address_digest, by_number, created_at, last_in_at, window_at, messages)"
    " VALUES (:id, :channel, COALESCE((SELECT d.address_digest FROM aliases AS s JOIN addresses AS d"
    " ON d.id = s.address_id WHERE s.address_digest = :address_digest), :address_digest), :by_number, :at, :at, :at, 1)"
    " ON CONFLICT (address_digest) DO UPDATE SET last_in_at = excluded.last_in_at,"
    " window_at = CASE WHEN excluded.window_at - a.window_at < 60000 THEN a.window_at ELSE excluded.window_at END,"
    " messages = CASE WHEN excluded.window_at - a.window_at < 60000 THEN a.messages + 1 ELSE 1 END"
    " RETURNING id, sealed, notices, unreachable_at, held, messages, address_digest, in_use,"
    " (SELECT n.address_id FROM aliases AS n WHERE n.address_digest = :number_digest) AS number_of,"
    " (SELECT n.account_digest FROM aliases AS n WHERE n.address_digest = :number_digest) AS number_account"
)
# What the handlers ask about whoever writes: where they are in a form, whether something of theirs is parked, and
# whether they are an officer. A statement of its own, for it must see what was committed before the lock was had.
STANDING = Statement(
    "SELECT p.form, p.question, p.turn, p.registration_id, p.sealed, p.since, p.reminded,"
    " EXISTS (SELECT 1 FROM inbox AS i WHERE i.address_id = a.id AND i.state IN ('file', 'behind')) AS parked,"
    " EXISTS (SELECT 1 FROM officers AS o WHERE o.address_id = a.id) AS officer"
    " FROM addresses AS a LEFT JOIN progress AS p ON p.address_id = a.id WHERE a.id = :id"
)
ADDRESS_BY_ID = Statement("SELECT id, channel, sealed, notices, unreachable_at, held FROM addresses WHERE id = :id")
# The same, kept from others until the transaction ends: for what an officer does to somebody else's case.
LOCK_ADDRESS_BY_ID = Statement("SELECT id FROM addresses WHERE id = :id", lock=True)
# From the first yes on the address itself is kept, sealed, so that we can write first.
KEEP_ADDRESS = Statement(
    "UPDATE addresses SET sealed = :sealed, channel = :channel,"
    " in_use = CASE WHEN address_digest = :used_digest THEN NULL ELSE :used_digest END WHERE id = :id"
)
FORGET_ADDRESS = Statement(
    "UPDATE addresses SET sealed = NULL, notices = NULL, in_use = NULL, address_digest = :address_digest,"
    " by_number = :by_number WHERE id = :id"
)
SET_NOTICES = Statement("UPDATE addresses SET notices = :notices WHERE id = :id")
MARK_UNREACHABLE = Statement("UPDATE addresses SET unreachable_at = :at WHERE id = :id")
PHOTO_COUNT = Statement("SELECT photo_window_at AS since, photos AS n FROM addresses WHERE id = :id")
SET_PHOTO_COUNT = Statement("UPDATE addresses SET photo_window_at = :since, photos = :n WHERE id = :id")
NIK_COUNT = Statement("SELECT nik_window_at AS since, wrong_niks AS n FROM addresses WHERE id = :id")
SET_NIK_COUNT = Statement("UPDATE addresses SET nik_window_at = :since, wrong_niks = :n WHERE id = :id")
# Strangers who have been silent for so long are forgotten altogether, once nothing waits for them.
DROP_STRANGERS = Statement(
    "DELETE FROM addresses WHERE sealed IS NULL AND last_in_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.address_id = addresses.id)"
    " AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.address_id = addresses.id)"
    " AND NOT EXISTS (SELECT 1 FROM registrations WHERE registrations.address_id = addresses.id)"
    " AND NOT EXISTS (SELECT 1 FROM officers WHERE officers.address_id = addresses.id)"
    " AND NOT EXISTS (SELECT 1 FROM consents WHERE consents.address_id = addresses.id)"
    " AND NOT EXISTS (SELECT 1 FROM enquiries WHERE enquiries.address_id = addresses.id)"
)

CHANNEL_OF = Statement("SELECT channel FROM addresses WHERE id = :id")
LAST_IN = Statement("SELECT last_in_at FROM addresses WHERE id = :id")
PROGRESS = Statement(
    "SELECT form, question, turn, registration_id, sealed, since, reminded FROM progress WHERE address_id = :address_id"
)
SAVE_PROGRESS = Statement(
    "INSERT INTO progress (address_id, form, question, turn, registration_id, sealed, since, reminded, remind_at)"
    " VALUES (:address_id, :form, :question, :turn, :registration_id, :sealed, :since, :reminded, :remind_at)"
    " ON CONFLICT (address_id) DO UPDATE SET form = excluded.form, question = excluded.question,"
    " turn = excluded.turn, registration_id = excluded.registration_id, sealed = excluded.sealed,"
    " since = excluded.since, reminded = excluded.reminded, remind_at = excluded.remind_at"
)
# What was put in the transaction that kept where the person is: the open question is among it.
QUESTION_WAITS = Statement(
    "SELECT 1 AS one FROM progress AS p JOIN outbox AS o ON o.address_id = p.address_id AND o.created_at = p.since"
    " AND o.state IN ('waiting', 'held', 'shut') WHERE p.address_id = :address_id LIMIT 1"
)
END_PROGRESS = Statement("DELETE FROM progress WHERE address_id = :address_id")
END_PROGRESS_OF = Statement(
    "DELETE FROM progress WHERE address_id = :address_id AND registration_id = :registration_id"
)
# Who is to be reminded that a form is still open.
REMINDERS_DUE = Statement(
    "SELECT address_id, reminded, since FROM progress WHERE remind_at IS NOT NULL AND remind_at <= :now"
    " ORDER BY remind_at LIMIT :limit"
)
SET_REMINDED = Statement(
    "UPDATE progress SET reminded = :reminded, remind_at = :remind_at WHERE address_id = :address_id"
)
# Where people stop: how many forms stand open at each question.
OPEN_QUESTIONS = Statement(
    "SELECT question, COUNT(*) AS n FROM progress WHERE form = 'registration' GROUP BY question"
    " ORDER BY n DESC, question"
)
# Forms that nobody has touched for so long that their answers may not be kept: begun long ago, and silent as long.
STALE_DRAFTS = Statement(
    "SELECT id, address_id FROM registrations WHERE status = 'draft' AND status_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM addresses WHERE addresses.id = registrations.address_id"
    " AND addresses.last_in_at >= :before)"
    " ORDER BY status_at LIMIT :limit"
)
