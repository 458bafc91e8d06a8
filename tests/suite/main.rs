//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod audit;
mod auth;
mod cli;
mod institutions;
mod ops;
