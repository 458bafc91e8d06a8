//! Rehabilitation at home: plans of a few exercises, the log of the family, and whom a nurse has to look at.

pub mod add_exercise_picture;
pub mod create_plan;
pub mod decide_exercise;
pub mod get_exercise_picture;
pub mod get_plan;
pub mod list_attention;
pub mod list_exercises;
pub mod list_log;
pub mod list_plans;
pub mod log_exercises;
pub mod propose_exercise;
pub mod see_plan;
pub mod stop_plan;

pub(crate) mod view;
mod wire;

pub use view::{RehabGlance, RehabPlan};
