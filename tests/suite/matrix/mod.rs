//! Every operation of the spec, as everybody, and with every kind of bad input. Nothing here names an operation
//! that behaves as the spec says; a new one is covered as soon as it has a route.
//!
//! What a new operation may need:
//! - a body in `bodies.json`, when one made from its schema is not accepted (`sample.rs` says how bodies are made;
//!   an `example` on a field often is enough),
//! - a new kind of id in its path: how to make the thing, in `things.rs`.

mod bad_input;
mod cast;
mod ids_in_bodies;
mod roles;
pub(crate) mod rows;
mod sample;
mod scope;
mod things;
