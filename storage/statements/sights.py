"""Statements about who saw a case, and about the messages that must go again."""

from storage.statement import Statement

ADD_VIEW = Statement(
    "INSERT INTO views (id, registration_id, version, officer_id, kind, prompt, at)"
    " VALUES (:id, :registration_id, :version, :officer_id, :kind, :prompt, :at)"
)
# Whether this officer has seen the photo and the NIK of this version.
SEEN = Statement(
    "SELECT 1 AS one FROM views WHERE registration_id = :registration_id AND officer_id = :officer_id"
    " AND version = :version AND kind = 'ktp' LIMIT 1"
)
# The message that shows the case to this officer, the newest one.
CARD = Statement(
    "SELECT prompt FROM views WHERE registration_id = :registration_id AND officer_id = :officer_id"
    " AND kind = 'card' AND prompt IS NOT NULL ORDER BY id DESC LIMIT 1"
)
VIEWS = Statement(
    "SELECT officer_id, version, kind, at FROM views WHERE registration_id = :registration_id"
    " ORDER BY id DESC LIMIT :limit"
)

ADD_SENSITIVE = Statement(
    "INSERT INTO sensitive (id, officer_id, address_id, registration_id, outbox_id, message_id, until)"
    " VALUES (:id, :officer_id, :address_id, :registration_id, :outbox_id, :message_id, :until)"
)
# An officer may edit a message that is to go already.
NOTED = Statement("SELECT 1 AS one FROM sensitive WHERE address_id = :address_id AND message_id = :message_id")
OF_CASE = Statement(
    "SELECT id, address_id, outbox_id, message_id FROM sensitive WHERE registration_id = :registration_id"
    " AND officer_id = :officer_id ORDER BY id"
)
OF_OFFICER = Statement(
    "SELECT id, address_id, outbox_id, message_id FROM sensitive WHERE officer_id = :officer_id ORDER BY id"
)
OVERDUE = Statement("SELECT id FROM sensitive WHERE until <= :now ORDER BY until LIMIT :limit")
BY_ID = Statement("SELECT id, address_id, outbox_id, message_id FROM sensitive WHERE id = :id")
DROP = Statement("DELETE FROM sensitive WHERE id = :id")
