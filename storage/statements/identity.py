"""Statements about which person an address leads to: lasting ids, numbers, other addresses, and the one in use."""

from storage.statement import Statement

# What an address leads to. An alias comes first: beside it the row's own is only what a race left behind.
LEADS_TO = Statement(
    "SELECT s.address_id, s.id AS alias_id, s.account_digest, s.by_number, 0 AS own"
    " FROM aliases AS s JOIN addresses AS a ON a.id = s.address_id WHERE s.address_digest = :address_digest"
    " AND a.address_digest <> :address_digest"
    " UNION ALL SELECT id, NULL, NULL, by_number, 1 FROM addresses WHERE address_digest = :address_digest"
    " ORDER BY own LIMIT 1"
)
PERSON = Statement(
    "SELECT id, channel, address_digest, by_number, in_use, sealed, unreachable_at FROM addresses WHERE id = :id",
    lock=True,
)
ALIASES = Statement(
    "SELECT id, address_digest, account_digest, by_number, sealed FROM aliases WHERE address_id = :address_id"
    " ORDER BY id"
)
# Of people who are known by nothing but this address: who has answered, asked or agreed to something has more to lose.
IS_BARE = Statement(
    "SELECT 1 AS one FROM addresses AS a WHERE a.id = :id AND a.sealed IS NULL AND a.notices IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM aliases AS s WHERE s.address_id = a.id AND s.account_digest IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM registrations AS r WHERE r.address_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM officers AS o WHERE o.address_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM consents AS c WHERE c.address_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM enquiries AS e WHERE e.address_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM attendances AS t WHERE t.address_id = a.id)"
    " AND NOT EXISTS (SELECT 1 FROM inbox AS i WHERE i.address_id = a.id)"
)
# Whoever was there a moment ago and has nothing yet; with a row of theirs anywhere they stay, under no address.
DROP_BARE = Statement(
    "DELETE FROM addresses WHERE id = :id AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.address_id = addresses.id)"
)
SET_OWN = Statement("UPDATE addresses SET address_digest = :address_digest, by_number = :by_number WHERE id = :id")
SET_USED = Statement(
    "UPDATE addresses SET channel = :channel, in_use = :used_digest, sealed = :sealed, unreachable_at = NULL"
    " WHERE id = :id"
)
ADD_ALIAS = Statement(
    "INSERT INTO aliases (id, address_digest, address_id, account_digest, by_number, sealed, at)"
    " VALUES (:id, :address_digest, :address_id, :account_digest, :by_number, :sealed, :at)"
)
SET_ALIAS = Statement(
    "UPDATE aliases SET address_digest = :address_digest, account_digest = NULL, by_number = :by_number WHERE id = :id"
)
SEAL_ALIAS = Statement("UPDATE aliases SET sealed = :sealed WHERE id = :id")
DROP_ALIAS = Statement("DELETE FROM aliases WHERE address_digest = :address_digest")
DROP_ALIASES = Statement("DELETE FROM aliases WHERE address_id = :address_id")
# An account has one number at a time: the one it had before may be somebody else's soon.
DROP_NUMBERS = Statement(
    "DELETE FROM aliases WHERE account_digest = :account_digest AND address_digest <> :address_digest"
)
DROP_ALL_NUMBERS = Statement("DELETE FROM aliases WHERE account_digest = :account_digest AND address_id = :address_id")
GIVE_NUMBERS = Statement("UPDATE aliases SET address_id = :address_id WHERE account_digest = :account_digest")
SET_IN_USE = Statement("UPDATE addresses SET in_use = :used_digest WHERE id = :id")

# What waits for a person who has come to another address. Two indexes, so two halves.
UNSENT = Statement(
    "SELECT id, channel, state, sealed FROM outbox WHERE address_id = :address_id AND state IN ('waiting', 'held')"
    " UNION ALL SELECT id, channel, state, sealed FROM outbox WHERE address_id = :address_id AND state = 'shut'"
    " ORDER BY id"
)
RELEASE = Statement(
    "UPDATE outbox SET state = 'waiting', next_at = :at, created_at = :at, tries = 0 WHERE id = :id AND state = 'held'"
)
# What was sent to one chat is not changed in another.
FORGET_SENT_IDS = Statement("UPDATE outbox SET sent_id = NULL WHERE address_id = :address_id AND state = 'sent'")
# A broadcast that is under way finds them at the new address.
LINE_UP_THERE = Statement("UPDATE outbox SET channel = :channel WHERE address_id = :address_id AND state = 'lined'")
EXPECT_THERE = Statement(
    "UPDATE recipients SET channel = :channel WHERE address_id = :address_id AND outcome = 'waiting'"
    " AND broadcast_id IN (SELECT b.id FROM broadcasts AS b)"
)
