//! Every operation of the spec, as everybody, and with every kind of bad input. Nothing here names an operation
//! that behaves as the spec says; a new one is covered as soon as it has a route.
//!
//! What a new operation may need:
//! - a body in `bodies.json`, when one made from its schema is not accepted (`sample.rs` says how bodies are made;
//!   an `example` on a field often is enough);
//! - a name in `things.rs`, when its path has an id of a kind that no other path has;
//! - a line with its reason in `scope.rs`, when what it shows is not owned by a family or an institution.

mod bad_input;
mod cast;
mod roles;
mod sample;
mod scope;
mod things;
