"""Statements about what has arrived: the keys already seen, and what is parked, waits behind it or failed."""

from storage.statement import Statement

# One row means that it is new; none, that the network repeats itself.
REMEMBER = Statement("INSERT INTO seen (key, at) VALUES (:key, :at) ON CONFLICT (key) DO NOTHING")
FORGET_OLD = Statement("DELETE FROM seen WHERE at < :before")

PUT = Statement(
    "INSERT INTO inbox (id, address_id, state, sealed, code, next_at, created_at)"
    " VALUES (:id, :address_id, :state, :sealed, :code, :at, :at)"
)
# People whose first waiting thing is a file to be fetched now.
FILES_DUE = Statement(
    "SELECT address_id FROM inbox AS i WHERE state = 'file' AND next_at <= :now AND NOT EXISTS"
    " (SELECT 1 FROM inbox AS e WHERE e.address_id = i.address_id AND e.state IN ('file', 'behind')"
    " AND e.id < i.id) ORDER BY next_at LIMIT :limit"
)
# The next thing of a person after a parked file was dealt with: a message that waited, or another file.
FIRST = Statement(
    "SELECT id, state, sealed, tries FROM inbox WHERE address_id = :address_id AND state IN ('file', 'behind')"
    " ORDER BY id LIMIT 1"
)
# People whose first waiting thing is no file: what a stop between two transactions left behind.
BEHIND_NOTHING = Statement(
    "SELECT DISTINCT address_id FROM inbox AS i WHERE state = 'behind' AND NOT EXISTS"
    " (SELECT 1 FROM inbox AS f WHERE f.address_id = i.address_id AND f.state = 'file' AND f.id < i.id)"
)
POSTPONE = Statement("UPDATE inbox SET tries = tries + 1, next_at = :next_at WHERE id = :id")
REMOVE = Statement("DELETE FROM inbox WHERE id = :id")
GET = Statement("SELECT id, address_id, state, sealed, code, created_at FROM inbox WHERE id = :id")
FAIL = Statement("UPDATE inbox SET state = 'failed', code = :code WHERE id = :id")
FAILED = Statement("SELECT id, code, created_at FROM inbox WHERE state = 'failed' ORDER BY id LIMIT :limit")
# An admin says "coba lagi": it waits like what stands behind a file, and the loop takes it up.
TRY_AGAIN = Statement("UPDATE inbox SET state = 'behind', code = '' WHERE id = :id AND state = 'failed'")
REMOVE_FAILED_OF_ADDRESS = Statement("DELETE FROM inbox WHERE address_id = :address_id AND state = 'failed'")
