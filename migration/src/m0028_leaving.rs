//! When and where a nurse left, also a visit that was broken off while she was there: until then she is followed.

crate::sql::step! {
    both: &[
        "ALTER TABLE visit ADD COLUMN left_at {ts}",
        "ALTER TABLE visit ADD COLUMN left_distance_m {f64}",
        "ALTER TABLE visit ADD COLUMN left_fence {text}",
        "ALTER TABLE visit ADD COLUMN left_no_fix {text}",
        "UPDATE visit SET left_at = finished_at WHERE finished_at IS NOT NULL",
        // What was broken off or called off before counts as left then: nobody is looked for now.
        "UPDATE visit SET left_at = (
             SELECT o.updated_at FROM care_order o WHERE o.community_id = visit.community_id AND o.id = visit.order_id)
         WHERE departed_at IS NOT NULL AND finished_at IS NULL AND NOT live",
        "DELETE FROM visit_position WHERE EXISTS (
             SELECT 1 FROM visit v WHERE v.community_id = visit_position.community_id AND v.id = visit_position.visit_id
               AND (v.departed_at IS NULL OR visit_position.at < v.departed_at OR visit_position.at > v.left_at))",
        "CREATE INDEX sync_action_places ON sync_action (received_at) WHERE kind = 'positions' AND body_enc <> ''",
    ],
}
