//! How an order finds its nurse.

mod accept;
mod assign;
mod candidates;
mod guards;
mod told;
mod waves;
