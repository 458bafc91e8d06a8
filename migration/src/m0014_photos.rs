//! Photos of a visit. The pictures themselves lie sealed in the photo store; a row says what is there.

crate::sql::step! {
    both: &[
        "CREATE TABLE visit_photo (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            item_code {text},
            field {text},
            sha256 {text} NOT NULL,
            object_key {text} NOT NULL,
            bytes {big} NOT NULL,
            width {int} NOT NULL,
            height {int} NOT NULL,
            taken_at {ts} NOT NULL,
            after_signature {bool} NOT NULL,
            created_by {uuid} NOT NULL,
            created_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CONSTRAINT visit_photo_once UNIQUE (community_id, visit_id, sha256),
            CHECK (field IS NULL OR item_code IS NOT NULL),
            CHECK (bytes > 0 AND width > 0 AND height > 0),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {table}",
    ],
    sqlite: &[
        "CREATE TRIGGER visit_photo_is_final BEFORE UPDATE ON visit_photo
         BEGIN SELECT RAISE(ABORT, 'visit_photo_is_final'); END",
        "CREATE TRIGGER visit_photo_stays BEFORE DELETE ON visit_photo
         BEGIN SELECT RAISE(ABORT, 'visit_photo_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER visit_photo_is_final BEFORE UPDATE OR DELETE ON visit_photo
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
