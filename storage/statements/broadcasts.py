"""Statements about broadcasts themselves: compose, move, count, and what the clock looks for."""

from storage.statement import Statement

# Numbers count up by one and are never used twice: the row is the lock.
NEXT_NUMBER = Statement(
    "INSERT INTO meta (key, value) VALUES ('broadcast_number', '1') ON CONFLICT (key) DO UPDATE"
    " SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT) RETURNING value"
)
ADD = Statement(
    "INSERT INTO broadcasts (id, number, kind, state, version, created_by, owner_id, sealed, photo, document,"
    " audience, event_id, created_at) VALUES (:id, :number, :kind, 'draft', 1, :owner_id, :owner_id, :sealed, :photo,"
    " :document, :audience, :event_id, :at)"
)
GET = Statement("SELECT * FROM broadcasts WHERE id = :id")
LOCK = Statement("SELECT * FROM broadcasts WHERE id = :id", lock=True)
HOLD = Statement("SELECT id FROM broadcasts WHERE id = :id", lock=True)
BY_NUMBER = Statement("SELECT * FROM broadcasts WHERE number = :number")
# The newest first; those that are open before the others.
RECENT = Statement(
    "SELECT * FROM broadcasts ORDER BY CASE WHEN state IN ('done', 'stopped') THEN 1 ELSE 0 END, id DESC LIMIT :limit"
)
OPEN = Statement("SELECT * FROM broadcasts WHERE state NOT IN ('done', 'stopped') ORDER BY id")
IN_STATE = Statement(
    "SELECT * FROM broadcasts WHERE state NOT IN ('done', 'stopped') AND state = :state ORDER BY id LIMIT :limit"
)
OF_EVENT = Statement("SELECT * FROM broadcasts WHERE event_id = :event_id ORDER BY id")
# Everything an admin may change; the version says whether a colleague was first. The bar stays with who had it.
SAVE = Statement(
    "UPDATE broadcasts SET previous_state = CASE WHEN state = :state THEN previous_state ELSE state END,"
    " state = :state, version = version + 1, bar = CASE WHEN owner_id = :owner_id THEN bar END,"
    " owner_id = :owner_id, sealed = :sealed, photo = :photo,"
    " document = :document, audience = :audience, event_id = :event_id, approved_by = :approved_by,"
    " start_at = :start_at, first_batch = :first_batch, code = :code, moved_by = :moved_by, again = :again,"
    " failures = :failures, prepared_at = :prepared_at, started_at = :started_at, ended_at = :ended_at"
    " WHERE id = :id AND version = :version"
)
BEGIN_SCAN = Statement(
    "UPDATE broadcasts SET scanned = 0, scan_to = (SELECT COALESCE(MAX(id), 0) FROM addresses) WHERE id = :id"
)
# Those who are sent to once more are gone through from the first.
REWIND = Statement("UPDATE broadcasts SET scanned = 0 WHERE id = :id")
SCAN = Statement("SELECT scanned, scan_to FROM broadcasts WHERE id = :id")
SCANNED = Statement(
    "UPDATE broadcasts SET scanned = :upto, total = total + :total, left_out = :left_out, networks = :networks"
    " WHERE id = :id"
)
NETWORKS = Statement("SELECT networks FROM broadcasts WHERE id = :id", lock=True)
SAVE_NETWORKS = Statement("UPDATE broadcasts SET networks = :networks WHERE id = :id")
SHOW_BAR = Statement(
    "UPDATE broadcasts SET bar = :bar, bar_at = :at, bar_over = :over, bar_mark = :mark WHERE id = :id"
)
# What the sending changes; no version, for it happens many times a second and no admin races it.
COUNT = Statement(
    "UPDATE broadcasts SET lined = lined + :lined, sent = sent + :sent, delivered = delivered + :delivered,"
    " failed = failed + :failed, blocked = blocked + :blocked, unclear = unclear + :unclear,"
    " skipped = skipped + :skipped, failures = CASE WHEN :reset = 1 THEN 0 ELSE failures END + :failures"
    " WHERE id = :id"
)
# Files of broadcasts that may still be sent, which the sweep leaves.
MEDIA = Statement(
    "SELECT photo AS name FROM broadcasts WHERE photo <> '' UNION SELECT document FROM broadcasts WHERE document <> ''"
    " UNION SELECT name FROM papers WHERE name <> ''"
)
OF_OWNER = Statement(
    "SELECT * FROM broadcasts WHERE state NOT IN ('done', 'stopped') AND owner_id = :owner_id ORDER BY id"
)
EARLIER_THAN = Statement(
    "SELECT id, photo, document FROM broadcasts WHERE state IN ('done', 'stopped') AND created_at < :before"
    " ORDER BY id LIMIT 1"
)
# Files that an admin asked for: the oldest wanted one whose time has come, and those old enough to go.
PAPER_WANTED = Statement(
    "INSERT INTO papers (id, kind, subject_id, officer_id, state, next_at, at)"
    " VALUES (:id, :kind, :subject_id, :officer_id, 'wanted', :next_at, :at)"
)
# Whether the same one is about to be made, or is to be made later. What failed once may be asked for anew.
PAPER_AWAITED = Statement(
    "SELECT 1 AS one FROM papers WHERE state = 'wanted' AND kind = :kind AND subject_id = :subject_id"
    " AND officer_id = :officer_id AND tries = 0 AND CASE WHEN next_at > :now THEN 1 ELSE 0 END = :later LIMIT 1"
)
PAPERS_WANTED = Statement(
    "SELECT id, kind, subject_id, officer_id, tries, at FROM papers WHERE state = 'wanted' AND next_at <= :now"
    " ORDER BY next_at, id LIMIT :limit"
)
PAPER_MADE = Statement(
    "UPDATE papers SET state = 'made', name = :name, next_at = :at WHERE id = :id AND state = 'wanted'"
)
PAPER_LATER = Statement("UPDATE papers SET tries = tries + 1, next_at = :next_at, code = :code WHERE id = :id")
PAPER_FAILED = Statement("UPDATE papers SET state = 'failed', code = :code WHERE id = :id")
# Those whose file has surely arrived, counted from when it was made.
PAPERS_BEFORE = Statement(
    "SELECT id, name FROM papers WHERE state <> 'wanted' AND (next_at < :before"
    " OR (kind IN ('visits', 'event') AND next_at < :personal)) ORDER BY next_at LIMIT :limit"
)
DROP_PAPER = Statement("DELETE FROM papers WHERE id = :id")
DROP = Statement("DELETE FROM broadcasts WHERE id = :id")
