//! The device register, and what a visit leaves behind: signature, amendments, waste, photos.

crate::sql::step! {
    both: &[
        "ALTER TABLE care_order ADD COLUMN preferred_nurse_id {uuid}",
        "CREATE TABLE device (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            kind {text} NOT NULL,
            site {text} NOT NULL,
            material {text},
            detail_enc {text} NOT NULL,
            placed_at {ts} NOT NULL,
            placed_by {text} NOT NULL,
            placed_by_nurse {uuid},
            review_due {date},
            latest_on {date},
            reviewed_at {ts},
            told_for {date},
            removed_at {ts},
            removal {text},
            replaced_by {uuid},
            version {big} NOT NULL,
            created_by {uuid} NOT NULL,
            created_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CONSTRAINT device_removed_after_placed CHECK (removed_at IS NULL OR removed_at >= placed_at),
            CHECK ((removed_at IS NULL) = (removal IS NULL)),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, placed_by_nurse) REFERENCES nurse (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX device_one_current ON device (community_id, patient_id, kind, site)
         WHERE removed_at IS NULL",
        "CREATE INDEX device_of_patient ON device (community_id, patient_id, id)",
        "CREATE INDEX device_in_place ON device (community_id, placed_at, removed_at)",
        "CREATE TABLE device_visit (
            community_id {uuid} NOT NULL,
            device_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            act {text} NOT NULL,
            at {ts} NOT NULL,
            PRIMARY KEY (community_id, device_id, visit_id, act),
            FOREIGN KEY (community_id, device_id) REFERENCES device (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {clustered}",
        "CREATE TABLE visit_signature (
            community_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            record_hash {text} NOT NULL,
            signed_by {uuid} NOT NULL,
            signed_at {ts} NOT NULL,
            PRIMARY KEY (community_id, visit_id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {clustered}",
        "CREATE TABLE visit_amendment (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            author {uuid} NOT NULL,
            reason_enc {text} NOT NULL,
            fields_enc {text} NOT NULL,
            late {bool} NOT NULL,
            at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit_signature (community_id, visit_id)
        ) {table}",
        "CREATE INDEX visit_amendment_of_visit ON visit_amendment (community_id, visit_id, id)",
        "CREATE TABLE visit_waste (
            community_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            bags {int} NOT NULL,
            weight_g {big},
            pieces {int},
            returned_to {uuid} NOT NULL,
            handed_to_enc {text} NOT NULL,
            signature_hash {text},
            returned_by {uuid} NOT NULL,
            at {ts} NOT NULL,
            PRIMARY KEY (community_id, visit_id),
            CHECK (weight_g IS NOT NULL OR pieces IS NOT NULL),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id),
            FOREIGN KEY (community_id, returned_to) REFERENCES institution (community_id, id)
        ) {clustered}",
    ],
    sqlite: &[
        "CREATE TRIGGER visit_record_signed BEFORE UPDATE OF record_enc ON visit
         BEGIN SELECT RAISE(ABORT, 'visit_record_signed') WHERE EXISTS (
            SELECT 1 FROM visit_signature s WHERE s.community_id = NEW.community_id AND s.visit_id = NEW.id); END",
    ],
    postgres: &[
        "CREATE FUNCTION jiahu_record_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM visit_signature s WHERE s.community_id = NEW.community_id AND s.visit_id = NEW.id)
            THEN RAISE EXCEPTION 'visit_record_signed'; END IF;
            RETURN NEW; END $$",
        "CREATE TRIGGER visit_record_signed BEFORE UPDATE OF record_enc ON visit
         FOR EACH ROW EXECUTE FUNCTION jiahu_record_signed()",
    ],
}
