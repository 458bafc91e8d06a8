//! How an order finds its nurse.

mod accept;
mod assign;
mod candidates;
mod waves;
