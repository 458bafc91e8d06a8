//! What is told between visits: numbers followed over time, and alerts with a deadline, an owner and an outcome.

crate::sql::step! {
    both: &[
        "CREATE TABLE reading (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            fact {text} NOT NULL,
            source_id {uuid} NOT NULL,
            at {ts} NOT NULL,
            value_enc {text} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, patient_id, fact, source_id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE INDEX reading_of_patient ON reading (community_id, patient_id, at)",
        "ALTER TABLE alert ADD COLUMN rule {text}",
        "ALTER TABLE alert ADD COLUMN rules_version {int}",
        "ALTER TABLE alert ADD COLUMN owner {text}",
        "ALTER TABLE alert ADD COLUMN due_at {ts}",
        "ALTER TABLE alert ADD COLUMN escalation {int} NOT NULL DEFAULT 0",
        "ALTER TABLE alert ADD COLUMN acted_by {uuid}",
        "ALTER TABLE alert ADD COLUMN acted_at {ts}",
        "ALTER TABLE alert ADD COLUMN action_enc {text}",
        "ALTER TABLE alert ADD COLUMN result {text}",
        "ALTER TABLE alert ADD COLUMN result_order_id {uuid}",
        "CREATE UNIQUE INDEX alert_one_open_rule ON alert (community_id, patient_id, rule)
         WHERE rule IS NOT NULL AND closed_at IS NULL",
        "CREATE INDEX alert_of_patient ON alert (community_id, patient_id, id)",
        "CREATE INDEX alert_of_nurse ON alert (community_id, nurse_id, id) WHERE nurse_id IS NOT NULL",
    ],
}
