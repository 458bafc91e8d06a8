//! Personal data at rest: each field sealed by itself and bound to its place (design §4).

use std::collections::HashMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::keys::{Keyed, Keys};

/// The form of a sealed value: AES-256-GCM, random nonce, place as associated data.
const FORM: &str = "v1";

/// Why a sealed value was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// It is not `v1:kid:nonce:ciphertext`.
    #[error("this is not a sealed value")]
    Malformed,
    /// The key it names is not in the key file.
    #[error("no key {0} in the key file")]
    UnknownKey(String),
    /// It was changed, moved to another place, or sealed with another key of that name.
    #[error("the sealed value does not belong here or was changed")]
    Refused,
}

impl CryptoError {
    /// A stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "sealed_value_malformed",
            Self::UnknownKey(_) => "sealed_value_key_unknown",
            Self::Refused => "sealed_value_refused",
        }
    }
}

/// Where a sealed value stands. A value copied to another row or column does not open there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPlace {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
}

impl FieldPlace {
    /// No name holds a NUL and the row has one length, so two places never give the same bytes.
    fn associated_data(self) -> Vec<u8> {
        let Self { table, column, row } = self;
        [
            table.as_bytes(),
            b"\0",
            column.as_bytes(),
            b"\0",
            row.as_bytes(),
        ]
        .concat()
    }
}

/// Seals and opens personal fields.
///
/// Nonces are random: change the current key before it has sealed 2^32 values.
pub struct FieldCipher {
    keys: HashMap<String, RandomizedNonceKey>,
    current: String,
}

impl FieldCipher {
    /// Takes the ring of field keys: the current one seals, all open.
    ///
    /// # Panics
    /// Never: every key of a ring has the cipher's length.
    pub fn new(keys: &Keys) -> Self {
        let cipher = |bytes: &[u8]| {
            RandomizedNonceKey::new(&AES_256_GCM, bytes).expect("a field key has 32 bytes")
        };
        let ring = keys.field();
        Self {
            keys: ring
                .iter()
                .map(|key| (key.kid().to_owned(), cipher(key.bytes())))
                .collect(),
            current: ring.current().kid().to_owned(),
        }
    }

    /// `v1:kid:nonce:ciphertext`, the last two in base64url. Two seals of the same text differ.
    ///
    /// # Panics
    /// Only when the operating system gives no randomness.
    pub fn seal(&self, place: FieldPlace, plain: &str) -> String {
        let mut text = plain.as_bytes().to_vec();
        let nonce = self.keys[&self.current]
            .seal_in_place_append_tag(Aad::from(place.associated_data()), &mut text)
            .expect("a field is far shorter than the cipher's limit");
        let nonce = URL_SAFE_NO_PAD.encode(nonce.as_ref());
        format!(
            "{FORM}:{}:{nonce}:{}",
            self.current,
            URL_SAFE_NO_PAD.encode(text)
        )
    }

    /// The same for bytes, such as a picture: `v1:kid:nonce:` and then the ciphertext as it is.
    ///
    /// # Panics
    /// Only when the operating system gives no randomness.
    pub fn seal_bytes(&self, place: FieldPlace, mut plain: Vec<u8>) -> Vec<u8> {
        let nonce = self.keys[&self.current]
            .seal_in_place_append_tag(Aad::from(place.associated_data()), &mut plain)
            .expect("a picture is far shorter than the cipher's limit");
        let nonce = URL_SAFE_NO_PAD.encode(nonce.as_ref());
        let head = format!("{FORM}:{}:{nonce}:", self.current);
        [head.as_bytes(), &plain].concat()
    }

    /// The bytes that were sealed at this place.
    pub fn open_bytes(&self, place: FieldPlace, value: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut colons = value.iter().enumerate().filter(|(_, byte)| **byte == b':');
        let (end, _) = colons.nth(2).ok_or(CryptoError::Malformed)?;
        let (head, text) = value.split_at(end + 1);
        let head = std::str::from_utf8(head).map_err(|_| CryptoError::Malformed)?;
        let (kid, nonce, _) = split(head).ok_or(CryptoError::Malformed)?;
        let mut text = text.to_vec();
        let length = self.open_in_place(place, (kid, nonce), &mut text)?;
        text.truncate(length);
        Ok(text)
    }

    /// The text that was sealed at this place.
    pub fn open(&self, place: FieldPlace, value: &str) -> Result<String, CryptoError> {
        let (kid, nonce, text) = split(value).ok_or(CryptoError::Malformed)?;
        let mut text = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| CryptoError::Malformed)?;
        let length = self.open_in_place(place, (kid, nonce), &mut text)?;
        text.truncate(length);
        String::from_utf8(text).map_err(|_| CryptoError::Refused)
    }

    /// Opens a ciphertext where it stands; how long the plain text is.
    fn open_in_place(
        &self,
        place: FieldPlace,
        (kid, nonce): (&str, &str),
        text: &mut [u8],
    ) -> Result<usize, CryptoError> {
        let nonce = URL_SAFE_NO_PAD
            .decode(nonce)
            .map_err(|_| CryptoError::Malformed)?;
        let nonce = <[u8; NONCE_LEN]>::try_from(nonce).map_err(|_| CryptoError::Malformed)?;
        let key = self
            .keys
            .get(kid)
            .ok_or_else(|| CryptoError::UnknownKey(kid.to_owned()))?;
        let place = Aad::from(place.associated_data());
        let plain = key.open_in_place(Nonce::from(&nonce), place, text);
        plain
            .map(|plain| plain.len())
            .map_err(|_| CryptoError::Refused)
    }

    /// Whether a value was sealed with the current key. One that was not is sealed again when it is next written.
    pub fn is_current(&self, value: &str) -> bool {
        split(value).is_some_and(|(kid, ..)| kid == self.current)
    }
}

/// The key id, nonce and ciphertext of a sealed value.
fn split(value: &str) -> Option<(&str, &str, &str)> {
    let mut parts = value.split(':');
    let form = parts.next()?;
    let found = (parts.next()?, parts.next()?, parts.next()?);
    (form == FORM && parts.next().is_none()).then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const PHONE: FieldPlace = FieldPlace {
        table: "patient",
        column: "phone",
        row: Uuid::from_u128(7),
    };

    fn cipher() -> FieldCipher {
        FieldCipher::new(&Keys::generate())
    }

    /// The second of these has the key of the first, and one more that is current.
    fn before_and_after_rotation() -> (FieldCipher, FieldCipher) {
        let old = Keys::generate();
        let before = FieldCipher::new(&old);
        (before, FieldCipher::new(&Keys::generate().after(old)))
    }

    #[test]
    fn a_sealed_value_names_form_and_key_and_hides_the_text() {
        let keys = Keys::generate();
        let cipher = FieldCipher::new(&keys);
        let value = cipher.seal(PHONE, "13800138000");
        assert!(
            value.starts_with(&format!("v1:{}:", keys.field().current().kid())),
            "{value}"
        );
        assert_eq!(value.split(':').count(), 4);
        // 11 bytes of text and 16 of tag; 12 of nonce.
        assert_eq!(
            value.rsplit(':').map(str::len).take(2).collect::<Vec<_>>(),
            [36, 16]
        );
        assert!(!value.contains("138") && !value.contains('='), "{value}");
        assert_ne!(
            value,
            cipher.seal(PHONE, "13800138000"),
            "every seal has its own nonce"
        );
    }

    #[test]
    fn after_a_rotation_old_values_open_and_new_ones_take_the_new_key() {
        let (before, after) = before_and_after_rotation();
        let old = before.seal(PHONE, "王秀英");
        assert_eq!(after.open(PHONE, &old).as_deref(), Ok("王秀英"));
        assert!(before.is_current(&old) && !after.is_current(&old));
        let new = after.seal(PHONE, "王秀英");
        assert!(after.is_current(&new));
        assert_eq!(after.open(PHONE, &new).as_deref(), Ok("王秀英"));
        let kid = new.split(':').nth(1).expect("a kid").to_owned();
        assert_eq!(before.open(PHONE, &new), Err(CryptoError::UnknownKey(kid)));
    }

    #[test]
    fn a_value_under_the_wrong_key_id_is_refused() {
        let (before, after) = before_and_after_rotation();
        let value = before
            .seal(PHONE, "王秀英")
            .replacen(&before.current, &after.current, 1);
        assert_eq!(after.open(PHONE, &value), Err(CryptoError::Refused));
    }

    #[rstest]
    #[case::row(FieldPlace { row: Uuid::from_u128(8), ..PHONE })]
    #[case::column(FieldPlace { column: "name", ..PHONE })]
    #[case::table(FieldPlace { table: "nurse", ..PHONE })]
    #[case::shifted(FieldPlace { table: "patientp", column: "hone", ..PHONE })]
    fn a_value_moved_to_another_place_is_refused(#[case] place: FieldPlace) {
        let cipher = cipher();
        let value = cipher.seal(PHONE, "13800138000");
        assert_eq!(cipher.open(place, &value), Err(CryptoError::Refused));
        assert_eq!(cipher.open(PHONE, &value).as_deref(), Ok("13800138000"));
    }

    #[rstest]
    #[case("")]
    #[case("13800138000")]
    #[case("v1:k:n")]
    #[case("v2:KID:AAAAAAAAAAAAAAAA:AAAA")]
    #[case("v1:KID:AAAAAAAAAAAAAAAA:AAAA:more")]
    #[case("v1:KID:AAAAAAAAAAAAAAA:AAAA")]
    #[case("v1:KID:AAAA:AAAA")]
    #[case("v1:KID:AAAAAAAAAAAAAAAA:AA*A")]
    #[case("v1:KID:AAAAAAAAAAAAAAAA:AAAA====")]
    fn what_is_no_sealed_value_is_malformed(#[case] value: &str) {
        let cipher = cipher();
        let value = value.replace("KID", &cipher.current);
        assert_eq!(
            cipher.open(PHONE, &value),
            Err(CryptoError::Malformed),
            "{value}"
        );
    }

    #[test]
    fn bytes_come_back_at_their_place_and_are_not_readable_before() {
        let cipher = cipher();
        let plain: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let sealed = cipher.seal_bytes(PHONE, plain.clone());
        assert!(!sealed.windows(16).any(|part| part == &plain[..16]));
        assert_eq!(cipher.open_bytes(PHONE, &sealed), Ok(plain));
        let other = FieldPlace {
            row: Uuid::from_u128(8),
            ..PHONE
        };
        assert_eq!(cipher.open_bytes(other, &sealed), Err(CryptoError::Refused));
        let mut changed = sealed.clone();
        *changed.last_mut().expect("a byte") ^= 1;
        assert_eq!(
            cipher.open_bytes(PHONE, &changed),
            Err(CryptoError::Refused)
        );
        for value in [&b""[..], b"v1:k:n", &sealed[..9]] {
            assert_eq!(cipher.open_bytes(PHONE, value), Err(CryptoError::Malformed));
        }
    }

    #[test]
    fn a_text_shorter_than_its_tag_is_refused() {
        let cipher = cipher();
        for text in ["", "AAAA"] {
            let value = format!("v1:{}:AAAAAAAAAAAAAAAA:{text}", cipher.current);
            assert_eq!(cipher.open(PHONE, &value), Err(CryptoError::Refused));
        }
        assert!(!cipher.is_current("plain text"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_text_comes_back(text in ".{0,200}") {
            let cipher = cipher();
            prop_assert_eq!(cipher.open(PHONE, &cipher.seal(PHONE, &text)), Ok(text));
        }

        #[test]
        fn no_single_bit_may_change(text in ".{0,20}") {
            let cipher = cipher();
            let value = cipher.seal(PHONE, &text);
            for bit in 0..value.len() * 8 {
                let mut bytes = value.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                // The highest bit leaves ASCII, and no string holds that byte.
                if let Ok(changed) = String::from_utf8(bytes) {
                    prop_assert!(cipher.open(PHONE, &changed).is_err(), "bit {} of {}", bit, value);
                }
            }
        }
    }
}
