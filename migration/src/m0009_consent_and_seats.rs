//! Consents, who was recognised at the door and who was present, and the seats of visits by two.

crate::sql::step! {
    both: &[
        "CREATE TABLE consent (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            order_id {uuid},
            visit_id {uuid},
            purpose {text} NOT NULL,
            text_code {text} NOT NULL,
            text_version {int} NOT NULL,
            relation {text} NOT NULL,
            carer_id {uuid},
            account_id {uuid},
            signer_name_enc {text} NOT NULL,
            signature_sha256 {text},
            signature_bytes {big},
            device {text} NOT NULL,
            signed_at {ts} NOT NULL,
            device_at {ts},
            recorded_by {uuid} NOT NULL,
            recorded_at {ts} NOT NULL,
            withdrawn_at {ts},
            withdrawn_by {uuid},
            withdraw_reason_enc {text},
            PRIMARY KEY (community_id, id),
            CHECK (text_version > 0),
            CHECK ((visit_id IS NULL) = (order_id IS NULL)),
            CHECK ((purpose = 'care') = (visit_id IS NOT NULL)),
            CHECK ((purpose = 'care') <= (signature_sha256 IS NOT NULL)),
            CHECK ((signature_sha256 IS NULL) = (signature_bytes IS NULL)),
            CHECK (length(signature_sha256) = 64),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX consent_of_patient ON consent (community_id, patient_id, id)",
        "CREATE UNIQUE INDEX consent_once_a_visit ON consent (community_id, visit_id, text_code, text_version)
         WHERE visit_id IS NOT NULL AND withdrawn_at IS NULL",
        "CREATE UNIQUE INDEX consent_once_a_patient ON consent (community_id, patient_id, text_code, text_version)
         WHERE visit_id IS NULL AND withdrawn_at IS NULL",
        // How many nurses go, and what else the table of visit rules asked for when the order was booked.
        "ALTER TABLE care_order ADD COLUMN persons {int} NOT NULL DEFAULT 1 CHECK (persons IN (1, 2))",
        "ALTER TABLE care_order ADD COLUMN gates {json} NOT NULL DEFAULT '{}'",
        "CREATE UNIQUE INDEX visit_one_seat_a_nurse ON visit (community_id, order_id, nurse_id) WHERE live",
        "CREATE TABLE visit_identity (
            community_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            identifiers {json},
            present_enc {text},
            checked_at {ts},
            checked_device_at {ts},
            nurse_verified_at {ts},
            nurse_verified_by {uuid},
            nurse_not_verified_enc {text},
            PRIMARY KEY (community_id, visit_id),
            CHECK ((identifiers IS NULL) = (checked_at IS NULL)),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
    ],
    sqlite: &[
        "CREATE TRIGGER consent_is_final BEFORE UPDATE ON consent WHEN OLD.withdrawn_at IS NOT NULL
         BEGIN SELECT RAISE(ABORT, 'consent_is_final'); END",
        "CREATE TRIGGER consent_stays BEFORE DELETE ON consent
         BEGIN SELECT RAISE(ABORT, 'consent_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER consent_is_final BEFORE UPDATE ON consent
         FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER consent_stays BEFORE DELETE ON consent
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
