//! The visit, from departure to the closed proof.

mod position;
mod steps;
