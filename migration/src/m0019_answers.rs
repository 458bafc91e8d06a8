//! What is told between visits: answers and the links by which families give them, numbers followed over time, and
//! alerts with a deadline, an owner and an outcome.

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
        "CREATE TABLE answer_sheet (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            task_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            rules_version {int} NOT NULL,
            answers_enc {text} NOT NULL,
            source {text} NOT NULL,
            proxy {bool} NOT NULL,
            filled_by {uuid},
            visit_id {uuid},
            at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK (source IN ('call', 'visit', 'link')),
            CHECK ((source = 'link') = (filled_by IS NULL)),
            CHECK ((source = 'visit') = (visit_id IS NOT NULL)),
            FOREIGN KEY (community_id, task_id) REFERENCES follow_task (community_id, id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX answer_sheet_of_task ON answer_sheet (community_id, task_id, id)",
        "CREATE TABLE answer_link (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            task_id {uuid} NOT NULL,
            token_hash {text} NOT NULL,
            code_hash {text} NOT NULL,
            sent_by {uuid} NOT NULL,
            sent_at {ts} NOT NULL,
            expires_at {ts} NOT NULL,
            tries {int} NOT NULL,
            used_at {ts},
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, token_hash),
            FOREIGN KEY (community_id, task_id) REFERENCES follow_task (community_id, id)
        ) {table}",
        "CREATE INDEX answer_link_of_task ON answer_link (community_id, task_id, id)",
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
    sqlite: &[
        "CREATE TRIGGER answer_sheet_is_final BEFORE UPDATE ON answer_sheet
         BEGIN SELECT RAISE(ABORT, 'answer_sheet_is_final'); END",
        "CREATE TRIGGER answer_sheet_stays BEFORE DELETE ON answer_sheet
         BEGIN SELECT RAISE(ABORT, 'answer_sheet_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER answer_sheet_is_final BEFORE UPDATE OR DELETE ON answer_sheet
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
