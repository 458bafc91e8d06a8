//! Alerts.

crate::sql::step! {
    both: &[
        "CREATE TABLE alert (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            kind {text} NOT NULL,
            severity {text} NOT NULL,
            institution_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            order_id {uuid},
            visit_id {uuid},
            nurse_id {uuid},
            detail_enc {text},
            happened_at {ts} NOT NULL,
            opened_at {ts} NOT NULL,
            taken_by {uuid},
            taken_at {ts},
            closed_by {uuid},
            closed_at {ts},
            outcome_enc {text},
            PRIMARY KEY (community_id, id),
            CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
            CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
            CHECK (closed_at IS NULL OR taken_at IS NOT NULL),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX alert_of_institution ON alert (community_id, institution_id, id)",
        "CREATE INDEX alert_unclosed ON alert (community_id, institution_id, id) WHERE closed_at IS NULL",
    ],
}
