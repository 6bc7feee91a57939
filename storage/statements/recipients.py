"""Statements about whom a broadcast goes to: freeze, line up, claim, mark, count."""

from storage.statement import Statement

# A page of addresses ends here, so that no unit reads more than it should.
PAGE_END = Statement(
    "SELECT MAX(id) AS id FROM (SELECT id FROM addresses WHERE id > :after AND id <= :scan_to ORDER BY id"
    " LIMIT :limit) AS page"
)
# Why somebody who fits is left out all the same; empty for who is sent to. CROSS JOIN keeps SQLite from beginning with
# the recipients.
_CODE = (
    "CASE WHEN a.unreachable_at IS NOT NULL THEN 'unreachable' WHEN a.notices IS NULL THEN 'never_asked'"
    " WHEN a.notices & :topic = 0 THEN 'opted_out' {off}"
    " WHEN :needs_village = 1 AND MIN(r.area) IS NULL THEN 'no_village'"
    " WHEN EXISTS (SELECT 1 FROM broadcasts AS b CROSS JOIN recipients AS q WHERE b.started_at > :rested_since"
    " AND q.broadcast_id = b.id AND q.address_id = a.id AND q.outcome IN ('sent', 'delivered')"
    " AND q.at > :rested_since) THEN 'quiet' ELSE '' END AS code"
)
# Whoever fits, one row per address.
_FITTING = (
    " FROM addresses AS a LEFT JOIN registrations AS r ON r.address_id = a.id"
    " AND r.status NOT IN ('erased', 'deceased')"
    " WHERE a.id > :after AND a.id <= :upto AND a.sealed IS NOT NULL AND ({match})"
    " GROUP BY a.id, a.channel, a.unreachable_at, a.notices"
)
# One row per address and per person, whatever is repeated; a phone that several people share is addressed as such.
FREEZE = (
    "INSERT INTO recipients (broadcast_id, address_id, person_id, channel, registration_id, shared, village,"
    " outcome, code, at) SELECT :broadcast_id, f.id, f.id, f.channel, f.registration_id, f.shared, f.village,"
    " CASE WHEN f.code = '' THEN 'waiting' ELSE 'left_out' END, f.code, :at FROM ("
    "SELECT a.id, a.channel, MIN(r.id) AS registration_id, MIN(r.area) AS village,"
    " CASE WHEN MAX(r.for_other) = 1 OR (SELECT COUNT(*) FROM registrations AS s WHERE s.address_id = a.id"
    " AND s.status NOT IN ('erased', 'deceased', 'cancelled')) > 1 THEN 1 ELSE 0 END AS shared,"
    f" {_CODE}{_FITTING}) AS f WHERE 1 = 1"
    " ON CONFLICT DO NOTHING RETURNING channel, outcome, code"
)
# To how many of a page only a late text goes now: they last wrote before the time.
SHUT = Statement(
    "SELECT COUNT(*) AS n FROM recipients AS q JOIN addresses AS a ON a.id = q.address_id"
    " WHERE q.broadcast_id = :broadcast_id AND q.address_id > :after AND q.address_id <= :upto"
    " AND q.outcome = 'waiting' AND q.channel = :channel AND a.last_in_at <= :since"
)
# The same people and reasons, counted only.
ESTIMATE = f"SELECT f.code, COUNT(*) AS n FROM (SELECT a.id, {_CODE}{_FITTING}) AS f GROUP BY f.code ORDER BY f.code"
# Whether there are addresses behind the part that was counted.
ANY_BEHIND = Statement("SELECT 1 AS one FROM addresses WHERE id > :after AND sealed IS NOT NULL LIMIT 1")
CHANNELS_WAITING = Statement(
    "SELECT DISTINCT channel FROM recipients WHERE broadcast_id = :broadcast_id AND outcome = 'waiting'"
)
WAITING = Statement(
    "SELECT address_id FROM recipients WHERE broadcast_id = :broadcast_id AND channel = :channel"
    " AND outcome = 'waiting' ORDER BY address_id LIMIT :limit"
)
ANY_WAITING = Statement(
    "SELECT 1 AS one FROM recipients WHERE broadcast_id = :broadcast_id AND outcome = 'waiting' LIMIT 1"
)
# At which networks something of a broadcast is in the outbox.
CHANNELS_IN_HAND = Statement(
    "SELECT channel FROM outbox WHERE state = 'lined' UNION SELECT channel FROM outbox WHERE state = 'claimed'"
)
LINED_THERE = Statement(
    "SELECT id, broadcast_id, address_id FROM outbox WHERE state = 'lined' AND channel = :channel LIMIT :limit"
)
LINED = Statement(
    "SELECT COUNT(*) AS n FROM outbox WHERE state = 'lined' AND channel = :channel AND broadcast_id = :broadcast_id"
)
LINE_UP = Statement(
    "INSERT INTO outbox (id, address_id, channel, lane, state, broadcast_id, next_at, created_at)"
    " VALUES (:id, :address_id, :channel, 2, 'lined', :broadcast_id, :at, :at)"
)
# Whom we would write to first: silent for so long that only a late text goes, and none went within a day.
_NEW = (
    "a.last_in_at <= :open_since AND NOT EXISTS (SELECT 1 FROM openings AS w WHERE w.channel = o.channel"
    " AND w.address_id = o.address_id AND w.at > :day_ago)"
)
# Whose turn it is: of running broadcasts only, and nobody who waits for an answer of ours there.
CLAIMABLE = Statement(
    "SELECT o.id, o.address_id, o.broadcast_id, o.tries, a.sealed, a.notices, a.unreachable_at, a.last_in_at,"
    f" q.registration_id, q.shared, q.village, CASE WHEN {_NEW} THEN 1 ELSE 0 END AS is_new"
    " FROM outbox AS o JOIN broadcasts AS b ON b.id = o.broadcast_id"
    " JOIN addresses AS a ON a.id = o.address_id"
    " JOIN recipients AS q ON q.broadcast_id = o.broadcast_id AND q.address_id = o.address_id"
    " WHERE o.state = 'lined' AND o.channel = :channel AND o.next_at <= :now AND b.state = 'running'"
    " AND NOT EXISTS (SELECT 1 FROM outbox AS w WHERE w.address_id = o.address_id"
    " AND w.state IN ('waiting', 'held') AND w.state = 'waiting' AND w.lane < 3 AND w.channel = o.channel)"
    f" AND (:room > 0 OR NOT ({_NEW}))"
    " ORDER BY o.next_at, o.id LIMIT :limit"
)
# Where a network lets in nobody new for now: they wait in line, and nobody looks at them until then.
HOLD_NEW = Statement(
    "UPDATE outbox AS o SET next_at = :until WHERE o.state = 'lined' AND o.channel = :channel AND o.next_at <= :now"
    f" AND EXISTS (SELECT 1 FROM addresses AS a WHERE a.id = o.address_id AND {_NEW})"
)
# Of a page of recipients, those who wrote lately: they may have theirs before the others.
OPEN_WAITING = Statement(
    "SELECT q.address_id FROM recipients AS q JOIN addresses AS a ON a.id = q.address_id"
    " WHERE q.broadcast_id = :broadcast_id AND q.channel = :channel AND q.outcome = 'waiting'"
    " AND q.address_id > :after AND q.address_id <= :upto AND a.last_in_at > :open_since"
    " ORDER BY q.address_id LIMIT :limit"
)
CLAIM = Statement("UPDATE outbox SET state = 'claimed' WHERE id = :id AND state = 'lined' AND channel = :channel")
# Somebody came to another network while they were lined up.
PASS_ON = Statement("UPDATE outbox SET channel = :channel WHERE id = :id AND state = 'lined'")
# What a program that died had in hand: whether it went out nobody can tell.
CLAIMED = Statement(
    "SELECT id, address_id, broadcast_id, tries FROM outbox WHERE state = 'claimed' AND channel = :channel ORDER BY id"
)
NEXT_LINED = Statement(
    "SELECT MIN(o.next_at) AS at FROM outbox AS o JOIN broadcasts AS b ON b.id = o.broadcast_id"
    " WHERE o.state = 'lined' AND o.channel = :channel AND b.state = 'running'"
)
SENT = Statement("UPDATE outbox SET state = 'sent', sent_at = :at, sent_id = :sent_id WHERE id = :id")
BACK_IN_LINE = Statement(
    "UPDATE outbox SET state = 'lined', next_at = :next_at, tries = tries + :tried WHERE id = :id AND state = 'claimed'"
)
OUT_OF_LINE = Statement("DELETE FROM outbox WHERE id = :id AND lane = 2")
OUT_OF_HAND = Statement("DELETE FROM outbox WHERE id = :id AND lane = 2 AND state = 'claimed'")
# The rest of a stopped broadcast, a slice at a time.
STILL_LINED = Statement(
    "SELECT id, address_id FROM outbox WHERE state = 'lined' AND broadcast_id = :broadcast_id LIMIT :limit"
)
IN_HAND = Statement(
    "SELECT 1 AS one FROM outbox WHERE state = 'lined' AND broadcast_id = :broadcast_id"
    " UNION ALL SELECT 1 FROM outbox WHERE state = 'claimed' AND broadcast_id = :broadcast_id LIMIT 1"
)
MARK = Statement(
    "UPDATE recipients SET outcome = :outcome, code = :code, at = :at"
    " WHERE broadcast_id = :broadcast_id AND address_id = :address_id"
)
# The same for what a receipt tells of a message that was sent before: the moment of sending stays.
CORRECT = Statement(
    "UPDATE recipients SET outcome = :outcome, code = :code WHERE broadcast_id = :broadcast_id"
    " AND address_id = :address_id"
)
STANDING = Statement(
    "SELECT outcome, at, channel FROM recipients WHERE broadcast_id = :broadcast_id AND address_id = :address_id"
)
# What was handed to the network for one recipient, the last first.
HANDED = Statement(
    "SELECT id, state, next_at, sent_at, sent_id FROM outbox WHERE address_id = :address_id AND lane = 2"
    " AND broadcast_id = :broadcast_id ORDER BY id DESC"
)
# Who is to be sent to once more, by an admin's choice: a page of recipients, and those of it with the outcome.
RECIPIENTS_PAGE_END = Statement(
    "SELECT MAX(address_id) AS id FROM (SELECT address_id FROM recipients WHERE broadcast_id = :broadcast_id"
    " AND address_id > :after ORDER BY address_id LIMIT :limit) AS page"
)
AGAIN = Statement(
    "UPDATE recipients SET outcome = 'waiting', code = '', at = :at WHERE broadcast_id = :broadcast_id"
    " AND address_id > :after AND address_id <= :upto AND outcome = :outcome"
)
# Where those are who are sent to once more.
AT_NETWORKS = Statement(
    "SELECT channel, COUNT(*) AS n FROM recipients WHERE broadcast_id = :broadcast_id AND outcome = :outcome"
    " GROUP BY channel ORDER BY channel"
)
BY_OUTCOME = Statement(
    "SELECT outcome, code, COUNT(*) AS n FROM recipients WHERE broadcast_id = :broadcast_id GROUP BY outcome, code"
)
# What became of a page of recipients. Who wrote within a week after it came has replied, unless all they said was STOP;
# of who wrote again later only the last time is known.
TALLY = Statement(
    "SELECT q.village, q.outcome, q.code, COUNT(*) AS n, SUM(q.opted_out) AS opted_out,"
    " SUM(CASE WHEN q.outcome IN ('sent', 'delivered') AND q.opted_out = 0 AND a.last_in_at > q.at"
    " AND a.last_in_at <= q.at + :within THEN 1 ELSE 0 END) AS replied"
    " FROM recipients AS q LEFT JOIN addresses AS a ON a.id = q.address_id WHERE q.broadcast_id = :broadcast_id"
    " AND q.address_id > :after AND q.address_id <= :upto GROUP BY q.village, q.outcome, q.code"
)
# Whom somebody has to visit, of a page: not those who wanted no notices, or got another one.
UNREACHED = Statement(
    "SELECT address_id, registration_id, village, outcome, code, shared FROM recipients"
    " WHERE broadcast_id = :broadcast_id AND address_id > :after AND address_id <= :upto"
    " AND outcome IN ('failed', 'blocked', 'unclear', 'skipped', 'left_out', 'waiting')"
    " AND (outcome NOT IN ('skipped', 'left_out') OR code NOT IN ('opted_out', 'quiet', 'gone'))"
)
# Why it did not come to some of them; there is an index of just these.
FAULTS = Statement(
    "SELECT outcome, code, COUNT(*) AS n FROM recipients WHERE broadcast_id = :broadcast_id"
    " AND outcome IN ('failed', 'skipped', 'unclear') GROUP BY outcome, code"
)
OPTED_OUT = Statement("SELECT COUNT(*) AS n FROM recipients WHERE broadcast_id = :broadcast_id AND opted_out = 1")
# What came to a person last. CROSS JOIN keeps SQLite from beginning with the recipients. What is unclear may have come.
LATEST_OF = Statement(
    "SELECT q.broadcast_id, q.at, b.kind, b.event_id FROM broadcasts AS b CROSS JOIN recipients AS q"
    " WHERE b.started_at > :begun AND q.broadcast_id = b.id AND q.address_id = :address_id"
    " AND q.outcome IN ('sent', 'delivered', 'unclear') AND q.at > :since ORDER BY q.at DESC LIMIT 1"
)
MARK_OPTED_OUT = Statement(
    "UPDATE recipients SET opted_out = 1 WHERE broadcast_id = :broadcast_id AND address_id = :address_id"
)
DROP_SLICE = Statement(
    "DELETE FROM recipients WHERE broadcast_id = :broadcast_id AND address_id IN"
    " (SELECT address_id FROM recipients WHERE broadcast_id = :broadcast_id LIMIT :limit)"
)
