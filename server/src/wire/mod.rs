//! Types that several operations send or receive. Each parses what it takes, so that a value of the
//! type is a valid value; its schema says the same to those who write an app.

mod day;
mod item;
mod moment;
mod page;
mod parsed;
pub mod patch;
mod place;
mod text;

pub use day::Day;
pub use item::ItemName;
pub use moment::{ActMoment, Moment};
pub use page::{Cursor, Page, PageQuery};
pub use parsed::{IdNumberText, NameText, PasswordText, PhoneText};
pub use place::{PlaceIn, PlaceOut};
pub use text::Text;

/// Separates a problem code from its parameters in a serde error: `text_length|min=1|max=50`.
pub(crate) const PARAM: char = '|';
