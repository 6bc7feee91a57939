"""Statements about the networks' judgement of our late texts."""

from storage.statement import Statement

STATES = Statement("SELECT name, state FROM late_texts WHERE channel = :channel")
STATE = Statement("SELECT state FROM late_texts WHERE channel = :channel AND name = :name")
ANY = Statement("SELECT 1 AS there FROM late_texts WHERE channel = :channel LIMIT 1")
# The time is that of the last change.
PUT = Statement(
    "INSERT INTO late_texts (channel, name, state, at) VALUES (:channel, :name, :state, :at)"
    " ON CONFLICT (channel, name) DO UPDATE SET state = excluded.state,"
    " at = CASE WHEN late_texts.state = excluded.state THEN late_texts.at ELSE excluded.at END"
)
DROP = Statement("DELETE FROM late_texts WHERE channel = :channel AND name = :name")
