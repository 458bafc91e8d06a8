//! Institutions and the items they open.

mod items;
mod register;
