//! Why a nurse declined an offer is sealed like other free text about people. What was said before stood in the clear and was
//! shown to nobody; it cannot be sealed here, where there are no keys, so it is dropped. And the search for a nurse looks the
//! visits of a day up, from which she may set out.

crate::sql::step! {
    both: &[
        "UPDATE offer SET decline_reason = NULL",
        "ALTER TABLE offer RENAME COLUMN decline_reason TO decline_reason_enc",
        "CREATE INDEX visit_of_day ON visit (community_id, ends_at)",
    ],
}
