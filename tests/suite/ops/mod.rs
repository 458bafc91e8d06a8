//! What the operator's monitor asks, and a database that goes away.

mod database_down;
mod limits;
