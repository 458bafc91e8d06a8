//! Versioned rule files: catalogue, prices, holidays, vital signs. A published version never changes.

crate::sql::step! {
    both: &[
        "CREATE TABLE rule_set (
            community_id {uuid} NOT NULL REFERENCES community (id),
            id {uuid} NOT NULL,
            kind {text} NOT NULL,
            version {int} NOT NULL,
            content {text} NOT NULL,
            content_hash {text} NOT NULL,
            valid_from {date} NOT NULL,
            approved_by {text},
            approved_on {date},
            published_by {uuid},
            published_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, kind, version)
        ) {table}",
    ],
    sqlite: &[
        "CREATE TRIGGER rule_set_is_final BEFORE UPDATE ON rule_set
         BEGIN SELECT RAISE(ABORT, 'rule_set_is_final'); END",
    ],
    postgres: &[
        "CREATE FUNCTION jiahu_refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION '%', TG_NAME USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER rule_set_is_final BEFORE UPDATE ON rule_set
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
