//! Word of a hospital's system that somebody died. The id of a plan that such word, or another, has ended serves as that of
//! its notice.

crate::sql::step! {
    both: &[
        "CREATE TABLE death_notice (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            told_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE INDEX death_notice_of_patient ON death_notice (community_id, patient_id)",
        "INSERT INTO death_notice (community_id, id, patient_id, told_at)
         SELECT community_id, id, patient_id, stopped_at FROM follow_plan WHERE stop_cause = 'died' AND stopped_at IS NOT NULL",
        // The notice of a plan that a merge moved goes back with it.
        "INSERT INTO patient_merge_row (community_id, merge_id, kind, row_id)
         SELECT r.community_id, r.merge_id, 'death_notice', r.row_id FROM patient_merge_row r
         JOIN death_notice n ON n.community_id = r.community_id AND n.id = r.row_id
         WHERE r.kind = 'follow_plan'",
    ],
}
