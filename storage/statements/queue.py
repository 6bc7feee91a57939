"""Statements about the queue: what comes next, who holds what, decisions that wait, an officer's desk."""

from storage.statement import Statement

# The next case of the whole area: corrections, then with photo, then without, each by age.
_NEXT = (
    "SELECT id, priority, queued_at FROM registrations {}WHERE status = 'submitted' AND address_id <> :own"
    " ORDER BY priority, queued_at, id LIMIT 1"
)
NEXT = Statement(
    _NEXT.format("INDEXED BY ix_registrations_queue "),
    postgres=_NEXT.format(""),
    because="SQLite, left alone, takes the index on (status, status_at) and sorts the whole queue for one case.",
)
# The same for one district, one step into its own partial index.
NEXT_IN_DISTRICT = Statement(
    "SELECT id, priority, queued_at FROM registrations WHERE status = 'submitted' AND district = :code"
    " AND address_id <> :own ORDER BY priority, queued_at, id LIMIT 1"
)
# The same for one village.
NEXT_IN_VILLAGE = Statement(
    "SELECT id, priority, queued_at FROM registrations WHERE status = 'submitted' AND area = :code"
    " AND address_id <> :own ORDER BY priority, queued_at, id LIMIT 1"
)
# Whether anything else waits there: an officer with an empty queue hears of a case at once. The order only leads
# PostgreSQL into the queue's index.
OTHER = Statement(
    "SELECT 1 AS one FROM registrations WHERE status = 'submitted' AND id <> :id AND address_id <> :own LIMIT 1"
)
OTHER_IN_DISTRICT = Statement(
    "SELECT 1 AS one FROM registrations WHERE status = 'submitted' AND district = :code AND id <> :id"
    " AND address_id <> :own ORDER BY priority, queued_at, id LIMIT 1"
)
OTHER_IN_VILLAGE = Statement(
    "SELECT 1 AS one FROM registrations WHERE status = 'submitted' AND area = :code AND id <> :id"
    " AND address_id <> :own ORDER BY priority, queued_at, id LIMIT 1"
)
# How many wait and since when, by district; the empty district is outside the area served.
COUNTS = Statement(
    "SELECT district, COUNT(*) AS n, MIN(queued_at) AS oldest FROM registrations WHERE status = 'submitted'"
    " GROUP BY district ORDER BY district"
)
COUNT_IN_DISTRICT = Statement(
    "SELECT COUNT(*) AS n, MIN(queued_at) AS oldest FROM registrations WHERE status = 'submitted' AND district = :code"
)
COUNT_IN_VILLAGE = Statement(
    "SELECT COUNT(*) AS n, MIN(queued_at) AS oldest FROM registrations WHERE status = 'submitted' AND area = :code"
)

# Any action of the holder moves the end of the lease.
EXTEND = Statement(
    "UPDATE registrations SET leased_until = :until WHERE id = :id AND officer_id = :officer_id"
    " AND status = 'in_review'"
)
# A decision was taken: the case stays in review, and nobody holds it.
LET_GO = Statement(
    "UPDATE registrations SET officer_id = NULL, leased_until = NULL WHERE id = :id AND version = :version"
    " AND officer_id = :officer_id AND status = 'in_review'"
)
# The decision was taken back: its officer holds the case again.
HOLD_AGAIN = Statement(
    "UPDATE registrations SET officer_id = :officer_id, leased_until = :until WHERE id = :id"
    " AND version = :version AND officer_id IS NULL AND status = 'in_review'"
)
LAPSED = Statement(
    "SELECT id FROM registrations WHERE leased_until IS NOT NULL AND leased_until <= :now"
    " ORDER BY leased_until LIMIT :limit"
)
HELD_BY = Statement(
    "SELECT id FROM registrations WHERE officer_id IS NOT NULL AND officer_id = :officer_id ORDER BY leased_until, id"
)

PUT_PENDING = Statement(
    "INSERT INTO pending_decisions (registration_id, officer_id, version, decided, reasons, sealed, at, due_at)"
    " VALUES (:registration_id, :officer_id, :version, :decided, :reasons, :sealed, :at, :due_at)"
)
# No lock of its own: whoever writes, undoes, voids or settles it holds the registration's row.
PENDING = Statement(
    "SELECT registration_id, officer_id, version, decided, reasons, sealed, prompt, at, due_at"
    " FROM pending_decisions WHERE registration_id = :registration_id"
)
SET_PROMPT = Statement("UPDATE pending_decisions SET prompt = :prompt WHERE registration_id = :registration_id")
DROP_PENDING = Statement("DELETE FROM pending_decisions WHERE registration_id = :registration_id")
PENDING_DUE = Statement(
    "SELECT registration_id AS id FROM pending_decisions WHERE due_at <= :now ORDER BY due_at LIMIT :limit"
)
PENDING_OF = Statement("SELECT registration_id AS id FROM pending_decisions WHERE officer_id = :officer_id ORDER BY at")
DESK = Statement(
    "SELECT step, registration_id, version, reasons, sealed, prompt, at FROM desks WHERE officer_id = :officer_id"
)
PUT_DESK = Statement(
    "INSERT INTO desks (officer_id, step, registration_id, version, reasons, prompt, at)"
    " VALUES (:officer_id, :step, :registration_id, :version, :reasons, :prompt, :at)"
    " ON CONFLICT (officer_id) DO UPDATE SET step = excluded.step, registration_id = excluded.registration_id,"
    " version = excluded.version, reasons = excluded.reasons, sealed = NULL, prompt = excluded.prompt,"
    " at = excluded.at"
)
DROP_DESK = Statement("DELETE FROM desks WHERE officer_id = :officer_id")
# The desk of an officer goes with the hold on the case it is about.
DROP_DESK_OF_CASE = Statement(
    "DELETE FROM desks WHERE officer_id = :officer_id AND registration_id = :registration_id"
    " AND step IN ('correct', 'correct_note', 'reject', 'reject_note', 'no_photo')"
)

OPEN_OBJECTIONS = Statement(
    "SELECT registration_id AS id, at FROM objections WHERE state = 'open' ORDER BY at LIMIT :limit"
)
CLOSE_OBJECTION = Statement(
    "UPDATE objections SET state = :state, decided_at = :at, officer_id = :officer_id"
    " WHERE registration_id = :registration_id AND state = 'open'"
)
