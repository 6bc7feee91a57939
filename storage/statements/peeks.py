"""Statements about the links to the page that shows photo and NIK."""

from storage.statement import Statement

ADD = Statement(
    "INSERT INTO peeks (id, token_digest, officer_id, registration_id, version, created_at, expires_at)"
    " VALUES (:id, :token_digest, :officer_id, :registration_id, :version, :at, :expires_at)"
)
FIND = Statement(
    "SELECT id, officer_id, registration_id, version, expires_at, used_at FROM peeks WHERE token_digest = :token_digest"
)
# Of two presses at the same moment one changes the row, and only that one is shown anything.
USE = Statement("UPDATE peeks SET used_at = :at WHERE id = :id AND used_at IS NULL AND expires_at > :at")
DROP_OF_CASE = Statement("DELETE FROM peeks WHERE registration_id = :registration_id AND officer_id = :officer_id")
DROP_OLD = Statement("DELETE FROM peeks WHERE expires_at < :before")
