//! What happens to every request around its operation.

mod guard;
mod problems;
mod stack;

pub use stack::wrap;
