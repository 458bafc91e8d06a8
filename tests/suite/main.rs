//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod audit;
mod auth;
mod events;
mod offers;
mod spec;
mod visits;
mod reach;
mod cli;
mod institutions;
mod ops;
mod county;
