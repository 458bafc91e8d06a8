//! What was told to the answers of a link, so that answers sent again over a bad line are told the same.

crate::sql::step! {
    both: &[
        "ALTER TABLE answer_link ADD COLUMN request_hash {text}",
        "ALTER TABLE answer_link ADD COLUMN reply_enc {text}",
    ],
}
