//! Who is calling: passwords, time codes, access and refresh tokens (design §4, accounts). No database, no HTTP.

pub mod invite;
pub mod login;
pub mod password;
pub mod refresh;
pub mod token;
pub mod totp;
