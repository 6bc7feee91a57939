"""Statements about what is to be sent: put, take in order, mark, hold, shut, forget."""

from storage.statement import Statement

PUT = Statement(
    "INSERT INTO outbox (id, address_id, channel, lane, state, of_id, registration_id, sealed, next_at, created_at)"
    " VALUES (:id, :address_id, :channel, :lane, :state, :of_id, :registration_id, :sealed, :next_at, :at)"
)
# What a row brings when its turn has come: itself, when its person wrote last, and what it changes or takes back. A
# message shown at another network is not changed from here.
_TURN = (
    "SELECT o.id, o.address_id, o.channel, o.lane, o.of_id, o.sealed, o.tries, o.created_at, o.next_at, o.late,"
    " a.last_in_at, m.sent_id AS ref, m.state AS of_state, m.code AS of_code FROM outbox AS o"
    " LEFT JOIN addresses AS a ON a.id = o.address_id LEFT JOIN outbox AS m ON m.id = o.of_id AND m.channel = o.channel"
)
# The first waiting row of each person at a network, and all that is for the network alone.
_FIRST = (
    "(o.lane = 3 OR NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.address_id = o.address_id"
    " AND e.state IN ('waiting', 'held') AND e.lane < 3 AND e.id < o.id AND e.channel = o.channel))"
)
# Those whose time has come; chat replies (lane 0) before notices and broadcasts.
DUE = Statement(
    f"{_TURN} WHERE o.state = 'waiting' AND o.channel = :channel AND o.next_at <= :now AND {_FIRST}"
    " ORDER BY o.lane, o.id LIMIT :limit"
)
# What comes after a row of the same person there, whatever it is.
AFTER = Statement(
    f"{_TURN} WHERE o.address_id = :address_id AND o.state IN ('waiting', 'held') AND o.lane < 3 AND o.id > :id"
    " AND o.channel = :channel ORDER BY o.id LIMIT 1"
)
# When the next row falls due, if none is due now; what stands behind an earlier row has to wait for that one.
NEXT = Statement(
    f"SELECT MIN(next_at) AS at FROM outbox AS o WHERE state = 'waiting' AND channel = :channel AND {_FIRST}"
)
# Once it is out, the text is forgotten; the network's id stays for edits and deletions. Here and below: a row that goes
# to another network meanwhile is that one's, and how it ended at the first is no news.
SENT = Statement(
    "UPDATE outbox SET state = 'sent', sealed = NULL, sent_at = :at, sent_id = :sent_id WHERE id = :id"
    " AND channel = COALESCE(:channel, channel)"
)
# The network has it and will tell. Where it has told already, before this was written, that stands.
ACCEPTED = Statement(
    "UPDATE outbox SET state = 'accepted', code = '', sent_at = :at, sent_id = :sent_id WHERE id = :id"
    " AND channel = COALESCE(:channel, channel) AND state IN ('waiting', 'held')"
    " AND (sent_id IS NULL OR sent_id <> :sent_id)"
)
# Here and below: of what a receipt has settled meanwhile nothing is changed.
POSTPONE = Statement(
    "UPDATE outbox SET tries = tries + :tried, next_at = :next_at, code = :code WHERE id = :id"
    " AND channel = COALESCE(:channel, channel) AND state IN ('waiting', 'held')"
)
DEAD = Statement(
    "UPDATE outbox SET state = 'dead', code = :code WHERE id = :id"
    " AND channel = COALESCE(:channel, channel) AND state IN ('waiting', 'held', 'accepted')"
)
# It comes too late for free text. Of a knock whose failure was told before, the failure's code stays.
SHUT = Statement(
    "UPDATE outbox SET state = 'shut', code = CASE WHEN sent_id = :sent_id THEN code ELSE :code END, sent_id = NULL"
    " WHERE id = :id AND channel = COALESCE(:channel, channel) AND state IN ('waiting', 'held')"
)
# To where the person is now. What is told from then on of what was handed over before is no news.
READDRESS = Statement(
    "UPDATE outbox SET channel = :channel, sealed = :sealed, state = 'waiting', next_at = :at, created_at = :at,"
    " tries = 0, late = 0, sent_at = :at, sent_id = NULL WHERE id = :id"
)
KEPT = Statement(
    "SELECT channel, sealed FROM outbox WHERE id = :id AND lane <> 2 AND state IN ('waiting', 'held', 'accepted')",
    lock=True,
)
REPLACE = Statement("UPDATE outbox SET sealed = :sealed, of_id = :of_id, tries = 0, next_at = :at WHERE id = :id")
# What a receipt tells of a row that is no broadcast's. It may come before it is written down that the row was accepted,
# and after a lost answer. Of a failed try the network's id stays, and when that was told: what is told again of it, or
# of one handed over before, is no news.
GOT_THERE = Statement(
    "UPDATE outbox SET state = 'sent', sealed = NULL, code = '', sent_at = :at, sent_id = :sent_id WHERE id = :id"
    " AND lane <> 2 AND state IN ('accepted', 'waiting', 'held', 'shut', 'dead')"
)
# On its way it may still fail, so its text stays; only that the network has it is news, where no answer was heard.
TAKEN = Statement(
    "UPDATE outbox SET state = 'accepted', code = '', sent_at = :at, sent_id = :sent_id WHERE id = :id"
    " AND lane <> 2 AND state IN ('waiting', 'held') AND (sent_id IS NULL OR sent_id <> :sent_id)"
    " AND (sent_at IS NULL OR sent_at <= :handed_at)"
)
REFUSED = Statement("UPDATE outbox SET state = 'dead', code = :code, sent_at = :at, sent_id = :sent_id WHERE id = :id")
TOLD_OF = Statement(
    "SELECT id, address_id, channel, state, sealed, tries, late, created_at, sent_at, sent_id FROM outbox"
    " WHERE id = :id AND lane <> 2",
    lock=True,
)
WHOSE = Statement("SELECT address_id FROM outbox WHERE id = :id AND lane <> 2")
ONCE_MORE = Statement(
    "UPDATE outbox SET state = CASE WHEN state = 'held' THEN 'held' ELSE 'waiting' END, tries = tries + 1,"
    " next_at = :next_at, late = :late, code = :code, sent_at = :at, sent_id = :sent_id WHERE id = :id"
)
SHUT_AFTER_ALL = Statement(
    "UPDATE outbox SET state = 'shut', code = :code, sent_at = :at, sent_id = NULL WHERE id = :id"
    " AND state IN ('waiting', 'held', 'accepted')"
)
# The late text did not even say that there is something; or it is told so before that is written down.
KNOCK_FAILED = Statement(
    "UPDATE outbox SET code = :code, sent_id = CASE WHEN state = 'shut' THEN NULL ELSE :sent_id END, sent_at = :at"
    " WHERE id = :id AND state IN ('waiting', 'shut') AND (sent_at IS NULL OR sent_at <= :handed_at)"
)
# Nobody has told for long.
COUNT_AS_SENT = Statement(
    "UPDATE outbox SET state = 'sent', sealed = NULL WHERE state = 'accepted' AND sent_at < :before"
)
# A person who blocked us: what waits is held until they return. Said twice, so that SQLite finds the index.
HOLD_ADDRESS = Statement(
    "UPDATE outbox SET state = 'held', code = :code WHERE address_id = :address_id"
    " AND state IN ('waiting', 'held') AND state = 'waiting' AND lane < 3"
)
# Whether something of theirs waits until they write.
SET_HELD = Statement("UPDATE addresses SET held = :held WHERE id = :address_id")
# Held time does not count as time in which it could have been delivered. Who writes may be sent free text again.
RELEASE_HELD = Statement(
    "UPDATE outbox SET state = 'waiting', next_at = :at, created_at = :at, tries = 0, late = 0"
    " WHERE address_id = :address_id AND state IN ('waiting', 'held') AND (state = 'held' OR late = 1)"
)
RELEASE_SHUT = Statement(
    "UPDATE outbox SET state = 'waiting', next_at = :at, created_at = :at, tries = 0, late = 0, code = ''"
    " WHERE address_id = :address_id AND state = 'shut'"
)
LET_IN = Statement(
    "UPDATE outbox SET state = 'waiting', next_at = :at, created_at = :at, tries = 0"
    " WHERE state = 'shut' AND channel = :channel AND code = :code"
)
# What has knocked already, with what it said.
KNOCKED = Statement(
    "SELECT id, sealed FROM outbox WHERE address_id = :address_id AND state = 'shut' AND code = 'knocked'"
)
DEAD_LETTERS = Statement("SELECT id, code, created_at FROM outbox WHERE state = 'dead' ORDER BY id LIMIT :limit")
TRY_AGAIN = Statement(
    "UPDATE outbox SET state = 'waiting', tries = 0, next_at = :at, created_at = :at WHERE id = :id AND state = 'dead'"
)
WAITING_OF = Statement(
    "SELECT COUNT(*) AS n FROM outbox WHERE address_id = :address_id AND state IN ('waiting', 'held') AND lane < 3"
)
HELD_OF_REGISTRATION = Statement(
    "SELECT COUNT(*) AS n FROM outbox WHERE registration_id = :registration_id AND state IN ('held', 'shut')"
)
# What waits until its person writes, by the reason.
UNTIL_THEY_WRITE = Statement(
    "SELECT code, COUNT(*) AS n FROM outbox WHERE state IN ('waiting', 'held') AND state = 'held' GROUP BY code"
    " UNION ALL SELECT code, COUNT(*) FROM outbox WHERE state = 'shut' GROUP BY code"
)
# Undelivered texts about a registration go with it when it is erased.
DROP_REGISTRATION = Statement("DELETE FROM outbox WHERE registration_id = :registration_id AND state <> 'sent'")
# The same for a person who takes everything back; what the network is to delete for them stays.
DROP_ADDRESS = Statement(
    "DELETE FROM outbox WHERE address_id = :address_id AND state <> 'sent' AND lane < 3 AND id < :before"
)
FORGET_SENT = Statement("DELETE FROM outbox WHERE state = 'sent' AND sent_at < :before")
# Of people who never agreed not even the times stay, once their talk is over. There are few of them and millions of
# rows: the plus keeps SQLite from looking through everything that was sent.
FORGET_STRANGERS = Statement(
    "DELETE FROM outbox WHERE address_id IN (SELECT a.id FROM addresses AS a WHERE a.sealed IS NULL)"
    " AND state = 'sent' AND +sent_at < :before AND NOT EXISTS"
    " (SELECT 1 FROM progress AS p WHERE p.address_id = outbox.address_id) AND NOT EXISTS"
    " (SELECT 1 FROM outbox AS w WHERE w.address_id = outbox.address_id AND w.state IN ('waiting', 'held')"
    " AND w.of_id = outbox.id AND w.state = 'waiting')"
)
# They would keep their row among the addresses for ever.
FORGET_UNDELIVERED = Statement(
    "DELETE FROM outbox WHERE address_id IN (SELECT a.id FROM addresses AS a WHERE a.sealed IS NULL)"
    " AND state IN ('held', 'shut', 'dead') AND created_at < :before"
)
COUNT_STATES = Statement(
    "SELECT 'waiting' AS state, COUNT(*) AS n FROM outbox WHERE state = 'waiting'"
    " UNION ALL SELECT 'held', COUNT(*) FROM outbox WHERE state IN ('waiting', 'held') AND state = 'held'"
    " UNION ALL SELECT 'shut', COUNT(*) FROM outbox WHERE state = 'shut'"
    " UNION ALL SELECT 'accepted', COUNT(*) FROM outbox WHERE state = 'accepted'"
    " UNION ALL SELECT 'dead', COUNT(*) FROM outbox WHERE state = 'dead'"
)
