//! How an order finds its nurse: facts from the store, rules from the domain, used by operations and jobs alike.

mod accept;
mod ahead;
mod assess;
mod candidates;
mod changed;
mod release;
mod settings;
pub(crate) mod tell;
mod wave;

pub use accept::{Acceptance, Weighed, accept, not_eligible, take, weigh};
pub use ahead::{look_ahead, nurse_changed};
pub use assess::{assess, missing_assessments, settle, settle_order, tell_missing, unassessed};
pub use candidates::{Judged, OrderView, at_departure, everybody, view};
pub use changed::{Standing, standings, tell_changed};
pub use release::{Release, free_seats, release};
pub use wave::run as run_wave;
