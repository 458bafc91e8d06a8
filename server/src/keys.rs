//! The long-lived secrets of one installation: what is in the key file, and what may be asked of it.

mod file;
mod format;

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use secrecy::{ExposeSecret, SecretBox, SecretSlice};

use crate::crypto::{hex, random_bytes};

pub use file::KeyFileError;

/// Length of a symmetric key, in bytes.
pub const KEY_BYTES: usize = 32;
/// A key id is 1 to this many characters of `A-Z a-z 0-9 - _`.
pub const KID_MAX: usize = 32;

/// Something with a key id. The id is no secret: it stands in sealed values and token headers.
pub trait Keyed {
    /// The key id.
    fn kid(&self) -> &str;
}

/// A symmetric key of 32 bytes.
pub struct SecretKey {
    kid: String,
    bytes: SecretBox<[u8; KEY_BYTES]>,
}

impl SecretKey {
    fn generate(prefix: &str) -> Self {
        Self {
            kid: new_kid(prefix),
            bytes: SecretBox::new(Box::new(random_bytes())),
        }
    }

    /// The key itself. Hand it to a cipher or a MAC and nowhere else.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        self.bytes.expose_secret()
    }
}

impl Keyed for SecretKey {
    fn kid(&self) -> &str {
        &self.kid
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kid)
    }
}

/// An Ed25519 key that signs access tokens.
pub struct SigningKey {
    kid: String,
    pkcs8: SecretSlice<u8>,
    public: Vec<u8>,
}

impl SigningKey {
    fn generate() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .expect("the operating system gives randomness");
        let kid = new_kid("s");
        Self::from_pkcs8(kid, document.as_ref()).expect("a key just made reads back")
    }

    /// `None` when the bytes are no Ed25519 private key.
    fn from_pkcs8(kid: String, pkcs8: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
        Some(Self {
            kid,
            public: pair.public_key().as_ref().to_vec(),
            pkcs8: SecretSlice::from(pkcs8.to_vec()),
        })
    }

    /// The private key as PKCS#8 DER.
    pub fn pkcs8(&self) -> &[u8] {
        self.pkcs8.expose_secret()
    }

    /// The public key: 32 raw bytes.
    pub fn public(&self) -> &[u8] {
        &self.public
    }
}

impl Keyed for SigningKey {
    fn kid(&self) -> &str {
        &self.kid
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kid)
    }
}

/// Keys of one purpose. The current one makes new values; all of them read old ones.
#[derive(Debug)]
pub struct Ring<K> {
    keys: Vec<K>,
    current: usize,
}

impl<K: Keyed> Ring<K> {
    /// A ring whose current key is named, or else the last one.
    /// `None` when there is no such key, no key at all, or two with the same id.
    pub fn new(keys: Vec<K>, current: Option<&str>) -> Option<Self> {
        let twice = |(n, key): (usize, &K)| keys[..n].iter().any(|other| other.kid() == key.kid());
        if keys.iter().enumerate().any(twice) {
            return None;
        }
        let current = match current {
            Some(kid) => keys.iter().position(|key| key.kid() == kid)?,
            None => keys.len().checked_sub(1)?,
        };
        Some(Self { keys, current })
    }

    /// The key that makes new values.
    pub fn current(&self) -> &K {
        &self.keys[self.current]
    }

    /// The key of this id.
    pub fn get(&self, kid: &str) -> Option<&K> {
        self.keys.iter().find(|key| key.kid() == kid)
    }

    /// All keys, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.keys.iter()
    }
}

/// Every long-lived secret of an installation. `Debug` prints key ids only.
#[derive(Debug)]
pub struct Keys {
    field: Ring<SecretKey>,
    lookup: SecretKey,
    audit: SecretKey,
    signing: Ring<SigningKey>,
}

impl Keys {
    /// A new set with one key for each purpose.
    ///
    /// # Panics
    /// Only when the operating system gives no randomness.
    pub fn generate() -> Self {
        let one = "one key makes a ring";
        Self {
            field: Ring::new(vec![SecretKey::generate("f")], None).expect(one),
            lookup: SecretKey::generate("l"),
            audit: SecretKey::generate("a"),
            signing: Ring::new(vec![SigningKey::generate()], None).expect(one),
        }
    }

    /// Keys that encrypt personal fields.
    pub fn field(&self) -> &Ring<SecretKey> {
        &self.field
    }

    /// The key of the look-up hashes. It cannot be rotated without hashing every row again.
    pub fn lookup(&self) -> &SecretKey {
        &self.lookup
    }

    /// The key that authenticates the audit trail.
    pub fn audit(&self) -> &SecretKey {
        &self.audit
    }

    /// Keys that sign access tokens.
    pub fn signing(&self) -> &Ring<SigningKey> {
        &self.signing
    }
}

#[cfg(test)]
impl Keys {
    /// These keys as current ones, with those of `older` still in the rings.
    pub(crate) fn after(mut self, older: Self) -> Self {
        let distinct = "random ids differ";
        let field = older
            .field
            .keys
            .into_iter()
            .chain(self.field.keys)
            .collect();
        let signing = older
            .signing
            .keys
            .into_iter()
            .chain(self.signing.keys)
            .collect();
        self.field = Ring::new(field, None).expect(distinct);
        self.signing = Ring::new(signing, None).expect(distinct);
        self
    }
}

fn new_kid(prefix: &str) -> String {
    format!("{prefix}-{}", hex(&random_bytes::<4>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_key_is_current_unless_another_is_named() {
        let ring = |current| {
            let keys = ["a", "b", "c"].map(|kid| SecretKey {
                kid: kid.into(),
                bytes: SecretBox::new(Box::new(random_bytes())),
            });
            Ring::new(keys.into(), current)
        };
        assert_eq!(ring(None).expect("ring").current().kid(), "c");
        assert_eq!(ring(Some("a")).expect("ring").current().kid(), "a");
        assert!(ring(Some("d")).is_none());
        assert!(ring(None).expect("ring").get("d").is_none());
        assert_eq!(ring(None).expect("ring").iter().count(), 3);
    }

    #[test]
    fn a_ring_is_neither_empty_nor_ambiguous() {
        assert!(Ring::<SecretKey>::new(vec![], None).is_none());
        let twin = || SecretKey {
            kid: "a".into(),
            bytes: SecretBox::new(Box::new(random_bytes())),
        };
        assert!(Ring::new(vec![twin(), twin()], None).is_none());
    }

    #[test]
    fn two_sets_share_no_key() {
        let (one, two) = (Keys::generate(), Keys::generate());
        assert_ne!(one.lookup().bytes(), two.lookup().bytes());
        assert_ne!(one.field().current().bytes(), two.field().current().bytes());
        assert_ne!(
            one.signing().current().public(),
            two.signing().current().public()
        );
        assert_ne!(one.field().current().kid(), two.field().current().kid());
    }
}
