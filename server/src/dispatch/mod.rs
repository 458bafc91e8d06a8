//! How an order finds its nurse: facts from the store, rules from the domain, used by operations and jobs alike.

mod accept;
mod assess;
mod candidates;
mod settings;
pub(crate) mod tell;
mod wave;

pub use accept::{Acceptance, accept, free_seats, not_eligible, release};
pub use assess::{
    assess, check_assessed, missing_assessments, settle, settle_order, tell_missing, unassessed,
};
pub use candidates::{Judged, OrderView, everybody, unfit_at_departure, view};
pub use wave::run as run_wave;
