//! Adults without capacity: like minors, they are booked for by their guardian alone.

crate::sql::step! {
    both: &["ALTER TABLE patient ADD COLUMN lacks_capacity {bool} NOT NULL DEFAULT FALSE"],
}
