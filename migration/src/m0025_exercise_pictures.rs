//! A community's own pictures of exercises, named by their content. They show nobody's data, so they are not sealed.

crate::sql::step! {
    both: &[
        "CREATE TABLE exercise_picture (
            community_id {uuid} NOT NULL,
            sha256 {text} NOT NULL,
            jpeg {bytes} NOT NULL,
            width {int} NOT NULL,
            height {int} NOT NULL,
            created_by {uuid} NOT NULL,
            created_at {ts} NOT NULL,
            PRIMARY KEY (community_id, sha256),
            CHECK (length(sha256) = 64),
            CHECK (width > 0 AND height > 0),
            FOREIGN KEY (community_id, created_by) REFERENCES account (community_id, id)
        ) {table}",
    ],
    sqlite: &[
        "CREATE TRIGGER exercise_picture_is_final BEFORE UPDATE ON exercise_picture
         BEGIN SELECT RAISE(ABORT, 'exercise_picture_is_final'); END",
        "CREATE TRIGGER exercise_picture_stays BEFORE DELETE ON exercise_picture
         BEGIN SELECT RAISE(ABORT, 'exercise_picture_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER exercise_picture_is_final BEFORE UPDATE OR DELETE ON exercise_picture
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
