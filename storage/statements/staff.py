"""Statements about officers and admins: who they are, their areas, their invitations and notices."""

from storage.statement import Statement

_COLUMNS = "id, address_id, role, state, sealed, noticed_at, notice_due, search_window_at, searches"

# The active officer at an address, kept until the transaction ends: a suspension waits for what they do now.
ACTIVE_AT = Statement(f"SELECT {_COLUMNS} FROM officers WHERE address_id = :address_id AND state = 'active'", lock=True)
AT_ADDRESS = Statement(f"SELECT {_COLUMNS} FROM officers WHERE address_id = :address_id", lock=True)
BY_ID = Statement(f"SELECT {_COLUMNS} FROM officers WHERE id = :id")
LOCK = Statement(f"SELECT {_COLUMNS} FROM officers WHERE id = :id", lock=True)
ALL = Statement(f"SELECT {_COLUMNS} FROM officers WHERE state <> 'removed' ORDER BY role, created_at, id")
# Held while one of them is taken away, so that two admins cannot remove each other at the same moment.
ACTIVE_ADMINS = Statement("SELECT id FROM officers WHERE role = 'admin' AND state = 'active' ORDER BY id", lock=True)
AREAS = Statement("SELECT code FROM officer_areas WHERE officer_id = :officer_id ORDER BY code")
ALL_AREAS = Statement(
    "SELECT DISTINCT a.code FROM officer_areas AS a JOIN officers AS o ON o.id = a.officer_id"
    " JOIN addresses AS d ON d.id = o.address_id WHERE o.state = 'active' AND d.unreachable_at IS NULL"
    " ORDER BY a.code"
)
ADD = Statement(
    "INSERT INTO officers (id, address_id, role, state, sealed, created_at)"
    " VALUES (:id, :address_id, :role, 'active', :sealed, :at)"
)
RENEW = Statement(
    "UPDATE officers SET role = :role, state = 'active', sealed = :sealed, notice_due = NULL WHERE id = :id"
)
SET_STATE = Statement("UPDATE officers SET state = :state, notice_due = NULL WHERE id = :id")
DROP_AREAS = Statement("DELETE FROM officer_areas WHERE officer_id = :officer_id")
ADD_AREA = Statement("INSERT INTO officer_areas (officer_id, code) VALUES (:officer_id, :code)")

# Who looks after a village, by its own code or its district's, and can be reached.
OF_AREA = Statement(
    "SELECT DISTINCT o.id FROM officers AS o JOIN officer_areas AS a ON a.officer_id = o.id"
    " JOIN addresses AS d ON d.id = o.address_id WHERE o.state = 'active' AND d.unreachable_at IS NULL"
    " AND o.address_id <> :own AND (a.code = :village OR a.code = :district) ORDER BY o.id"
)
OF_WHOLE_AREA = Statement(
    "SELECT o.id FROM officers AS o JOIN addresses AS d ON d.id = o.address_id"
    " WHERE o.state = 'active' AND o.role = 'officer' AND d.unreachable_at IS NULL AND o.address_id <> :own"
    " AND NOT EXISTS (SELECT 1 FROM officer_areas AS a WHERE a.officer_id = o.id) ORDER BY o.id"
)
ADMINS = Statement(
    "SELECT o.id FROM officers AS o JOIN addresses AS d ON d.id = o.address_id"
    " WHERE o.state = 'active' AND o.role = 'admin' AND d.unreachable_at IS NULL AND o.address_id <> :own"
    " ORDER BY o.id"
)
NOTICED = Statement("UPDATE officers SET noticed_at = :at, notice_due = NULL WHERE id = :id")
NOTICE_LATER = Statement("UPDATE officers SET notice_due = :due WHERE id = :id AND notice_due IS NULL")
NO_NOTICE = Statement("UPDATE officers SET notice_due = NULL WHERE id = :id")
NOTICES_DUE = Statement(
    "SELECT id FROM officers WHERE notice_due IS NOT NULL AND notice_due <= :now ORDER BY notice_due LIMIT :limit"
)
SET_SEARCHES = Statement("UPDATE officers SET search_window_at = :since, searches = :n WHERE id = :id")

ADD_INVITE = Statement(
    "INSERT INTO invites (id, code_digest, role, areas, created_by, created_at, expires_at)"
    " VALUES (:id, :code_digest, :role, :areas, :created_by, :at, :expires_at)"
)
INVITE = Statement(
    "SELECT id, role, areas, expires_at, used_at FROM invites WHERE code_digest = :code_digest", lock=True
)
USE_INVITE = Statement("UPDATE invites SET used_at = :at, used_by = :used_by WHERE id = :id AND used_at IS NULL")
