//! Scales: what they ask, what was scored, and which way it goes.

pub mod get_scale;
pub mod list_scales;
pub mod list_scores;
pub mod score_scale;

mod view;

pub use view::{ScaleScore, Scored};
