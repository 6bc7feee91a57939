"""Statements about events and who comes to them."""

from storage.statement import Statement

ADD = Statement(
    "INSERT INTO events (id, state, starts_at, village, sealed, word, created_by, created_at)"
    " VALUES (:id, 'planned', :starts_at, :village, :sealed, :word, :created_by, :at) ON CONFLICT (word) DO NOTHING"
)
SAVE = Statement("UPDATE events SET starts_at = :starts_at, village = :village, sealed = :sealed WHERE id = :id")
GET = Statement("SELECT * FROM events WHERE id = :id")
BY_WORD = Statement("SELECT * FROM events WHERE word = :word")
# What is still to come and what was not long ago, the next one first.
SINCE = Statement("SELECT * FROM events WHERE starts_at >= :since ORDER BY starts_at, id LIMIT :limit")
CANCEL = Statement("UPDATE events SET state = 'cancelled' WHERE id = :id AND state = 'planned'")
STRANGER = Statement("UPDATE events SET strangers = strangers + :n WHERE id = :id")
# Planned events between two times for which no broadcast of the kind was made so shortly before they begin: what was
# made for an earlier date does not count.
WITHOUT = Statement(
    "SELECT * FROM events AS e WHERE e.state = 'planned' AND e.starts_at >= :after AND e.starts_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM broadcasts AS b WHERE b.event_id = e.id AND b.kind = :kind"
    " AND b.created_at >= e.starts_at - :within)"
    " ORDER BY e.starts_at, e.id LIMIT :limit"
)
# What a person is or was invited to, the next one first. CROSS JOIN keeps SQLite from beginning with the recipients.
INVITATIONS = Statement(
    "SELECT e.* FROM events AS e WHERE e.starts_at >= :since AND EXISTS"
    " (SELECT 1 FROM broadcasts AS b CROSS JOIN recipients AS q WHERE b.event_id = e.id AND b.kind = 'invitation'"
    " AND q.broadcast_id = b.id AND q.address_id = :address_id"
    " AND q.outcome IN ('lined', 'sent', 'delivered', 'unclear'))"
    " ORDER BY e.starts_at, e.id LIMIT :limit"
)
# Whether this person has an invitation to it, however it came.
IS_INVITED = Statement(
    "SELECT 1 AS one FROM broadcasts AS b CROSS JOIN recipients AS q WHERE b.event_id = :event_id"
    " AND q.broadcast_id = b.id AND q.address_id = :address_id"
    " AND q.outcome IN ('waiting', 'lined', 'sent', 'delivered', 'unclear') LIMIT 1"
)
# Whether anybody was invited: without one there is nobody to be told of a change.
ANY_INVITED = Statement(
    "SELECT 1 AS one FROM broadcasts WHERE event_id = :event_id AND kind = 'invitation' AND lined > 0 LIMIT 1"
)
# Whether anybody said before the time that they come.
ANY_COMING = Statement(
    "SELECT 1 AS one FROM attendances WHERE event_id = :event_id AND answer = 'comes' AND answered_at <= :before"
    " LIMIT 1"
)
OF_PERSON = Statement(
    "SELECT e.*, t.answer, t.present_at FROM attendances AS t JOIN events AS e ON e.id = t.event_id"
    " WHERE t.address_id = :address_id ORDER BY e.starts_at, e.id"
)
# Who comes or was there, with each of their registrations, by village.
GUESTS = Statement(
    "SELECT t.address_id, COALESCE(r.area, t.village) AS village, t.answer, t.present_at, r.id AS registration_id,"
    " r.receipt, r.status, CASE WHEN r.event_id = t.event_id THEN 1 ELSE 0 END AS born"
    " FROM attendances AS t LEFT JOIN registrations AS r ON r.address_id = t.address_id"
    " AND r.status NOT IN ('erased', 'cancelled')"
    " WHERE t.event_id = :event_id AND (t.answer = 'comes' OR t.present_at IS NOT NULL)"
    " ORDER BY COALESCE(r.area, t.village, ''), t.address_id, r.id LIMIT :limit"
)
ATTENDANCE = Statement(
    "SELECT event_id, village, answer, answered_at, present_at FROM attendances"
    " WHERE event_id = :event_id AND address_id = :address_id"
)
PUT_ANSWER = Statement(
    "INSERT INTO attendances (event_id, address_id, village, answer, answered_at)"
    " VALUES (:event_id, :address_id, :village, :said, :at) ON CONFLICT (event_id, address_id) DO UPDATE"
    " SET answer = excluded.answer, answered_at = excluded.answered_at,"
    " village = COALESCE(excluded.village, attendances.village)"
)
# Once; coming twice counts once.
PUT_PRESENT = Statement(
    "INSERT INTO attendances (event_id, address_id, village, present_at)"
    " VALUES (:event_id, :address_id, :village, :at) ON CONFLICT (event_id, address_id) DO UPDATE"
    " SET present_at = excluded.present_at, village = COALESCE(excluded.village, attendances.village)"
    " WHERE attendances.present_at IS NULL"
)
# Who came as a stranger has told their village in the registration since.
BY_VILLAGE = Statement(
    "SELECT w.village, SUM(CASE WHEN w.answer = 'comes' THEN 1 ELSE 0 END) AS comes,"
    " SUM(CASE WHEN w.answer = 'declines' THEN 1 ELSE 0 END) AS declines,"
    " SUM(CASE WHEN w.present_at IS NOT NULL THEN 1 ELSE 0 END) AS present FROM ("
    "SELECT t.answer, t.present_at, COALESCE(t.village, (SELECT MIN(r.area) FROM registrations AS r"
    " WHERE r.address_id = t.address_id AND r.status NOT IN ('erased', 'cancelled'))) AS village"
    " FROM attendances AS t WHERE t.event_id = :event_id) AS w GROUP BY w.village"
)
# Registrations begun there, by the village they gave; drafts are counted apart.
BORN = Statement(
    "SELECT area AS village, SUM(CASE WHEN receipt IS NULL THEN 0 ELSE 1 END) AS sent_in,"
    " SUM(CASE WHEN receipt IS NULL THEN 1 ELSE 0 END) AS begun FROM registrations"
    " WHERE event_id = :event_id AND status NOT IN ('erased', 'cancelled') GROUP BY area"
)
BORN_AT = Statement("UPDATE registrations SET event_id = :event_id WHERE id = :id AND event_id IS NULL")
# The event a person was present at not long ago: what they begin now was born of it.
PRESENT_LATELY = Statement(
    "SELECT event_id FROM attendances WHERE address_id = :address_id AND present_at > :since"
    " ORDER BY present_at DESC LIMIT 1"
)
FORGET = Statement("DELETE FROM attendances WHERE address_id = :address_id")
DROP_BEFORE = Statement(
    "DELETE FROM events WHERE starts_at < :before AND NOT EXISTS"
    " (SELECT 1 FROM broadcasts AS b WHERE b.event_id = events.id)"
)
