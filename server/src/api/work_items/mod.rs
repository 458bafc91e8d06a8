//! The work list: what phones told and a rule refused, until a person has put it right.

pub mod get_work_item;
pub mod list_work_items;
pub mod retry_work_item;
pub mod settle_work_item;
mod view;
