//! Since when a patient wants a nurse of the same sex: what is told later of a time before is judged without the wish.

crate::sql::step! {
    both: &["ALTER TABLE patient ADD COLUMN same_sex_since {ts}"],
}
