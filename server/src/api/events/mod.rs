//! The live stream.

pub mod stream_events;
