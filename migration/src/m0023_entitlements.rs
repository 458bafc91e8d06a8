//! What else pays for care (R22): the patient's other contracts, and orders whose charge a person decides on because of them.

crate::sql::step! {
    both: &[
        "CREATE TABLE entitlement (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            kind {text} NOT NULL,
            package {text} NOT NULL,
            payer_enc {text} NOT NULL,
            number_enc {text} NOT NULL,
            valid_from {date} NOT NULL,
            valid_to {date} NOT NULL,
            recorded_by {uuid} NOT NULL,
            recorded_at {ts} NOT NULL,
            ended_by {uuid},
            ended_at {ts},
            end_reason_enc {text},
            PRIMARY KEY (community_id, id),
            CHECK (kind IN ('family_doctor_contract', 'long_term_care_insurance')),
            CONSTRAINT entitlement_days CHECK (valid_to >= valid_from),
            CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
            CHECK ((ended_at IS NULL) = (end_reason_enc IS NULL)),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE INDEX entitlement_of_patient ON entitlement (community_id, patient_id, id)",
        "CREATE UNIQUE INDEX entitlement_once ON entitlement (community_id, patient_id, package, valid_from)
         WHERE ended_at IS NULL",
        "CREATE TABLE order_charge (
            community_id {uuid} NOT NULL,
            order_id {uuid} NOT NULL,
            state {text} NOT NULL,
            covered {json} NOT NULL,
            rules_version {int} NOT NULL,
            total_fen {big} NOT NULL,
            asked_at {ts} NOT NULL,
            charge_fen {big},
            paid_by {json},
            reason_enc {text},
            decided_by {uuid},
            decided_at {ts},
            PRIMARY KEY (community_id, order_id),
            CHECK (state IN ('under_review', 'charge', 'paid_elsewhere')),
            CONSTRAINT charge_decided_by_somebody CHECK (
                (state = 'under_review') = (decided_by IS NULL)
                AND (decided_by IS NULL) = (decided_at IS NULL)
                AND (decided_by IS NULL) = (charge_fen IS NULL)
                AND (decided_by IS NULL) = (reason_enc IS NULL)
            ),
            CONSTRAINT charge_paid_by_something CHECK ((state = 'paid_elsewhere') = (paid_by IS NOT NULL)),
            CONSTRAINT charge_within_total CHECK (charge_fen IS NULL OR (charge_fen >= 0 AND charge_fen <= total_fen)),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id)
        ) {table}",
        "CREATE INDEX order_charge_under_review ON order_charge (community_id, order_id) WHERE state = 'under_review'",
    ],
}
