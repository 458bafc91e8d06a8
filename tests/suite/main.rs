//! Every black-box test, in one program. Folders follow the routes.

mod auth;
mod events;
mod offers;
mod spec;
mod visits;
mod reach;
