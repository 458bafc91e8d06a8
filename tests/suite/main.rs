//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod audit;
mod auth;
mod cli;
mod county;
mod events;
mod institutions;
mod items;
mod matrix;
mod nurses;
mod offers;
mod ops;
mod orders;
mod patients;
mod quotes;
mod reach;
mod safety;
mod spec;
mod visits;
