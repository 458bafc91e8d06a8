//! What nurses did without signal: each act with its outcome, so that a batch may be sent again, and nothing that
//! was refused gets lost.

crate::sql::step! {
    both: &[
        "CREATE TABLE sync_action (
            community_id {uuid} NOT NULL,
            nurse_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            account_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            order_id {uuid},
            patient_id {uuid},
            device {text} NOT NULL,
            counter {int},
            kind {text} NOT NULL,
            body_hash {text} NOT NULL,
            body_enc {text} NOT NULL,
            device_at {ts} NOT NULL,
            at {ts} NOT NULL,
            skew_s {big} NOT NULL,
            received_at {ts} NOT NULL,
            result {text} NOT NULL,
            code {text},
            answer_enc {text} NOT NULL,
            duplicate_visit_id {uuid},
            settled_by {uuid},
            settled_at {ts},
            settle_note_enc {text},
            PRIMARY KEY (community_id, nurse_id, id),
            FOREIGN KEY (community_id, nurse_id) REFERENCES nurse (community_id, id),
            FOREIGN KEY (community_id, account_id) REFERENCES account (community_id, id)
        ) {table}",
        // One act at each place of a chain, whatever a phone sends twice under two ids.
        "CREATE UNIQUE INDEX sync_action_chain ON sync_action (community_id, nurse_id, visit_id, device, counter)
         WHERE result = 'applied' AND counter IS NOT NULL",
        "CREATE INDEX sync_action_open ON sync_action (community_id, institution_id, id)
         WHERE result <> 'applied' AND settled_at IS NULL",
    ],
    sqlite: &[],
    postgres: &[],
}
