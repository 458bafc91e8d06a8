//! Answers to follow-up: given to a nurse, or by the family through a link.

pub mod answer_by_link;
pub mod answer_follow_task;
pub mod get_answer_form;
pub mod list_answers;
pub mod open_answer_link;
pub mod send_answer_link;
pub mod settle_scales;
