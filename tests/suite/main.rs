//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod audit;
mod auth;
mod cli;
mod county;
mod events;
mod institutions;
mod nurses;
mod matrix;
mod offers;
mod ops;
mod reach;
mod spec;
mod visits;
mod items;
mod orders;
mod quotes;
mod patients;
