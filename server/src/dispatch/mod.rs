//! How an order finds its nurse: facts from the store, rules from the domain, used by operations and jobs alike.

mod accept;
mod assess;
mod candidates;
mod changed;
mod settings;
pub(crate) mod tell;
mod wave;

pub use accept::{Acceptance, Weighed, accept, free_seats, not_eligible, release, take, weigh};
pub use assess::{assess, missing_assessments, settle, settle_order, tell_missing, unassessed};
pub use candidates::{Judged, OrderView, at_departure, everybody, view};
pub use changed::{Standing, standings, tell_changed};
pub use wave::run as run_wave;
