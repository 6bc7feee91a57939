"""Statements about whom we wrote to first at a network, and when."""

from storage.statement import Statement

NOTE = Statement(
    "INSERT INTO openings (channel, address_id, at) VALUES (:channel, :address_id, :at)"
    " ON CONFLICT (channel, address_id) DO UPDATE SET at = excluded.at"
)
COUNT = Statement("SELECT COUNT(*) AS n FROM openings WHERE channel = :channel AND at > :since")
FIRST = Statement("SELECT MIN(at) AS at FROM openings WHERE channel = :channel AND at > :since")
DROP_BEFORE = Statement("DELETE FROM openings WHERE channel = :channel AND at <= :before")
