//! What the operator's monitor asks, what is dropped in time, and a database that goes away.

mod clean_up;
mod database_down;
mod few_connections;
mod idle;
mod limits;
mod old_rows;
