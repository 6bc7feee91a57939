"""Statements about the database itself."""

from storage.statement import Statement

GET = Statement("SELECT value FROM meta WHERE key = :key")
PUT = Statement(
    "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
# Ids go on above everything stored, whatever the clock says after a restart.
HIGHEST_ID = Statement(
    "SELECT MAX(id) AS id FROM (SELECT MAX(id) AS id FROM outbox UNION ALL SELECT MAX(id) FROM audit"
    " UNION ALL SELECT MAX(id) FROM registrations UNION ALL SELECT MAX(id) FROM addresses"
    " UNION ALL SELECT MAX(id) FROM inbox UNION ALL SELECT MAX(id) FROM aliases UNION ALL SELECT MAX(id) FROM joins"
    ") AS highest"
)
