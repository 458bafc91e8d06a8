//! What an operation takes from a request, as argument types: a body, a path, who is asking and what for.

mod contract;
mod feed;
mod if_match;
mod if_none_match;
mod json;
mod key;
mod language;
mod mistake;
mod path;
mod permission;
mod query;
mod upload;

pub use contract::{Argument, Contract, Operation, contract_of};
pub use feed::Foreign;
pub use if_match::{ETag, IfMatch};
pub use if_none_match::IfNoneMatch;
pub use json::Json;
pub(crate) use json::parse;
pub use key::{IdempotencyKey, RequestKey};
pub use language::Lang;
pub use path::Id;
pub use permission::{Caller, May, Permission, Telling, grants};
pub use query::Query;
pub use upload::{PhotoUpload, Upload};
