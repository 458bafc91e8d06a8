//! Where the pictures of exercises are served.

use std::sync::LazyLock;

use crate::crypto::sha256_hex;
use crate::domain::picture::{Named, PictureId, SHIPPED, Shipped};

static IDS: LazyLock<Vec<(PictureId, &'static Shipped)>> = LazyLock::new(|| {
    let ids = SHIPPED.iter().map(|one| (id(one.svg.as_bytes()), one));
    ids.collect()
});

/// The id of a picture: by its content.
pub fn id(content: &[u8]) -> PictureId {
    PictureId::of(sha256_hex(content))
}

/// The drawing with this id that comes with the program.
pub fn shipped(id: &PictureId) -> Option<&'static Shipped> {
    let mut ids = IDS.iter();
    ids.find(|(known, _)| known == id).map(|(_, one)| *one)
}

/// The address of a picture.
pub fn path(id: &PictureId) -> String {
    format!("/v1/exercise-pictures/{id}")
}

/// The address of what a file of exercises names as a picture; none when there is no such picture.
pub fn path_of(name: &str) -> Option<String> {
    match Named::read(name)? {
        Named::Own(id) => Some(path(&id)),
        Named::Shipped(one) => {
            let mut ids = IDS.iter();
            ids.find(|(_, known)| *known == one).map(|(id, _)| path(id))
        }
    }
}
