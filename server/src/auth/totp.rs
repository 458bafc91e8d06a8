//! Time codes of staff (RFC 6238): SHA-1, 6 digits, 30 seconds, one step either way, each code once.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};

use crate::crypto::random_bytes;

/// What the authenticator app shows above the account.
const ISSUER: &str = "Jiahu";
/// Seconds a code lasts.
const STEP_SECONDS: u64 = 30;

/// Why a code was refused, or no link was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotpError {
    /// Not the code of this moment.
    #[error("this is not the code of the moment")]
    Wrong,
    /// A code of this step or a later one was accepted before.
    #[error("this code was used before")]
    Replayed,
    /// The stored secret is not base32 of 16 bytes or more.
    #[error("the stored secret does not read")]
    SecretUnreadable,
    /// The account label is empty or holds a colon.
    #[error("the account label is empty or holds a colon")]
    Label,
}

impl TotpError {
    /// A stable name of the error.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong => "totp_wrong",
            Self::Replayed => "totp_replayed",
            Self::SecretUnreadable => "totp_secret_unreadable",
            Self::Label => "totp_label_invalid",
        }
    }
}

/// A new secret of 160 bits in base32, as it is stored (sealed) and shown once.
pub fn new_secret() -> SecretString {
    SecretString::from(Secret::new_stack(random_bytes()).to_base32())
}

/// The link an authenticator app reads from a QR code. It holds the secret.
pub fn otpauth_url(secret: &SecretString, label: &str) -> Result<SecretString, TotpError> {
    if label.is_empty() || label.contains(':') {
        return Err(TotpError::Label);
    }
    let builder = builder(secret)?
        .with_issuer(Some(ISSUER))
        .with_account_name(label);
    let url = build(builder)?.to_url().map_err(|_| TotpError::Label)?;
    Ok(SecretString::from(url))
}

/// The code of a moment, as the authenticator app shows it. For the demo and for tests: a server checks codes.
pub fn code(secret: &SecretString, now: DateTime<Utc>) -> Result<String, TotpError> {
    let seconds = u64::try_from(now.timestamp()).map_err(|_| TotpError::Wrong)?;
    Ok(build(builder(secret)?)?.generate(seconds).to_string())
}

/// Checks a code at `now` and gives the step it belongs to. Store that step and pass it as `last_step`
/// the next time, or the same code passes twice.
pub fn verify(
    secret: &SecretString,
    code: &str,
    now: DateTime<Utc>,
    last_step: Option<i64>,
) -> Result<i64, TotpError> {
    let totp = build(builder(secret)?)?;
    let seconds = u64::try_from(now.timestamp()).map_err(|_| TotpError::Wrong)?;
    let step = totp.check(code, seconds).ok_or(TotpError::Wrong)?;
    let step = i64::try_from(step).map_err(|_| TotpError::Wrong)?;
    match last_step {
        Some(last) if step <= last => Err(TotpError::Replayed),
        _ => Ok(step),
    }
}

fn builder(secret: &SecretString) -> Result<Builder, TotpError> {
    let secret = Secret::try_from_base32(secret.expose_secret());
    let secret = secret.map_err(|_| TotpError::SecretUnreadable)?;
    Ok(Builder::new()
        .with_digits(6)
        .with_step_duration(STEP_SECONDS)
        .with_skew(1)
        .with_secret(secret))
}

fn build(builder: Builder) -> Result<Totp, TotpError> {
    builder.build().map_err(|_| TotpError::SecretUnreadable)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// RFC 6238 appendix B: the ASCII text 12345678901234567890.
    fn rfc_secret() -> SecretString {
        SecretString::from(Secret::new_stack(*b"12345678901234567890").to_base32())
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a date")
    }

    // The standard lists eight digits; six are the last six of them.
    #[rstest]
    #[case(59, "287082")]
    #[case(1_111_111_109, "081804")]
    #[case(1_111_111_111, "050471")]
    #[case(1_234_567_890, "005924")]
    #[case(2_000_000_000, "279037")]
    #[case(20_000_000_000, "353130")]
    fn the_vectors_of_rfc_6238(#[case] seconds: i64, #[case] code: &str) {
        let verified = |now| verify(&rfc_secret(), code, at(now), None);
        let start = seconds - seconds % 30;
        assert_eq!(verified(seconds), Ok(seconds / 30));
        assert_eq!(verified(start - 30), Ok(seconds / 30), "one step early");
        assert_eq!(verified(start + 59), Ok(seconds / 30), "one step late");
        assert_eq!(super::code(&rfc_secret(), at(seconds)).as_deref(), Ok(code));
        assert_eq!(verified(start - 31), Err(TotpError::Wrong));
        assert_eq!(verified(start + 60), Err(TotpError::Wrong));
    }

    #[test]
    fn a_code_passes_once_and_no_older_one_after_it() {
        let verified = |code, last| verify(&rfc_secret(), code, at(1_111_111_111), last);
        let (earlier, step) = ("081804", 37_037_037);
        assert_eq!(verified("050471", None), Ok(step));
        assert_eq!(verified("050471", Some(step - 1)), Ok(step));
        assert_eq!(verified("050471", Some(step)), Err(TotpError::Replayed));
        assert_eq!(verified(earlier, None), Ok(step - 1));
        assert_eq!(verified(earlier, Some(step)), Err(TotpError::Replayed));
        assert_eq!(verified("000000", Some(step)), Err(TotpError::Wrong));
    }

    #[rstest]
    #[case("")]
    #[case("28708")]
    #[case("94287082")]
    #[case("+87082")]
    #[case(" 287082")]
    #[case("２８７０８２")]
    #[case("287083")]
    fn anything_but_the_six_digits_is_wrong(#[case] code: &str) {
        assert_eq!(
            verify(&rfc_secret(), code, at(59), None),
            Err(TotpError::Wrong)
        );
    }

    #[test]
    fn the_first_step_and_the_time_before_it_do_no_harm() {
        assert_eq!(
            verify(&rfc_secret(), "755224", at(0), None),
            Ok(0),
            "RFC 4226, counter 0"
        );
        assert_eq!(
            verify(&rfc_secret(), "755224", at(-1), None),
            Err(TotpError::Wrong)
        );
    }

    #[test]
    fn secrets_differ_and_are_160_bits_of_base32() {
        let (one, two) = (new_secret(), new_secret());
        assert_ne!(one.expose_secret(), two.expose_secret());
        let read = Secret::try_from_base32(one.expose_secret()).expect("base32");
        assert_eq!((read.as_bytes().len(), one.expose_secret().len()), (20, 32));
    }

    #[rstest]
    #[case("")]
    #[case("not base32!")]
    #[case("GEZDGNBVGY3TQOJQ")] // ten bytes
    fn a_broken_secret_is_an_error(#[case] text: &str) {
        let secret = SecretString::from(text);
        assert_eq!(
            verify(&secret, "287082", at(59), None),
            Err(TotpError::SecretUnreadable)
        );
        assert_eq!(
            otpauth_url(&secret, "a").map(|_| ()),
            Err(TotpError::SecretUnreadable)
        );
    }

    #[test]
    fn the_link_holds_label_secret_and_issuer() {
        let url = otpauth_url(&rfc_secret(), "李护士 138****8000").expect("a link");
        let url = url.expose_secret();
        assert!(url.starts_with("otpauth://totp/Jiahu:%E6%9D%8E"), "{url}");
        assert!(
            url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{url}"
        );
        assert!(url.contains("issuer=Jiahu"), "{url}");
        let read = Totp::from_url(url).expect("an app reads it");
        assert_eq!(
            (read.digits(), read.step(), read.account_name()),
            (6, 30, "李护士 138****8000")
        );
        assert_eq!(read.algorithm(), totp_rs::Algorithm::SHA1);
        for label in ["", "a:b"] {
            assert_eq!(
                otpauth_url(&rfc_secret(), label).map(|_| ()),
                Err(TotpError::Label)
            );
        }
    }
}
