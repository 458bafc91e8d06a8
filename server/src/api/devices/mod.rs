//! The device register: what a patient carries, since when, and when it is looked at again. Nurses change it on a
//! visit, staff at a desk; nothing is ever ordered by it.

pub mod list_devices;
pub mod place_device;
pub mod remove_device;
pub mod replace_device;
pub mod review_device;

mod by;
pub(crate) mod recorded;
pub(crate) mod view;

pub use view::Device;
