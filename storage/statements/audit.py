"""Statements about the audit lines and the seals over them."""

from storage.statement import Statement

ADD = Statement(
    "INSERT INTO audit (id, at, actor, actor_id, action, registration_id, detail)"
    " VALUES (:id, :at, :actor, :actor_id, :action, :registration_id, :detail)"
)
OF_REGISTRATION = Statement(
    "SELECT at, actor, actor_id, action, detail FROM audit WHERE registration_id = :registration_id ORDER BY id"
)
UNSEALED = Statement(
    "SELECT id, at, actor, actor_id, action, registration_id, detail FROM audit"
    " WHERE seal_id IS NULL ORDER BY id LIMIT :limit"
)
MARK = Statement("UPDATE audit SET seal_id = :seal_id WHERE id = :id")
LAST_SEAL = Statement("SELECT id, seal FROM audit_seals ORDER BY id DESC LIMIT 1")
ADD_SEAL = Statement("INSERT INTO audit_seals (id, at, lines, digest, seal) VALUES (:id, :at, :lines, :digest, :seal)")
SEALS = Statement(
    "SELECT id, at, lines, digest, seal, pruned FROM audit_seals WHERE id > :after ORDER BY id LIMIT :limit"
)
SEALED_BY = Statement(
    "SELECT id, at, actor, actor_id, action, registration_id, detail FROM audit WHERE seal_id = :seal_id ORDER BY id"
)
# Old lines go by whole seals; the seals stay and still prove the rest.
SEALS_TO_PRUNE = Statement("SELECT id FROM audit_seals WHERE at < :before AND pruned = 0 ORDER BY at LIMIT :limit")
PRUNE_LINES = Statement("DELETE FROM audit WHERE seal_id = :seal_id")
MARK_PRUNED = Statement("UPDATE audit_seals SET pruned = 1 WHERE id = :id")
