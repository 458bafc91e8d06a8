//! What the address of an order said when the order ended: a later change of the address does not rewrite the record.

crate::sql::step! {
    both: &[
        "ALTER TABLE care_order ADD COLUMN address_text_enc {text}",
        "ALTER TABLE care_order ADD COLUMN address_landmark_enc {text}",
    ],
}
