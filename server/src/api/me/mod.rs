//! What belongs to the caller: account, password, sessions.

pub mod change_password;
pub mod end_session;
pub mod get_me;
pub mod list_people;
pub mod list_sessions;
