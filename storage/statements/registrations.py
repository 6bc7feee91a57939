"""Statements about registrations: the file, its answers, pictures, consents, moves and its end."""

from storage.statement import Statement

_COLUMNS = (
    "id, address_id, status, version, receipt, duplicate_of, area, district, occupation, gender, birth_year,"
    " has_photo, out_of_area, for_other, priority, created_at, submitted_at, queued_at, status_at,"
    " officer_id, leased_until"
)

ADD = Statement(
    "INSERT INTO registrations (id, address_id, status, version, for_other, created_at, status_at)"
    " VALUES (:id, :address_id, 'draft', 1, :for_other, :at, :at)"
)
GET = Statement(f"SELECT {_COLUMNS} FROM registrations WHERE id = :id")
# The same, held until the transaction ends: two officers, or an officer and the worker, take turns.
LOCK = Statement(f"SELECT {_COLUMNS} FROM registrations WHERE id = :id", lock=True)
BY_RECEIPT = Statement(f"SELECT {_COLUMNS} FROM registrations WHERE receipt = :receipt")
RECEIPT_TAKEN = Statement("SELECT 1 AS one FROM registrations WHERE receipt = :receipt")
# All of one address, the newest first; a shared phone holds several.
OF_ADDRESS = Statement(
    f"SELECT {_COLUMNS} FROM registrations WHERE address_id = :address_id AND status NOT IN ('erased') ORDER BY id DESC"
)
# Active registrations with this NIK, the first one first.
WITH_NIK = Statement(
    f"SELECT {_COLUMNS} FROM registrations WHERE nik_digest = :nik_digest AND status IN"
    " ('submitted', 'in_review', 'needs_correction', 'verified', 'waitlisted', 'funded', 'sent_to_bpjs',"
    " 'active', 'grace') ORDER BY id LIMIT 20"
)
# The file and its state, only if it is still the version and state that was read.
SAVE = Statement(
    "UPDATE registrations SET version = :version, receipt = :receipt, duplicate_of = :duplicate_of,"
    " area = :area, district = :district, occupation = :occupation, gender = :gender,"
    " birth_year = :birth_year, has_photo = :has_photo, out_of_area = :out_of_area, priority = :priority,"
    " submitted_at = :submitted_at, queued_at = :queued_at"
    " WHERE id = :id AND version = :was_version AND status = :status"
)
# A legal move keeps the state it came from: the CHECK constraint compares the two.
MOVE = Statement(
    "UPDATE registrations SET previous_status = status, status = :to_status, status_at = :at,"
    " officer_id = :officer_id, leased_until = :leased_until"
    " WHERE id = :id AND version = :version AND status = :from_status"
)
ADD_CHANGE = Statement(
    "INSERT INTO status_changes (id, registration_id, from_status, to_status, actor, actor_id, reason, at)"
    " VALUES (:id, :registration_id, :from_status, :to_status, :actor, :actor_id, :reason, :at)"
)
CHANGES = Statement(
    "SELECT from_status, to_status, actor, actor_id, reason, at FROM status_changes"
    " WHERE registration_id = :registration_id ORDER BY id"
)
INDEX_PERSON = Statement(
    "UPDATE registrations SET nik_digest = :nik_digest, birth_digest = :birth_digest,"
    " phone_digest = :phone_digest WHERE id = :id"
)
DROP_NAME_WORDS = Statement("DELETE FROM name_words WHERE registration_id = :registration_id")
ADD_NAME_WORD = Statement(
    "INSERT INTO name_words (word_digest, registration_id) VALUES (:word_digest, :registration_id)"
    " ON CONFLICT (word_digest, registration_id) DO NOTHING"
)

# All answers, the newest version of each last: few have more than one, so none is looked up by itself.
ANSWERS = Statement(
    "SELECT question, version, sealed FROM answers WHERE registration_id = :registration_id ORDER BY question, version"
)
ANSWER_VERSIONS = Statement(
    "SELECT question, version, sealed, at FROM answers WHERE registration_id = :registration_id"
    " ORDER BY version, at, question"
)
PUT_ANSWER = Statement(
    "INSERT INTO answers (registration_id, question, version, sealed, source, at)"
    " VALUES (:registration_id, :question, :version, :sealed, :source, :at)"
    " ON CONFLICT (registration_id, question, version)"
    " DO UPDATE SET sealed = excluded.sealed, source = excluded.source, at = excluded.at"
)
DROP_ANSWER = Statement(
    "DELETE FROM answers WHERE registration_id = :registration_id AND question = :question AND version = :version"
)
DROP_ANSWERS = Statement("DELETE FROM answers WHERE registration_id = :registration_id")
# Which answers an edited message gave that still stand; one that was given again since is not its own any more.
BY_SOURCE = Statement(
    "SELECT question FROM answers WHERE registration_id = :registration_id AND source = :source"
    " AND NOT EXISTS (SELECT 1 FROM answers AS later WHERE later.registration_id = answers.registration_id"
    " AND later.question = answers.question AND later.version > answers.version)"
)

ADD_CONSENT = Statement(
    "INSERT INTO consents (id, address_id, registration_id, kind, text_version, channel, answer, at)"
    " VALUES (:id, :address_id, :registration_id, :kind, :text_version, :channel, :answer, :at)"
)
CONSENTS = Statement(
    "SELECT kind, text_version, channel, answer, at FROM consents WHERE address_id = :address_id ORDER BY id"
)

# With the last of their data a person's consents go too: there is nothing left that they would prove.
DROP_CONSENTS = Statement("DELETE FROM consents WHERE address_id = :address_id")

ADD_PHOTO = Statement(
    "INSERT INTO media (name, registration_id, question, width, height, flaws, at)"
    " VALUES (:name, :registration_id, :question, :width, :height, :flaws, :at)"
)
PHOTO = Statement(
    "SELECT name, width, height, flaws FROM media WHERE registration_id = :registration_id"
    " AND question = :question ORDER BY at DESC, name LIMIT 1"
)
PHOTOS = Statement("SELECT name FROM media WHERE registration_id = :registration_id")
PHOTO_NAMES = Statement("SELECT name FROM media")
DROP_PHOTOS = Statement("DELETE FROM media WHERE registration_id = :registration_id")
# A draft keeps only the picture that was sent last; what is corrected later keeps its history.
OLDER_PHOTOS = Statement(
    "SELECT name FROM media WHERE registration_id = :registration_id AND question = :question AND name <> :name"
)
DROP_PHOTO = Statement("DELETE FROM media WHERE name = :name")

ADD_NOTE = Statement(
    "INSERT INTO notes (id, registration_id, actor, actor_id, sealed, at)"
    " VALUES (:id, :registration_id, :actor, :actor_id, :sealed, :at)"
)
NOTES = Statement(
    "SELECT id, actor, actor_id, sealed, at FROM notes WHERE registration_id = :registration_id ORDER BY id"
)
DROP_PEEKS = Statement("DELETE FROM peeks WHERE registration_id = :registration_id")
DROP_NOTES = Statement("DELETE FROM notes WHERE registration_id = :registration_id")

OBJECT = Statement(
    "INSERT INTO objections (registration_id, state, at) VALUES (:registration_id, 'open', :at)"
    " ON CONFLICT (registration_id) DO NOTHING"
)
OBJECTION = Statement("SELECT state FROM objections WHERE registration_id = :registration_id")

# What is left of an erased registration: that it was there, and when it ended.
BLANK = Statement(
    "UPDATE registrations SET nik_digest = NULL, birth_digest = NULL, phone_digest = NULL, area = NULL,"
    " district = NULL, occupation = NULL, gender = NULL, birth_year = NULL, duplicate_of = NULL,"
    " has_photo = 0 WHERE id = :id"
)
# Whoever stood in the queue as a duplicate of the erased one stands alone now, unless a third holds the NIK.
FREE_DUPLICATES = Statement(
    "UPDATE registrations SET duplicate_of = NULL WHERE id = (SELECT MIN(r.id) FROM registrations AS r"
    " WHERE r.duplicate_of = :id AND r.status IN ('submitted', 'in_review', 'needs_correction', 'verified',"
    " 'waitlisted', 'funded', 'sent_to_bpjs', 'active', 'grace'))"
)
REJECTED_BEFORE = Statement(
    f"SELECT {_COLUMNS} FROM registrations WHERE status = 'rejected' AND status_at < :before"
    " ORDER BY status_at LIMIT :limit"
)
ADD_TOMBSTONE = Statement(
    "INSERT INTO tombstones (id, subject_digest, number, reason, at)"
    " VALUES (:id, :subject_digest, :number, :reason, :at)"
)
# How long the latest decisions took from the place in the queue: what we may honestly promise.
RECENT_WAITS = Statement(
    "SELECT c.at - r.queued_at AS waited FROM status_changes AS c"
    " JOIN registrations AS r ON r.id = c.registration_id"
    " WHERE c.to_status IN ('verified', 'needs_correction', 'rejected') AND c.actor = 'officer'"
    " AND c.at > :since AND c.at >= r.queued_at ORDER BY c.at DESC LIMIT 50"
)
# How many stand before a case in the queue; nobody needs it more exactly than "more than a thousand".
BEFORE_IN_QUEUE = Statement(
    "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM registrations WHERE status = 'submitted'"
    " AND (priority, queued_at) < (:priority, :queued_at) LIMIT 1001) AS before_it"
)
