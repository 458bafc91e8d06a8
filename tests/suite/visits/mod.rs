//! The visit, from departure to the closed proof.

mod position;
mod prescriptions;
mod screening;
mod steps;
