-- Made by `make schema` from storage/schema*.py; a test compares it with them and with the steps.

CREATE TABLE addresses (
	id INTEGER NOT NULL,
	channel TEXT NOT NULL,
	address_digest BLOB NOT NULL,
	sealed BLOB,
	created_at INTEGER NOT NULL,
	last_in_at INTEGER NOT NULL,
	unreachable_at INTEGER,
	notices SMALLINT,
	window_at INTEGER DEFAULT '0' NOT NULL,
	messages INTEGER DEFAULT '0' NOT NULL,
	photo_window_at INTEGER DEFAULT '0' NOT NULL,
	photos INTEGER DEFAULT '0' NOT NULL,
	nik_window_at INTEGER DEFAULT '0' NOT NULL,
	wrong_niks INTEGER DEFAULT '0' NOT NULL,
	by_number SMALLINT DEFAULT '0' NOT NULL,
	in_use BLOB,
	held SMALLINT DEFAULT '0' NOT NULL,
	join_window_at INTEGER DEFAULT '0' NOT NULL,
	joins INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_addresses PRIMARY KEY (id),
	CONSTRAINT uq_addresses_address_digest UNIQUE (address_digest)
);

CREATE INDEX ix_addresses_strangers ON addresses (last_in_at) WHERE sealed IS NULL;

CREATE TABLE audiences (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	conditions TEXT NOT NULL,
	created_by INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_audiences PRIMARY KEY (id),
	CONSTRAINT uq_audiences_name UNIQUE (name)
);

CREATE TABLE audit (
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	actor TEXT NOT NULL,
	actor_id INTEGER,
	action TEXT NOT NULL,
	registration_id INTEGER,
	detail TEXT DEFAULT '' NOT NULL,
	seal_id INTEGER,
	CONSTRAINT pk_audit PRIMARY KEY (id),
	CONSTRAINT ck_audit_actor CHECK (actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker'))
);

CREATE INDEX ix_audit_registration_id ON audit (registration_id);

CREATE INDEX ix_audit_seal_id ON audit (seal_id);

CREATE TABLE audit_seals (
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	lines INTEGER NOT NULL,
	digest BLOB NOT NULL,
	seal BLOB NOT NULL,
	pruned SMALLINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_audit_seals PRIMARY KEY (id)
);

CREATE INDEX ix_audit_seals_unpruned ON audit_seals (at) WHERE pruned = 0;

CREATE TABLE events (
	id INTEGER NOT NULL,
	state TEXT NOT NULL,
	starts_at INTEGER NOT NULL,
	village TEXT,
	sealed BLOB NOT NULL,
	word TEXT NOT NULL,
	strangers INTEGER DEFAULT '0' NOT NULL,
	created_by INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_events PRIMARY KEY (id),
	CONSTRAINT ck_events_state CHECK (state IN ('cancelled', 'planned')),
	CONSTRAINT uq_events_word UNIQUE (word)
);

CREATE INDEX ix_events_starts_at ON events (starts_at);

CREATE TABLE invites (
	id INTEGER NOT NULL,
	code_digest BLOB NOT NULL,
	role TEXT NOT NULL,
	areas TEXT DEFAULT '' NOT NULL,
	created_by INTEGER,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER,
	used_by INTEGER,
	CONSTRAINT pk_invites PRIMARY KEY (id),
	CONSTRAINT ck_invites_role CHECK (role IN ('admin', 'officer')),
	CONSTRAINT uq_invites_code_digest UNIQUE (code_digest)
);

CREATE TABLE late_texts (
	channel TEXT NOT NULL,
	name TEXT NOT NULL,
	state TEXT NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_late_texts PRIMARY KEY (channel, name)
);

CREATE TABLE meta (
	"key" TEXT NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);

CREATE TABLE openings (
	channel TEXT NOT NULL,
	address_id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_openings PRIMARY KEY (channel, address_id)
)
 WITHOUT ROWID;

CREATE INDEX ix_openings_at ON openings (channel, at);

CREATE TABLE seen (
	"key" TEXT NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_seen PRIMARY KEY ("key")
)
 WITHOUT ROWID;

CREATE INDEX ix_seen_at ON seen (at);

CREATE TABLE tombstones (
	id INTEGER NOT NULL,
	subject_digest BLOB NOT NULL,
	number TEXT NOT NULL,
	reason TEXT NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_tombstones PRIMARY KEY (id),
	CONSTRAINT uq_tombstones_number UNIQUE (number)
);

CREATE INDEX ix_tombstones_subject_digest ON tombstones (subject_digest);

CREATE TABLE aliases (
	id INTEGER NOT NULL,
	address_digest BLOB NOT NULL,
	address_id INTEGER NOT NULL,
	account_digest BLOB,
	by_number SMALLINT DEFAULT '0' NOT NULL,
	sealed BLOB,
	at INTEGER NOT NULL,
	CONSTRAINT pk_aliases PRIMARY KEY (id),
	CONSTRAINT ck_aliases_only_a_number_belongs_to_an_account CHECK (account_digest IS NULL OR by_number = 1),
	CONSTRAINT uq_aliases_address_digest UNIQUE (address_digest),
	CONSTRAINT fk_aliases_address_id FOREIGN KEY(address_id) REFERENCES addresses (id) ON DELETE CASCADE
);

CREATE INDEX ix_aliases_account ON aliases (account_digest) WHERE account_digest IS NOT NULL;

CREATE INDEX ix_aliases_address_id ON aliases (address_id);

CREATE TABLE attendances (
	event_id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	village TEXT,
	answer TEXT,
	answered_at INTEGER,
	present_at INTEGER,
	CONSTRAINT pk_attendances PRIMARY KEY (event_id, address_id),
	CONSTRAINT ck_attendances_answer CHECK (answer IS NULL OR answer IN ('comes', 'declines')),
	CONSTRAINT ck_attendances_says_something CHECK (answer IS NOT NULL OR present_at IS NOT NULL),
	CONSTRAINT fk_attendances_event_id FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_attendances_address_id ON attendances (address_id);

CREATE TABLE consents (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	registration_id INTEGER,
	kind TEXT NOT NULL,
	text_version TEXT NOT NULL,
	channel TEXT NOT NULL,
	answer SMALLINT NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_consents PRIMARY KEY (id),
	CONSTRAINT ck_consents_kind CHECK (kind IN ('notices', 'registration')),
	CONSTRAINT fk_consents_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_consents_address_id ON consents (address_id);

CREATE TABLE enquiries (
	number INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	area TEXT,
	state TEXT NOT NULL,
	sealed BLOB,
	asked_at INTEGER NOT NULL,
	answered_at INTEGER,
	officer_id INTEGER,
	CONSTRAINT pk_enquiries PRIMARY KEY (number),
	CONSTRAINT ck_enquiries_state CHECK (state IN ('answered', 'open')),
	CONSTRAINT fk_enquiries_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_enquiries_address_id ON enquiries (address_id);

CREATE INDEX ix_enquiries_open ON enquiries (asked_at) WHERE state = 'open';

CREATE TABLE inbox (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	state TEXT NOT NULL,
	sealed BLOB NOT NULL,
	code TEXT DEFAULT '' NOT NULL,
	tries INTEGER DEFAULT '0' NOT NULL,
	next_at INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_inbox PRIMARY KEY (id),
	CONSTRAINT ck_inbox_state CHECK (state IN ('behind', 'failed', 'file')),
	CONSTRAINT fk_inbox_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_inbox_address_id_id ON inbox (address_id, id);

CREATE INDEX ix_inbox_behind ON inbox (address_id, id) WHERE state = 'behind';

CREATE INDEX ix_inbox_failed ON inbox (id) WHERE state = 'failed';

CREATE INDEX ix_inbox_file ON inbox (next_at) WHERE state = 'file';

CREATE TABLE joins (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	code_digest BLOB NOT NULL,
	state TEXT NOT NULL,
	tries SMALLINT DEFAULT '0' NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	joined_id INTEGER,
	alias_id INTEGER,
	sealed BLOB,
	joined_at INTEGER,
	undo_until INTEGER,
	CONSTRAINT pk_joins PRIMARY KEY (id),
	CONSTRAINT ck_joins_state CHECK (state IN ('closed', 'open', 'undone', 'used')),
	CONSTRAINT ck_joins_used_by_somebody CHECK (state <> 'used' OR (joined_id IS NOT NULL AND undo_until IS NOT NULL)),
	CONSTRAINT fk_joins_address_id FOREIGN KEY(address_id) REFERENCES addresses (id) ON DELETE CASCADE,
	CONSTRAINT uq_joins_code_digest UNIQUE (code_digest)
);

CREATE INDEX ix_joins_address_id ON joins (address_id);

CREATE INDEX ix_joins_created_at ON joins (created_at);

CREATE INDEX ix_joins_joined ON joins (joined_id) WHERE joined_id IS NOT NULL;

CREATE INDEX ix_joins_undo ON joins (undo_until) WHERE state = 'used';

CREATE TABLE offers (
	address_id INTEGER NOT NULL,
	outbox_id INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_offers PRIMARY KEY (address_id),
	CONSTRAINT fk_offers_address_id FOREIGN KEY(address_id) REFERENCES addresses (id) ON DELETE CASCADE
);

CREATE TABLE officers (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	role TEXT NOT NULL,
	state TEXT NOT NULL,
	sealed BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	noticed_at INTEGER DEFAULT '0' NOT NULL,
	notice_due INTEGER,
	search_window_at INTEGER DEFAULT '0' NOT NULL,
	searches INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_officers PRIMARY KEY (id),
	CONSTRAINT ck_officers_role CHECK (role IN ('admin', 'officer')),
	CONSTRAINT ck_officers_state CHECK (state IN ('active', 'removed', 'suspended')),
	CONSTRAINT uq_officers_address_id UNIQUE (address_id),
	CONSTRAINT fk_officers_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_officers_notice_due ON officers (notice_due) WHERE notice_due IS NOT NULL;

CREATE TABLE outbox (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	channel TEXT NOT NULL,
	lane SMALLINT NOT NULL,
	state TEXT NOT NULL,
	of_id INTEGER,
	registration_id INTEGER,
	sealed BLOB,
	tries INTEGER DEFAULT '0' NOT NULL,
	next_at INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	sent_at INTEGER,
	sent_id TEXT,
	code TEXT DEFAULT '' NOT NULL,
	broadcast_id INTEGER,
	late SMALLINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_outbox PRIMARY KEY (id),
	CONSTRAINT ck_outbox_state CHECK (state IN ('accepted', 'claimed', 'dead', 'held', 'lined', 'sent', 'shut', 'waiting')),
	CONSTRAINT ck_outbox_lane CHECK (lane BETWEEN 0 AND 3),
	CONSTRAINT ck_outbox_what_was_sent_is_forgotten CHECK (state <> 'sent' OR sealed IS NULL),
	CONSTRAINT ck_outbox_broadcast CHECK ((lane = 2) = (broadcast_id IS NOT NULL)),
	CONSTRAINT ck_outbox_lane_of_broadcasts CHECK (lane <> 2 OR state IN ('lined', 'claimed', 'sent')),
	CONSTRAINT ck_outbox_lane_of_answers CHECK (lane = 2 OR state NOT IN ('lined', 'claimed')),
	CONSTRAINT fk_outbox_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_outbox_accepted ON outbox (sent_at) WHERE state = 'accepted';

CREATE INDEX ix_outbox_address_id ON outbox (address_id);

CREATE INDEX ix_outbox_address_waiting ON outbox (address_id, id) WHERE state IN ('waiting', 'held');

CREATE INDEX ix_outbox_claimed ON outbox (channel, id) WHERE state = 'claimed';

CREATE INDEX ix_outbox_dead ON outbox (id) WHERE state = 'dead';

CREATE INDEX ix_outbox_lined ON outbox (channel, next_at, id) WHERE state = 'lined';

CREATE INDEX ix_outbox_registration ON outbox (registration_id) WHERE registration_id IS NOT NULL;

CREATE INDEX ix_outbox_sent ON outbox (sent_at) WHERE state = 'sent';

CREATE INDEX ix_outbox_shut ON outbox (address_id, id) WHERE state = 'shut';

CREATE INDEX ix_outbox_waiting ON outbox (channel, lane, id) WHERE state = 'waiting';

CREATE TABLE progress (
	address_id INTEGER NOT NULL,
	form TEXT NOT NULL,
	question TEXT NOT NULL,
	turn INTEGER NOT NULL,
	registration_id INTEGER,
	sealed BLOB NOT NULL,
	since INTEGER NOT NULL,
	reminded SMALLINT DEFAULT '0' NOT NULL,
	remind_at INTEGER,
	CONSTRAINT pk_progress PRIMARY KEY (address_id),
	CONSTRAINT fk_progress_address_id FOREIGN KEY(address_id) REFERENCES addresses (id) ON DELETE CASCADE
);

CREATE INDEX ix_progress_remind_at ON progress (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE registrations (
	id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	status TEXT NOT NULL,
	previous_status TEXT,
	version INTEGER NOT NULL,
	receipt TEXT,
	duplicate_of INTEGER,
	area TEXT,
	district TEXT,
	occupation TEXT,
	gender TEXT,
	birth_year INTEGER,
	nik_digest BLOB,
	birth_digest BLOB,
	phone_digest BLOB,
	has_photo SMALLINT DEFAULT '0' NOT NULL,
	out_of_area SMALLINT DEFAULT '0' NOT NULL,
	for_other SMALLINT DEFAULT '0' NOT NULL,
	priority SMALLINT DEFAULT '1' NOT NULL,
	created_at INTEGER NOT NULL,
	submitted_at INTEGER,
	queued_at INTEGER,
	status_at INTEGER NOT NULL,
	officer_id INTEGER,
	leased_until INTEGER,
	event_id INTEGER,
	CONSTRAINT pk_registrations PRIMARY KEY (id),
	CONSTRAINT ck_registrations_status CHECK (status IN ('active', 'cancelled', 'deceased', 'draft', 'erased', 'expired', 'funded', 'grace', 'in_review', 'needs_correction', 'rejected', 'sent_to_bpjs', 'submitted', 'verified', 'waitlisted')),
	CONSTRAINT ck_registrations_legal_move CHECK (previous_status IS NULL OR previous_status || '>' || status IN ('active>deceased', 'active>erased', 'active>expired', 'active>grace', 'cancelled>deceased', 'cancelled>erased', 'deceased>erased', 'draft>cancelled', 'draft>deceased', 'draft>erased', 'draft>submitted', 'expired>deceased', 'expired>erased', 'expired>submitted', 'funded>cancelled', 'funded>deceased', 'funded>erased', 'funded>sent_to_bpjs', 'funded>waitlisted', 'grace>active', 'grace>deceased', 'grace>erased', 'grace>expired', 'in_review>cancelled', 'in_review>deceased', 'in_review>erased', 'in_review>needs_correction', 'in_review>rejected', 'in_review>submitted', 'in_review>verified', 'needs_correction>cancelled', 'needs_correction>deceased', 'needs_correction>erased', 'needs_correction>rejected', 'needs_correction>submitted', 'rejected>deceased', 'rejected>erased', 'rejected>submitted', 'sent_to_bpjs>active', 'sent_to_bpjs>deceased', 'sent_to_bpjs>erased', 'sent_to_bpjs>needs_correction', 'sent_to_bpjs>rejected', 'submitted>cancelled', 'submitted>deceased', 'submitted>erased', 'submitted>in_review', 'verified>cancelled', 'verified>deceased', 'verified>erased', 'verified>funded', 'verified>waitlisted', 'waitlisted>cancelled', 'waitlisted>deceased', 'waitlisted>erased', 'waitlisted>funded')),
	CONSTRAINT ck_registrations_begins_as_draft CHECK (previous_status IS NOT NULL OR status = 'draft'),
	CONSTRAINT ck_registrations_receipt CHECK (status IN ('draft', 'cancelled', 'erased', 'deceased') OR receipt IS NOT NULL),
	CONSTRAINT ck_registrations_priority CHECK (priority BETWEEN 0 AND 2),
	CONSTRAINT ck_registrations_only_a_case_in_review_is_held CHECK (officer_id IS NULL OR status = 'in_review'),
	CONSTRAINT fk_registrations_address_id FOREIGN KEY(address_id) REFERENCES addresses (id),
	CONSTRAINT uq_registrations_receipt UNIQUE (receipt),
	CONSTRAINT fk_registrations_duplicate_of FOREIGN KEY(duplicate_of) REFERENCES registrations (id)
);

CREATE INDEX ix_registrations_address_id ON registrations (address_id);

CREATE INDEX ix_registrations_birth ON registrations (birth_digest) WHERE birth_digest IS NOT NULL;

CREATE INDEX ix_registrations_draft ON registrations (status_at) WHERE status = 'draft';

CREATE INDEX ix_registrations_duplicate ON registrations (duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE INDEX ix_registrations_event ON registrations (event_id) WHERE event_id IS NOT NULL;

CREATE INDEX ix_registrations_in_review ON registrations (status_at) WHERE status = 'in_review';

CREATE INDEX ix_registrations_lease ON registrations (leased_until) WHERE leased_until IS NOT NULL;

CREATE INDEX ix_registrations_nik ON registrations (nik_digest) WHERE nik_digest IS NOT NULL;

CREATE INDEX ix_registrations_officer ON registrations (officer_id) WHERE officer_id IS NOT NULL;

CREATE INDEX ix_registrations_phone ON registrations (phone_digest) WHERE phone_digest IS NOT NULL;

CREATE INDEX ix_registrations_queue ON registrations (priority, queued_at, id) WHERE status = 'submitted';

CREATE INDEX ix_registrations_queue_area ON registrations (area, priority, queued_at, id) WHERE status = 'submitted';

CREATE INDEX ix_registrations_queue_district ON registrations (district, priority, queued_at, id) WHERE status = 'submitted';

CREATE INDEX ix_registrations_rejected ON registrations (status_at) WHERE status = 'rejected';

CREATE INDEX ix_registrations_submitted_at ON registrations (submitted_at);

CREATE UNIQUE INDEX uq_registrations_active_nik ON registrations (nik_digest) WHERE nik_digest IS NOT NULL AND duplicate_of IS NULL AND status IN ('active', 'funded', 'grace', 'in_review', 'needs_correction', 'sent_to_bpjs', 'submitted', 'verified', 'waitlisted');

CREATE TABLE answers (
	registration_id INTEGER NOT NULL,
	question TEXT NOT NULL,
	version INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	source TEXT DEFAULT '' NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_answers PRIMARY KEY (registration_id, question, version),
	CONSTRAINT fk_answers_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE broadcasts (
	id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	previous_state TEXT,
	version INTEGER NOT NULL,
	created_by INTEGER NOT NULL,
	owner_id INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	photo TEXT DEFAULT '' NOT NULL,
	document TEXT DEFAULT '' NOT NULL,
	audience TEXT NOT NULL,
	event_id INTEGER,
	approved_by INTEGER,
	start_at INTEGER,
	first_batch INTEGER,
	code TEXT DEFAULT '' NOT NULL,
	moved_by INTEGER,
	again TEXT DEFAULT '' NOT NULL,
	scanned INTEGER DEFAULT '0' NOT NULL,
	scan_to INTEGER DEFAULT '0' NOT NULL,
	bar INTEGER,
	bar_at INTEGER DEFAULT '0' NOT NULL,
	bar_over INTEGER DEFAULT '0' NOT NULL,
	bar_mark INTEGER DEFAULT '0' NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	created_at INTEGER NOT NULL,
	prepared_at INTEGER,
	started_at INTEGER,
	ended_at INTEGER,
	total INTEGER DEFAULT '0' NOT NULL,
	lined INTEGER DEFAULT '0' NOT NULL,
	sent INTEGER DEFAULT '0' NOT NULL,
	delivered INTEGER DEFAULT '0' NOT NULL,
	failed INTEGER DEFAULT '0' NOT NULL,
	blocked INTEGER DEFAULT '0' NOT NULL,
	unclear INTEGER DEFAULT '0' NOT NULL,
	skipped INTEGER DEFAULT '0' NOT NULL,
	left_out TEXT DEFAULT '{}' NOT NULL,
	networks TEXT DEFAULT '{}' NOT NULL,
	CONSTRAINT pk_broadcasts PRIMARY KEY (id),
	CONSTRAINT ck_broadcasts_kind CHECK (kind IN ('announcement', 'cancellation', 'change', 'invitation', 'reminder')),
	CONSTRAINT ck_broadcasts_state CHECK (state IN ('awaiting_approval', 'done', 'draft', 'paused', 'prepared', 'preparing', 'running', 'scheduled', 'stopped')),
	CONSTRAINT ck_broadcasts_legal_move CHECK (previous_state IS NULL OR previous_state || '>' || state IN ('awaiting_approval>done', 'awaiting_approval>scheduled', 'awaiting_approval>stopped', 'done>awaiting_approval', 'done>scheduled', 'draft>preparing', 'draft>stopped', 'paused>scheduled', 'paused>stopped', 'prepared>awaiting_approval', 'prepared>scheduled', 'prepared>stopped', 'preparing>prepared', 'preparing>stopped', 'running>done', 'running>paused', 'running>stopped', 'scheduled>paused', 'scheduled>running', 'scheduled>stopped')),
	CONSTRAINT ck_broadcasts_again CHECK (again IN ('', 'failed', 'unclear')),
	CONSTRAINT ck_broadcasts_begins_as_draft CHECK (previous_state IS NOT NULL OR state = 'draft'),
	CONSTRAINT ck_broadcasts_a_pause_has_a_reason CHECK (state <> 'paused' OR code <> ''),
	CONSTRAINT ck_broadcasts_nobody_approves_their_own CHECK (approved_by IS NULL OR approved_by <> created_by),
	CONSTRAINT uq_broadcasts_number UNIQUE (number),
	CONSTRAINT fk_broadcasts_created_by FOREIGN KEY(created_by) REFERENCES officers (id),
	CONSTRAINT fk_broadcasts_owner_id FOREIGN KEY(owner_id) REFERENCES officers (id),
	CONSTRAINT fk_broadcasts_event_id FOREIGN KEY(event_id) REFERENCES events (id),
	CONSTRAINT fk_broadcasts_approved_by FOREIGN KEY(approved_by) REFERENCES officers (id),
	CONSTRAINT fk_broadcasts_moved_by FOREIGN KEY(moved_by) REFERENCES officers (id)
);

CREATE INDEX ix_broadcasts_event ON broadcasts (event_id) WHERE event_id IS NOT NULL;

CREATE INDEX ix_broadcasts_open ON broadcasts (state, id) WHERE state NOT IN ('done', 'stopped');

CREATE TABLE desks (
	officer_id INTEGER NOT NULL,
	step TEXT NOT NULL,
	registration_id INTEGER,
	version INTEGER DEFAULT '0' NOT NULL,
	reasons TEXT DEFAULT '' NOT NULL,
	sealed BLOB,
	prompt INTEGER,
	at INTEGER NOT NULL,
	CONSTRAINT pk_desks PRIMARY KEY (officer_id),
	CONSTRAINT fk_desks_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id) ON DELETE CASCADE
);

CREATE TABLE media (
	name TEXT NOT NULL,
	registration_id INTEGER NOT NULL,
	question TEXT NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	flaws TEXT DEFAULT '' NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_media PRIMARY KEY (name),
	CONSTRAINT fk_media_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_registration_id ON media (registration_id);

CREATE TABLE name_words (
	word_digest BLOB NOT NULL,
	registration_id INTEGER NOT NULL,
	CONSTRAINT pk_name_words PRIMARY KEY (word_digest, registration_id),
	CONSTRAINT fk_name_words_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_name_words_registration_id ON name_words (registration_id);

CREATE TABLE notes (
	id INTEGER NOT NULL,
	registration_id INTEGER NOT NULL,
	actor TEXT NOT NULL,
	actor_id INTEGER,
	sealed BLOB NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_notes PRIMARY KEY (id),
	CONSTRAINT ck_notes_actor CHECK (actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker')),
	CONSTRAINT fk_notes_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
);

CREATE INDEX ix_notes_registration_id ON notes (registration_id);

CREATE TABLE objections (
	registration_id INTEGER NOT NULL,
	state TEXT NOT NULL,
	at INTEGER NOT NULL,
	decided_at INTEGER,
	officer_id INTEGER,
	CONSTRAINT pk_objections PRIMARY KEY (registration_id),
	CONSTRAINT ck_objections_state CHECK (state IN ('granted', 'open', 'refused')),
	CONSTRAINT fk_objections_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
);

CREATE INDEX ix_objections_open ON objections (at) WHERE state = 'open';

CREATE TABLE officer_areas (
	officer_id INTEGER NOT NULL,
	code TEXT NOT NULL,
	CONSTRAINT pk_officer_areas PRIMARY KEY (officer_id, code),
	CONSTRAINT fk_officer_areas_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id) ON DELETE CASCADE
);

CREATE TABLE papers (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	subject_id INTEGER NOT NULL,
	officer_id INTEGER NOT NULL,
	state TEXT NOT NULL,
	name TEXT DEFAULT '' NOT NULL,
	code TEXT DEFAULT '' NOT NULL,
	tries INTEGER DEFAULT '0' NOT NULL,
	next_at INTEGER NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_papers PRIMARY KEY (id),
	CONSTRAINT ck_papers_kind CHECK (kind IN ('chart', 'event', 'poster', 'report', 'visits')),
	CONSTRAINT ck_papers_state CHECK (state IN ('failed', 'made', 'wanted')),
	CONSTRAINT ck_papers_made_has_a_file CHECK ((state = 'made') = (name <> '')),
	CONSTRAINT fk_papers_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id)
);

CREATE INDEX ix_papers_wanted ON papers (next_at, id) WHERE state = 'wanted';

CREATE TABLE peeks (
	id INTEGER NOT NULL,
	token_digest BLOB NOT NULL,
	officer_id INTEGER NOT NULL,
	registration_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER,
	CONSTRAINT pk_peeks PRIMARY KEY (id),
	CONSTRAINT uq_peeks_token_digest UNIQUE (token_digest),
	CONSTRAINT fk_peeks_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id),
	CONSTRAINT fk_peeks_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE
);

CREATE INDEX ix_peeks_expires_at ON peeks (expires_at);

CREATE INDEX ix_peeks_registration_id ON peeks (registration_id);

CREATE TABLE pending_decisions (
	registration_id INTEGER NOT NULL,
	officer_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	decided TEXT NOT NULL,
	reasons TEXT DEFAULT '' NOT NULL,
	sealed BLOB,
	prompt INTEGER,
	at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	CONSTRAINT pk_pending_decisions PRIMARY KEY (registration_id),
	CONSTRAINT ck_pending_decisions_decided CHECK (decided IN ('approve', 'correct', 'reject')),
	CONSTRAINT ck_pending_decisions_reason_given CHECK (decided = 'approve' OR reasons <> ''),
	CONSTRAINT fk_pending_decisions_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE,
	CONSTRAINT fk_pending_decisions_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id)
);

CREATE INDEX ix_pending_decisions_due_at ON pending_decisions (due_at);

CREATE INDEX ix_pending_decisions_officer_id ON pending_decisions (officer_id);

CREATE TABLE sensitive (
	id INTEGER NOT NULL,
	officer_id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	registration_id INTEGER,
	outbox_id INTEGER,
	message_id TEXT DEFAULT '' NOT NULL,
	until INTEGER NOT NULL,
	CONSTRAINT pk_sensitive PRIMARY KEY (id),
	CONSTRAINT fk_sensitive_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id),
	CONSTRAINT fk_sensitive_address_id FOREIGN KEY(address_id) REFERENCES addresses (id)
);

CREATE INDEX ix_sensitive_officer_id ON sensitive (officer_id);

CREATE INDEX ix_sensitive_registration_id ON sensitive (registration_id);

CREATE INDEX ix_sensitive_until ON sensitive (until);

CREATE TABLE status_changes (
	id INTEGER NOT NULL,
	registration_id INTEGER NOT NULL,
	from_status TEXT NOT NULL,
	to_status TEXT NOT NULL,
	actor TEXT NOT NULL,
	actor_id INTEGER,
	reason TEXT DEFAULT '' NOT NULL,
	at INTEGER NOT NULL,
	CONSTRAINT pk_status_changes PRIMARY KEY (id),
	CONSTRAINT ck_status_changes_legal_move CHECK (from_status || '>' || to_status IN ('active>deceased', 'active>erased', 'active>expired', 'active>grace', 'cancelled>deceased', 'cancelled>erased', 'deceased>erased', 'draft>cancelled', 'draft>deceased', 'draft>erased', 'draft>submitted', 'expired>deceased', 'expired>erased', 'expired>submitted', 'funded>cancelled', 'funded>deceased', 'funded>erased', 'funded>sent_to_bpjs', 'funded>waitlisted', 'grace>active', 'grace>deceased', 'grace>erased', 'grace>expired', 'in_review>cancelled', 'in_review>deceased', 'in_review>erased', 'in_review>needs_correction', 'in_review>rejected', 'in_review>submitted', 'in_review>verified', 'needs_correction>cancelled', 'needs_correction>deceased', 'needs_correction>erased', 'needs_correction>rejected', 'needs_correction>submitted', 'rejected>deceased', 'rejected>erased', 'rejected>submitted', 'sent_to_bpjs>active', 'sent_to_bpjs>deceased', 'sent_to_bpjs>erased', 'sent_to_bpjs>needs_correction', 'sent_to_bpjs>rejected', 'submitted>cancelled', 'submitted>deceased', 'submitted>erased', 'submitted>in_review', 'verified>cancelled', 'verified>deceased', 'verified>erased', 'verified>funded', 'verified>waitlisted', 'waitlisted>cancelled', 'waitlisted>deceased', 'waitlisted>erased', 'waitlisted>funded')),
	CONSTRAINT ck_status_changes_actor CHECK (actor IN ('admin', 'helper', 'liaison', 'officer', 'system', 'worker')),
	CONSTRAINT ck_status_changes_reason_given CHECK (to_status NOT IN ('needs_correction', 'rejected') OR reason <> ''),
	CONSTRAINT fk_status_changes_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id)
);

CREATE INDEX ix_status_changes_decided ON status_changes (at) WHERE to_status IN ('verified', 'needs_correction', 'rejected') AND actor = 'officer';

CREATE INDEX ix_status_changes_registration_id ON status_changes (registration_id);

CREATE TABLE views (
	id INTEGER NOT NULL,
	registration_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	officer_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	prompt INTEGER,
	at INTEGER NOT NULL,
	CONSTRAINT pk_views PRIMARY KEY (id),
	CONSTRAINT ck_views_kind CHECK (kind IN ('card', 'history', 'ktp', 'search')),
	CONSTRAINT fk_views_registration_id FOREIGN KEY(registration_id) REFERENCES registrations (id),
	CONSTRAINT fk_views_officer_id FOREIGN KEY(officer_id) REFERENCES officers (id)
);

CREATE INDEX ix_views_registration_id_officer_id ON views (registration_id, officer_id);

CREATE TABLE recipients (
	broadcast_id INTEGER NOT NULL,
	address_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	channel TEXT NOT NULL,
	registration_id INTEGER,
	shared SMALLINT NOT NULL,
	village TEXT,
	outcome TEXT NOT NULL,
	code TEXT DEFAULT '' NOT NULL,
	at INTEGER NOT NULL,
	opted_out SMALLINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_recipients PRIMARY KEY (broadcast_id, address_id),
	CONSTRAINT uq_recipients_broadcast_id_person_id UNIQUE (broadcast_id, person_id),
	CONSTRAINT ck_recipients_outcome CHECK (outcome IN ('blocked', 'delivered', 'failed', 'left_out', 'lined', 'sent', 'skipped', 'unclear', 'waiting')),
	CONSTRAINT ck_recipients_reason_given CHECK (outcome NOT IN ('left_out', 'failed', 'skipped') OR code <> ''),
	CONSTRAINT fk_recipients_broadcast_id FOREIGN KEY(broadcast_id) REFERENCES broadcasts (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_recipients_faults ON recipients (broadcast_id, outcome, code) WHERE outcome IN ('failed', 'skipped', 'unclear');

CREATE INDEX ix_recipients_opted_out ON recipients (broadcast_id, opted_out) WHERE opted_out = 1;

CREATE INDEX ix_recipients_waiting ON recipients (broadcast_id, channel, address_id) WHERE outcome = 'waiting';

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('0003');
