"""Statements about audiences that were saved under a name, and the parts of a match that ask other tables."""

from storage.statement import Statement

_COLUMNS = "id, name, conditions, created_by, created_at"

ALL = Statement(f"SELECT {_COLUMNS} FROM audiences ORDER BY lower(name), id")
GET = Statement(f"SELECT {_COLUMNS} FROM audiences WHERE id = :id")
# Two names that differ in capitals only would be taken for one another.
NAMED = Statement(f"SELECT {_COLUMNS} FROM audiences WHERE lower(name) = lower(:name) ORDER BY id LIMIT 1")
ADD = Statement(
    "INSERT INTO audiences (id, name, conditions, created_by, created_at)"
    " VALUES (:id, :name, :conditions, :created_by, :at) ON CONFLICT (name) DO NOTHING"
)
REPLACE = Statement(
    "UPDATE audiences SET conditions = :conditions, created_by = :created_by, created_at = :at WHERE id = :id"
)
DROP = Statement("DELETE FROM audiences WHERE id = :id")

# Who answered an invitation with yes, and who with no.
_ANSWERED = (
    "EXISTS (SELECT 1 FROM attendances AS w WHERE w.address_id = a.id AND w.event_id IN ({{events}}) AND {said})"
)
COMING = _ANSWERED.format(said="w.answer = 'comes'")
DECLINED = _ANSWERED.format(said="w.answer = 'declines'")
# To whom an invitation was sent, may have come, or is in hand at this moment; of a broadcast that was stopped nothing
# else is lined up. CROSS JOIN keeps SQLite from beginning with the recipients.
INVITED = (
    "EXISTS (SELECT 1 FROM broadcasts AS i CROSS JOIN recipients AS w WHERE w.broadcast_id = i.id"
    " AND i.event_id IN ({events}) AND i.kind = 'invitation' AND w.address_id = a.id"
    " AND w.outcome IN ('lined', 'sent', 'delivered', 'unclear'))"
)
