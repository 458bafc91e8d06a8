//! Every black-box test, in one program. Folders follow the routes.

mod auth;
mod patients;
