//! What has to be there before a visit: first assessments, admissions that void them, prescriptions, the screening
//! asked again at the door; and alerts. Assessments are append-only: a newer one supersedes.

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
        "CREATE TABLE admission (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            admitted_on {date} NOT NULL,
            discharged_on {date},
            recorded_by {uuid} NOT NULL,
            recorded_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, patient_id, admitted_on),
            CHECK (discharged_on >= admitted_on),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE TABLE assessment (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            visit_id {uuid},
            mode {text} NOT NULL,
            result {text} NOT NULL,
            items {json} NOT NULL,
            text_enc {text},
            assessed_by {uuid} NOT NULL,
            assessed_at {ts} NOT NULL,
            recorded_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK ((mode = 'visit') = (visit_id IS NOT NULL)),
            CHECK (result = 'approved' OR text_enc IS NOT NULL),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX assessment_of_patient ON assessment (community_id, patient_id, id)",
        "CREATE TABLE prescription (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            item_code {text} NOT NULL,
            prescribed_on {date} NOT NULL,
            valid_until {date} NOT NULL,
            drug_source {text} NOT NULL,
            detail_enc {text} NOT NULL,
            image_enc {text},
            registered_by {uuid} NOT NULL,
            registered_at {ts} NOT NULL,
            withdrawn_by {uuid},
            withdrawn_at {ts},
            withdraw_reason_enc {text},
            PRIMARY KEY (community_id, id),
            CHECK (valid_until >= prescribed_on),
            CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE INDEX prescription_of_patient ON prescription (community_id, patient_id, item_code, id)",
        "ALTER TABLE order_item ADD COLUMN prescription_id {uuid}",
        "CREATE TABLE visit_screening (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            outcome {text} NOT NULL,
            content_enc {text} NOT NULL,
            screened_by {uuid} NOT NULL,
            screened_at {ts} NOT NULL,
            recorded_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX visit_screening_of_visit ON visit_screening (community_id, visit_id, id)",
    ],
    sqlite: &[
        "CREATE TRIGGER assessment_is_final BEFORE UPDATE ON assessment
         BEGIN SELECT RAISE(ABORT, 'assessment_is_final'); END",
        "CREATE TRIGGER assessment_stays BEFORE DELETE ON assessment
         BEGIN SELECT RAISE(ABORT, 'assessment_stays'); END",
        "CREATE TRIGGER visit_screening_is_final BEFORE UPDATE ON visit_screening
         BEGIN SELECT RAISE(ABORT, 'visit_screening_is_final'); END",
        "CREATE TRIGGER visit_screening_stays BEFORE DELETE ON visit_screening
         BEGIN SELECT RAISE(ABORT, 'visit_screening_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER assessment_is_final BEFORE UPDATE OR DELETE ON assessment
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER visit_screening_is_final BEFORE UPDATE OR DELETE ON visit_screening
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
