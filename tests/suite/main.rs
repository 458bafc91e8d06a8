//! Every black-box test, in one program. Folders follow the routes.

mod accounts;
mod alerts;
mod assessments;
mod audit;
mod auth;
mod cli;
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
mod rehab;
mod rules;
mod safety;
mod scales;
mod spec;
mod sync;
mod visits;
