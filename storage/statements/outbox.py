"""Statements about what is to be sent: put, take in order, mark, hold, forget."""

from storage.statement import Statement

PUT = Statement(
    "INSERT INTO outbox (id, address_id, channel, lane, state, of_id, registration_id, sealed, next_at, created_at)"
    " VALUES (:id, :address_id, :channel, :lane, :state, :of_id, :registration_id, :sealed, :next_at, :at)"
)
# The first waiting row of each person whose time has come, and the network's id of what it changes or takes back;
# chat replies (lane 0) before notices and broadcasts.
DUE = Statement(
    "SELECT o.id, o.address_id, o.lane, o.of_id, o.sealed, o.tries, o.created_at, m.sent_id AS ref FROM outbox AS o"
    " LEFT JOIN outbox AS m ON m.id = o.of_id"
    " WHERE o.state = 'waiting' AND o.channel = :channel AND o.next_at <= :now AND NOT EXISTS"
    " (SELECT 1 FROM outbox AS e WHERE e.address_id = o.address_id AND e.state IN ('waiting', 'held')"
    " AND e.id < o.id) ORDER BY o.lane, o.id LIMIT :limit"
)
# What comes after a row of the same person, whatever it is.
AFTER = Statement(
    "SELECT o.id, o.address_id, o.lane, o.of_id, o.sealed, o.tries, o.created_at, o.next_at, o.channel,"
    " m.sent_id AS ref FROM outbox AS o LEFT JOIN outbox AS m ON m.id = o.of_id"
    " WHERE o.address_id = :address_id AND o.state IN ('waiting', 'held') AND o.id > :id ORDER BY o.id LIMIT 1"
)
# When the next row falls due, if none is due now; what stands behind an earlier row has to wait for that one.
NEXT = Statement(
    "SELECT MIN(next_at) AS at FROM outbox AS o WHERE state = 'waiting' AND channel = :channel AND NOT EXISTS"
    " (SELECT 1 FROM outbox AS e WHERE e.address_id = o.address_id AND e.state IN ('waiting', 'held')"
    " AND e.id < o.id)"
)
# Once it is out, the text is forgotten; the network's id stays for edits and deletions.
SENT = Statement("UPDATE outbox SET state = 'sent', sealed = NULL, sent_at = :at, sent_id = :sent_id WHERE id = :id")
POSTPONE = Statement("UPDATE outbox SET tries = tries + 1, next_at = :next_at, code = :code WHERE id = :id")
DEAD = Statement("UPDATE outbox SET state = 'dead', code = :code WHERE id = :id")
REPLACE = Statement("UPDATE outbox SET sealed = :sealed, of_id = :of_id, tries = 0, next_at = :at WHERE id = :id")
# A person who blocked us: what waits is held until they return. Said twice, so that SQLite finds the index.
HOLD_ADDRESS = Statement(
    "UPDATE outbox SET state = 'held', code = :code WHERE address_id = :address_id"
    " AND state IN ('waiting', 'held') AND state = 'waiting'"
)
# Held time does not count as time in which it could have been delivered.
RELEASE_ADDRESS = Statement(
    "UPDATE outbox SET state = 'waiting', next_at = :at, created_at = :at, tries = 0"
    " WHERE address_id = :address_id AND state IN ('waiting', 'held') AND state = 'held'"
)
DEAD_LETTERS = Statement("SELECT id, code, created_at FROM outbox WHERE state = 'dead' ORDER BY id LIMIT :limit")
TRY_AGAIN = Statement(
    "UPDATE outbox SET state = 'waiting', tries = 0, next_at = :at, created_at = :at WHERE id = :id AND state = 'dead'"
)
WAITING_OF = Statement(
    "SELECT COUNT(*) AS n FROM outbox WHERE address_id = :address_id AND state IN ('waiting', 'held')"
)
HELD_OF_REGISTRATION = Statement(
    "SELECT COUNT(*) AS n FROM outbox WHERE registration_id = :registration_id AND state = 'held'"
)
# Undelivered texts about a registration go with it when it is erased.
DROP_REGISTRATION = Statement("DELETE FROM outbox WHERE registration_id = :registration_id AND state <> 'sent'")
# The same for a person who takes everything back.
DROP_ADDRESS = Statement("DELETE FROM outbox WHERE address_id = :address_id AND state <> 'sent' AND id < :before")
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
    " AND state IN ('held', 'dead') AND created_at < :before"
)
COUNT_STATES = Statement(
    "SELECT 'waiting' AS state, COUNT(*) AS n FROM outbox WHERE state = 'waiting'"
    " UNION ALL SELECT 'held', COUNT(*) FROM outbox WHERE state IN ('waiting', 'held') AND state = 'held'"
    " UNION ALL SELECT 'dead', COUNT(*) FROM outbox WHERE state = 'dead'"
)
