"""Statements about questions that people leave for the office."""

from storage.statement import Statement

# Numbers are short because an officer types them; two at once collide and the second unit runs again.
NEXT_NUMBER = Statement("SELECT COALESCE(MAX(number), 0) + 1 AS number FROM enquiries")
ADD = Statement(
    "INSERT INTO enquiries (number, address_id, area, state, sealed, asked_at)"
    " VALUES (:number, :address_id, :area, 'open', :sealed, :at)"
)
_COLUMNS = "number, address_id, area, state, sealed, asked_at, answered_at, officer_id"
GET = Statement(f"SELECT {_COLUMNS} FROM enquiries WHERE number = :number")
# Two officers who answer at once take turns.
LOCK = Statement(f"SELECT {_COLUMNS} FROM enquiries WHERE number = :number", lock=True)
OPEN = Statement(f"SELECT {_COLUMNS} FROM enquiries WHERE state = 'open' ORDER BY asked_at, number LIMIT :limit")
# Of one village, or of all villages of a district.
OPEN_IN = Statement(
    f"SELECT {_COLUMNS} FROM enquiries WHERE state = 'open' AND (area = :code OR substr(area, 1, 8) = :code)"
    " ORDER BY asked_at, number LIMIT :limit"
)
# The question itself is forgotten once it is answered.
ANSWER = Statement(
    "UPDATE enquiries SET state = 'answered', sealed = NULL, answered_at = :at, officer_id = :officer_id"
    " WHERE number = :number AND state = 'open'"
)
DROP = Statement("DELETE FROM enquiries WHERE address_id = :address_id")
