//! Discharges from hospital, and the systems that tell of them. A discharge is corrected in place with a higher
//! revision, never told twice: its system's own id is unique.

crate::sql::step! {
    both: &[
        "CREATE TABLE discharge_feed (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            system {text} NOT NULL,
            secret_enc {text} NOT NULL,
            token_hash {text} NOT NULL,
            created_by {uuid} NOT NULL,
            created_at {ts} NOT NULL,
            ended_by {uuid},
            ended_at {ts},
            PRIMARY KEY (community_id, id),
            CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, created_by) REFERENCES account (community_id, id)
        ) {table}",
        // A feed says who it is before its community is known.
        "CREATE UNIQUE INDEX discharge_feed_by_id ON discharge_feed (id)",
        "CREATE UNIQUE INDEX discharge_feed_by_token ON discharge_feed (token_hash)",
        "CREATE UNIQUE INDEX discharge_feed_once ON discharge_feed (community_id, system) WHERE ended_at IS NULL",
        "CREATE TABLE discharge (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            ward {text},
            source {text} NOT NULL,
            system {text},
            system_ref {text},
            revision {big} NOT NULL,
            told_at {ts},
            admitted_on {date} NOT NULL,
            discharged_on {date} NOT NULL,
            diagnosis_group {text} NOT NULL,
            diagnosis_known {bool} NOT NULL,
            conditions {json} NOT NULL,
            detail_enc {text} NOT NULL,
            nurse_id {uuid},
            readmission_planned {bool} NOT NULL,
            state {text} NOT NULL,
            recorded_by {uuid} NOT NULL,
            recorded_at {ts} NOT NULL,
            updated_at {ts} NOT NULL,
            version {big} NOT NULL,
            PRIMARY KEY (community_id, id),
            CONSTRAINT discharge_after_admission CHECK (discharged_on >= admitted_on),
            CHECK ((system IS NULL) = (system_ref IS NULL)),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, nurse_id) REFERENCES nurse (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX discharge_told_once ON discharge (community_id, system, system_ref)",
        "CREATE UNIQUE INDEX discharge_once ON discharge (community_id, patient_id, discharged_on)
         WHERE state <> 'cancelled'",
        "CREATE INDEX discharge_of_institution ON discharge (community_id, institution_id, id)",
        "CREATE INDEX discharge_by_day ON discharge (community_id, institution_id, discharged_on)",
    ],
}
