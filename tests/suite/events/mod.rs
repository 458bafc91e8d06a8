//! The live stream.

mod helpers;
mod limits;
mod resume;
mod scope;
mod servers;
mod told;
