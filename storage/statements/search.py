"""Statements that find registrations beside a case: alike, on the same phone, by NIK, by words of the name."""

from storage.statement import Statement

# Same birth date, same regency: their names are decrypted and compared, so there is an end to them.
SAME_BIRTH = Statement(
    "SELECT r.id, r.receipt, r.status, a.version, a.sealed FROM registrations AS r"
    " JOIN answers AS a ON a.registration_id = r.id AND a.question = 'name'"
    " WHERE r.birth_digest = (SELECT c.birth_digest FROM registrations AS c WHERE c.id = :id)"
    " AND r.birth_digest IS NOT NULL AND r.id <> :id AND r.status NOT IN ('draft', 'cancelled', 'erased')"
    " AND COALESCE(substr(r.area, 1, 5), '') = :regency AND a.version = (SELECT MAX(b.version)"
    " FROM answers AS b WHERE b.registration_id = r.id AND b.question = 'name')"
    " ORDER BY r.id DESC LIMIT :limit"
)
SAME_PHONE = Statement(
    "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM registrations AS r"
    " WHERE r.phone_digest = (SELECT c.phone_digest FROM registrations AS c WHERE c.id = :id)"
    " AND r.phone_digest IS NOT NULL AND r.id <> :id AND r.status NOT IN ('draft', 'cancelled', 'erased')"
    " LIMIT 100) AS others"
)
WITH_NIK = Statement(
    "SELECT id FROM registrations WHERE nik_digest IS NOT NULL AND nik_digest = :nik_digest"
    " AND status <> 'draft' ORDER BY id DESC LIMIT 20"
)
# All words of the name, in any order; fewer than four words are given more than once.
WITH_WORDS = Statement(
    "SELECT r.id FROM name_words AS n JOIN registrations AS r ON r.id = n.registration_id"
    " WHERE n.word_digest = :first AND r.status <> 'draft'"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :second AND m.registration_id = r.id)"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :third AND m.registration_id = r.id)"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :fourth AND m.registration_id = r.id)"
    " ORDER BY r.id DESC LIMIT :limit"
)
# The same within one district or village.
WITH_WORDS_IN = Statement(
    "SELECT r.id FROM name_words AS n JOIN registrations AS r ON r.id = n.registration_id"
    " WHERE n.word_digest = :first AND r.status <> 'draft' AND (r.district = :code OR r.area = :code)"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :second AND m.registration_id = r.id)"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :third AND m.registration_id = r.id)"
    " AND EXISTS (SELECT 1 FROM name_words AS m WHERE m.word_digest = :fourth AND m.registration_id = r.id)"
    " ORDER BY r.id DESC LIMIT :limit"
)
