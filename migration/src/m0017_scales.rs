//! Scored scales. A score is never changed or deleted; a newer one supersedes it.

crate::sql::step! {
    both: &[
        "CREATE TABLE scale_score (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            scale {text} NOT NULL,
            scale_version {int} NOT NULL,
            total {int} NOT NULL,
            band {text} NOT NULL,
            needs_person {bool} NOT NULL,
            answers_enc {text} NOT NULL,
            rater {text} NOT NULL,
            rated_by {uuid},
            visit_id {uuid},
            task_id {uuid},
            taken_at {ts} NOT NULL,
            recorded_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK (total >= 0),
            CHECK (rater IN ('patient', 'proxy') OR rated_by IS NOT NULL),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
        "CREATE INDEX scale_score_of_patient ON scale_score (community_id, patient_id, scale, taken_at)",
        "CREATE INDEX scale_score_of_visit ON scale_score (community_id, visit_id) WHERE visit_id IS NOT NULL",
    ],
    sqlite: &[
        "CREATE TRIGGER scale_score_is_final BEFORE UPDATE ON scale_score
         BEGIN SELECT RAISE(ABORT, 'scale_score_is_final'); END",
        "CREATE TRIGGER scale_score_stays BEFORE DELETE ON scale_score
         BEGIN SELECT RAISE(ABORT, 'scale_score_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER scale_score_is_final BEFORE UPDATE OR DELETE ON scale_score
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
