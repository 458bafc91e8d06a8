//! Cryptography the rest of the service asks for by purpose: sealed fields, look-up hashes, random tokens.

mod field;

use std::fmt::Write;

use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::keys::Keys;

pub use field::{CryptoError, FieldCipher, FieldPlace};

/// Keyed hashes by which an encrypted value is found again, such as a phone number at login.
///
/// The caller brings the value into its one form first: the hash of another spelling is another hash.
pub struct Lookup {
    key: hmac::Key,
}

impl Lookup {
    /// Takes the look-up key of the installation.
    pub fn new(keys: &Keys) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, keys.lookup().bytes()),
        }
    }

    /// HMAC-SHA256 in 64 hex digits. The same value under another purpose gives an unrelated hash.
    pub fn hash(&self, purpose: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        // The length keeps ("a", "bc") and ("ab", "c") apart.
        context.update(&(purpose.len() as u64).to_be_bytes());
        context.update(purpose.as_bytes());
        context.update(value.as_bytes());
        hex(context.sign().as_ref())
    }
}

/// Random bytes from the operating system's generator.
///
/// # Panics
/// Only when the operating system gives no randomness: nothing secret can be made then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// An opaque token of 32 random bytes: 43 characters of base64url.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// What is stored of a random token. A plain hash is enough: 256 random bits cannot be guessed.
pub fn token_hash(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

/// `length` random decimal digits, each equally likely.
pub fn random_digits(length: usize) -> String {
    let mut digits = String::with_capacity(length);
    while digits.len() < length {
        // 250 is the last multiple of ten in a byte: the six values above would favour 0 to 5.
        let fair = random_bytes::<16>().into_iter().filter(|byte| *byte < 250);
        let missing = length - digits.len();
        digits.extend(fair.take(missing).map(|byte| char::from(b'0' + byte % 10)));
    }
    digits
}

/// SHA-256 in 64 hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Whether two secrets are the same, in a time that tells nothing but their lengths.
pub fn same_secret(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes all that is written");
            text
        })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sha256_agrees_with_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        assert_eq!(token_hash("abc"), abc);
    }

    #[test]
    fn lookup_is_the_hmac_of_length_purpose_value() {
        let keys = Keys::generate();
        let key = hmac::Key::new(hmac::HMAC_SHA256, keys.lookup().bytes());
        let tag = hmac::sign(&key, b"\0\0\0\0\0\0\0\x05phone13800138000");
        assert_eq!(
            Lookup::new(&keys).hash("phone", "13800138000"),
            hex(tag.as_ref())
        );
    }

    #[test]
    fn lookup_keeps_purposes_and_keys_apart() {
        let keys = Keys::generate();
        let lookup = Lookup::new(&keys);
        let other = Lookup::new(&Keys::generate());
        let hashes = HashSet::from([
            lookup.hash("phone", "13800138000"),
            lookup.hash("id_number", "13800138000"),
            lookup.hash("phone1", "3800138000"),
            lookup.hash("", "phone13800138000"),
            other.hash("phone", "13800138000"),
        ]);
        assert_eq!(hashes.len(), 5);
        assert_eq!(
            lookup.hash("phone", "1"),
            Lookup::new(&keys).hash("phone", "1")
        );
    }

    #[test]
    fn tokens_are_43_safe_characters_and_never_the_same() {
        let tokens: HashSet<_> = (0..1000).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 1000);
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(
            tokens
                .iter()
                .all(|token| token.len() == 43 && token.chars().all(safe))
        );
    }

    #[test]
    fn digits_have_the_length_asked_for_and_no_favourite() {
        for length in [0, 1, 6, 17, 100] {
            assert_eq!(random_digits(length).len(), length);
        }
        let digits = random_digits(2_000_000);
        for digit in '0'..='9' {
            // Six standard deviations of 424; a plain `byte % 10` misses 4,688 of each of 6 to 9.
            let seen = digits.chars().filter(|c| *c == digit).count();
            assert!((197_456..=202_544).contains(&seen), "{digit}: {seen}");
        }
        assert!(digits.chars().all(|c| c.is_ascii_digit()));
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same_secret("abc", "abc"));
        assert!(!same_secret("abc", "abd"));
        assert!(!same_secret("abc", "ab"));
        assert!(!same_secret("", "a"));
        assert!(same_secret("", ""));
    }
}
