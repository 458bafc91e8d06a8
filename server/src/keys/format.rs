//! The key file's text: TOML, one table for each purpose.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

use super::{KEY_BYTES, KID_MAX, Keyed, Keys, Ring, SecretKey, SigningKey};

/// The only version of the file there is so far.
const VERSION: u32 = 1;

impl Keys {
    /// The text of the key file.
    pub(super) fn to_toml(&self) -> SecretString {
        // Room for all of it from the start: growing would leave copies of the keys behind.
        let mut text = String::with_capacity(8 * 1024);
        text.push_str(HEADER);
        text.push_str("\n[field]\n");
        push_line(&mut text, "current", self.field.current().kid());
        for key in self.field.iter() {
            push_key(&mut text, "[[field.keys]]", key.kid(), "key", key.bytes());
        }
        for (table, key) in [("[lookup]", &self.lookup), ("[audit]", &self.audit)] {
            push_key(&mut text, table, key.kid(), "key", key.bytes());
        }
        text.push_str("\n[signing]\n");
        push_line(&mut text, "current", self.signing.current().kid());
        for key in self.signing.iter() {
            push_key(
                &mut text,
                "[[signing.keys]]",
                key.kid(),
                "pkcs8",
                key.pkcs8(),
            );
        }
        SecretString::from(text)
    }
}

const HEADER: &str = "\
# The keys of one Jiahu installation. With this file and the database, all personal data is readable;
# without it, none is. Keep a copy apart from the database's backups.
# In a ring, `current` makes new values and every key reads old ones. Add a key first on every server,
# then make it current. Never remove a key that stored values still name.
version = 1
";

fn push_line(text: &mut String, name: &str, value: &str) {
    for part in [name, " = \"", value, "\"\n"] {
        text.push_str(part);
    }
}

fn push_key(text: &mut String, table: &str, kid: &str, name: &str, bytes: &[u8]) {
    text.push('\n');
    text.push_str(table);
    text.push('\n');
    push_line(text, "kid", kid);
    push_line(text, name, &Zeroizing::new(STANDARD.encode(bytes)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    field: RingTable<SecretEntry>,
    lookup: SecretEntry,
    audit: SecretEntry,
    signing: RingTable<SigningEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RingTable<E> {
    current: Option<String>,
    keys: Vec<E>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretEntry {
    kid: String,
    #[serde(deserialize_with = "secret")]
    key: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningEntry {
    kid: String,
    #[serde(deserialize_with = "secret")]
    pkcs8: SecretString,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// Reads the text of a key file; the error says what is wrong and tells no secret.
pub(super) fn parse(text: &str) -> Result<Keys, String> {
    let document: Document = toml::from_str(text).map_err(|error| explain(&error, text))?;
    if document.version != VERSION {
        return Err(format!("version {} is not known", document.version));
    }
    let field = document
        .field
        .keys
        .into_iter()
        .map(read_secret)
        .collect::<Result<_, _>>()?;
    let signing = document
        .signing
        .keys
        .into_iter()
        .map(read_signing)
        .collect::<Result<_, _>>()?;
    let keys = Keys {
        field: read_ring("field", field, document.field.current.as_deref())?,
        lookup: read_secret(document.lookup)?,
        audit: read_secret(document.audit)?,
        signing: read_ring("signing", signing, document.signing.current.as_deref())?,
    };
    refuse_shared_keys(&keys)?;
    Ok(keys)
}

/// The parser's own message quotes the file, keys and all, so only the name of a missing field is passed on.
fn explain(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.bytes().take(start);
    let line = before.filter(|byte| *byte == b'\n').count() + 1;
    let what = match error.message() {
        missing if missing.starts_with("missing field") => missing,
        unknown if unknown.starts_with("unknown field") => "this name is not known here",
        _ => "this does not read as a key file",
    };
    format!("line {line}: {what}")
}

fn read_secret(entry: SecretEntry) -> Result<SecretKey, String> {
    check_kid(&entry.kid)?;
    let bytes = decode(&entry.kid, &entry.key)?;
    let Ok(bytes) = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map(Box::new) else {
        return Err(format!("key {}: {KEY_BYTES} bytes are needed", entry.kid));
    };
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(format!("key {}: this is no random key", entry.kid));
    }
    Ok(SecretKey {
        kid: entry.kid,
        bytes: SecretBox::new(bytes),
    })
}

fn read_signing(entry: SigningEntry) -> Result<SigningKey, String> {
    check_kid(&entry.kid)?;
    let bytes = decode(&entry.kid, &entry.pkcs8)?;
    let kid = entry.kid.clone();
    SigningKey::from_pkcs8(entry.kid, &bytes)
        .ok_or_else(|| format!("key {kid}: this is no Ed25519 private key in PKCS#8"))
}

fn decode(kid: &str, text: &SecretString) -> Result<Zeroizing<Vec<u8>>, String> {
    match STANDARD.decode(text.expose_secret()) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(_) => Err(format!("key {kid}: this is not base64")),
    }
}

/// A kid stands between colons in a sealed value and in a token's header.
fn check_kid(kid: &str) -> Result<(), String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if kid.is_empty() || kid.len() > KID_MAX || !kid.bytes().all(fits) {
        return Err(format!(
            "a kid is 1 to {KID_MAX} characters of A-Z a-z 0-9 - _"
        ));
    }
    Ok(())
}

fn read_ring<K: Keyed>(name: &str, keys: Vec<K>, current: Option<&str>) -> Result<Ring<K>, String> {
    Ring::new(keys, current).ok_or_else(|| {
        format!("ring {name}: it needs a key, each kid once, and a current key that is in it")
    })
}

/// One key for two purposes would let a value of the one pass for a value of the other.
fn refuse_shared_keys(keys: &Keys) -> Result<(), String> {
    let all: Vec<_> = keys
        .field
        .iter()
        .chain([&keys.lookup, &keys.audit])
        .collect();
    for (n, key) in all.iter().enumerate() {
        if let Some(twin) = all[..n]
            .iter()
            .find(|other| bool::from(other.bytes().ct_eq(key.bytes())))
        {
            return Err(format!(
                "keys {} and {} are the same key",
                twin.kid, key.kid
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::crypto::{hex, random_bytes};

    fn text_of(keys: &Keys) -> String {
        keys.to_toml().expose_secret().to_owned()
    }

    #[test]
    fn a_ring_may_hold_older_and_newer_keys() {
        let older = Keys::generate();
        let kids = |keys: &Keys| {
            (
                keys.field.current().kid.clone(),
                keys.signing.current().kid.clone(),
            )
        };
        let old = kids(&older);
        let keys = Keys::generate().after(older);
        let text = text_of(&keys);
        assert_eq!(kids(&parse(&text).expect("read")), kids(&keys));
        assert!(parse(&text).expect("read").field().get(&old.0).is_some());
        let unnamed = text.replace("current = ", "# current = ");
        assert_eq!(
            kids(&parse(&unnamed).expect("read")),
            kids(&keys),
            "the last one"
        );
        let named = text.replace(
            &format!("current = \"{}", kids(&keys).0),
            &format!("current = \"{}", old.0),
        );
        assert_eq!(parse(&named).expect("read").field().current().kid(), old.0);
    }

    #[rstest]
    #[case::version("version = 1", "version = 2")]
    #[case::no_version("version = 1", "")]
    #[case::unknown_name("[lookup]\n", "[lookup]\nnote = \"x\"\n")]
    #[case::unknown_table("[lookup]\n", "[other]\n")]
    #[case::current("current = \"f-", "current = \"g-")]
    #[case::kid_with_colon("[audit]\nkid = \"", "[audit]\nkid = \"a:")]
    #[case::empty_kid("[audit]\nkid = \"", "[audit]\nkid = \"\" #")]
    #[case::not_base64("key = \"", "key = \"*")]
    #[case::short_key("key = \"", "key = \"c2hvcnQ=\" # ")]
    #[case::zero_key(
        "key = \"",
        "key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\" # "
    )]
    #[case::no_ed25519("pkcs8 = \"", "pkcs8 = \"c2hvcnQ=\" # ")]
    #[case::open_string("key = \"", "key = ")]
    fn a_damaged_file_is_refused_without_telling_a_key(#[case] find: &str, #[case] put: &str) {
        let keys = Keys::generate();
        let text = text_of(&keys);
        assert!(text.contains(find));
        let what = parse(&text.replacen(find, put, 1)).expect_err("refused");
        assert_tells_nothing(&what, &keys);
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_quoted() {
        let keys = Keys::generate();
        let secret = STANDARD.encode(keys.lookup().bytes());
        for line in ["version = 1", "[[field.keys]]"] {
            let text = text_of(&keys).replacen(line, &format!("version = \"{secret}\""), 1);
            assert_tells_nothing(&parse(&text).expect_err("refused"), &keys);
        }
    }

    #[test]
    fn the_same_key_twice_is_refused() {
        let keys = Keys::generate();
        let text = text_of(&keys).replace(
            &STANDARD.encode(keys.audit().bytes()),
            &STANDARD.encode(keys.lookup().bytes()),
        );
        assert!(parse(&text).expect_err("refused").contains("same key"));
        let field = STANDARD.encode(keys.field().current().bytes());
        let text = text_of(&keys).replace(&STANDARD.encode(keys.audit().bytes()), &field);
        assert!(parse(&text).expect_err("refused").contains("same key"));
        let mut twice = text_of(&keys);
        push_key(
            &mut twice,
            "[[field.keys]]",
            keys.field().current().kid(),
            "key",
            &random_bytes::<32>(),
        );
        assert!(parse(&twice).expect_err("refused").contains("ring field"));
    }

    #[test]
    fn debug_prints_kids_only() {
        let keys = Keys::generate();
        let shown = format!("{keys:?} {keys:#?}");
        assert!(
            shown.contains(keys.field().current().kid())
                && shown.contains(keys.signing().current().kid())
        );
        assert_tells_nothing(&shown, &keys);
    }

    /// Neither the encoded key nor its bytes as a list of numbers or as hex may show.
    fn assert_tells_nothing(shown: &str, keys: &Keys) {
        let secrets: [&[u8]; 4] = [
            keys.field().current().bytes(),
            keys.lookup().bytes(),
            keys.audit().bytes(),
            keys.signing().current().pkcs8(),
        ];
        for secret in secrets {
            let encoded = STANDARD.encode(secret);
            assert!(!shown.contains(&encoded[encoded.len() - 12..]), "{shown}");
            assert!(!shown.contains(&encoded[..12]), "{shown}");
            assert!(!shown.contains(&hex(&secret[..6])), "{shown}");
            assert!(
                !shown.contains(&format!("{:?}", &secret[..4])[1..12]),
                "{shown}"
            );
        }
    }
}
