//! Measuring: times with their quantiles, load from several clients, and places as dense as the real ones.

mod china;
mod load;
mod times;

pub use china::China;
pub use load::{Load, drive, timed};
pub use times::{Summary, Times};
