//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod alerts;
mod assessments;
mod audit;
mod auth;
mod cli;
mod complaints;
mod county;
mod devices;
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
mod rules;
mod safety;
mod spec;
mod sync;
mod visits;
