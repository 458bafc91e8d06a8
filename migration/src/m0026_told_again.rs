//! What was told under an id that says something else already is kept, too; and chains and open visits are found.

crate::sql::step! {
    both: &[
        "ALTER TABLE sync_action ADD COLUMN original_id {uuid}",
        // However often a phone tells it.
        "CREATE UNIQUE INDEX sync_action_other_text ON sync_action (community_id, nurse_id, original_id, body_hash)
         WHERE original_id IS NOT NULL",
        "CREATE INDEX sync_action_of_visit ON sync_action (community_id, visit_id, nurse_id, device)",
        "CREATE INDEX visit_under_way ON visit (community_id, nurse_id, starts_at)
         WHERE departed_at IS NOT NULL AND closed_at IS NULL AND released_at IS NULL",
    ],
}
