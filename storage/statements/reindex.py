"""Statements that make every keyed hash anew, in slices by row id, after a change of the index key."""

from storage.statement import Statement

# A stranger's address is not kept, so its hash cannot be made anew: that row is forgotten when its days are over.
ADDRESSES = Statement(
    "SELECT id, address_digest, in_use, sealed FROM addresses WHERE id > :after AND sealed IS NOT NULL"
    " ORDER BY id LIMIT :limit"
)
PUT_ADDRESS = Statement("UPDATE addresses SET address_digest = :digest, in_use = :in_use_digest WHERE id = :id")
PUT_ALIAS = Statement("UPDATE aliases SET address_digest = :digest, account_digest = :account_digest WHERE id = :id")
REGISTRATIONS = Statement(
    "SELECT id, nik_digest, birth_digest, phone_digest FROM registrations WHERE id > :after ORDER BY id LIMIT :limit"
)
PUT_REGISTRATION = Statement(
    "UPDATE registrations SET nik_digest = :nik_digest, birth_digest = :birth_digest, phone_digest = :phone_digest"
    " WHERE id = :id"
)
NAME_WORDS = Statement("SELECT word_digest FROM name_words WHERE registration_id = :registration_id")
SEALS = Statement("SELECT id, lines, digest FROM audit_seals WHERE id > :after ORDER BY id LIMIT :limit")
SEAL = Statement("SELECT seal FROM audit_seals WHERE id = :id")
PUT_SEAL = Statement("UPDATE audit_seals SET seal = :seal WHERE id = :id")
