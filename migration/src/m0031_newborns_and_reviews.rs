//! A newborn without a number of its own is known by its mother's and by which of her children it is; and what the reviewer
//! of an order wrote is kept whatever was decided.

crate::sql::step! {
    both: &[
        "ALTER TABLE patient ADD COLUMN mother_id_enc {text}",
        "ALTER TABLE patient ADD COLUMN birth_order {int} CHECK (birth_order BETWEEN 1 AND 20)",
        "ALTER TABLE patient ADD COLUMN newborn_hash {text}",
        "CREATE UNIQUE INDEX patient_newborn ON patient (community_id, newborn_hash)",
        "ALTER TABLE care_order ADD COLUMN review_reason_enc {text}",
    ],
}
