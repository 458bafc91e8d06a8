//! A nurse who is taken off on her way is watched until she has left. Who was taken off before counts as left then: nobody is
//! looked for now.

crate::sql::step! {
    both: &[
        "UPDATE visit SET left_at = released_at WHERE released_at IS NOT NULL AND departed_at IS NOT NULL AND left_at IS NULL",
    ],
}
