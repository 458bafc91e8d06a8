//! The catalogue and the rule files behind it.

mod catalogue;
mod rule_sets;
