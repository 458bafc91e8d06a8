//! What the indicators of follow-up look at: whether a stay was planned, and which red flags answers raised.

crate::sql::step! {
    both: &[
        "ALTER TABLE admission ADD COLUMN kind {text}
            CHECK (kind IN ('unplanned', 'chemotherapy', 'staged_surgery', 'planned'))",
        "ALTER TABLE answer_sheet ADD COLUMN alerts {json} NOT NULL DEFAULT '[]'",
        "CREATE INDEX contact_attempt_died ON contact_attempt (community_id, patient_id) WHERE result = 'died'",
        "CREATE INDEX alert_of_rule ON alert (community_id, institution_id, opened_at) WHERE rule IS NOT NULL",
    ],
}
