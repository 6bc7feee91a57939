"""Statements behind the admin's summary of a day."""

from storage.statement import Statement

SENT_IN = Statement("SELECT COUNT(*) AS n FROM registrations WHERE submitted_at >= :since")
WAITING = Statement(
    "SELECT 'submitted' AS status, COUNT(*) AS n FROM registrations WHERE status = 'submitted'"
    " UNION ALL SELECT 'in_review', COUNT(*) FROM registrations WHERE status = 'in_review'"
)
WAITING_AT = Statement(
    "SELECT channel, COUNT(*) AS n FROM outbox WHERE state = 'waiting' GROUP BY channel ORDER BY channel"
)
DECIDED = Statement(
    "SELECT to_status AS status, COUNT(*) AS n FROM status_changes"
    " WHERE to_status IN ('verified', 'needs_correction', 'rejected') AND at >= :since AND actor = 'officer'"
    " GROUP BY to_status"
)
# How long the decisions of the day took, from the sending in.
TIMES = Statement(
    "SELECT c.at - r.submitted_at AS took FROM status_changes AS c"
    " JOIN registrations AS r ON r.id = c.registration_id"
    " WHERE c.to_status IN ('verified', 'needs_correction', 'rejected') AND c.at >= :since"
    " AND c.actor = 'officer' AND r.submitted_at IS NOT NULL ORDER BY took LIMIT 20000"
)
