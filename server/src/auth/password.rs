//! Passwords: what may be one, and argon2id in a pool of threads of its own.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use crate::crypto::random_token;

/// A password has at least this many characters.
pub const MIN_CHARS: usize = 10;
/// A password has at most this many characters.
pub const MAX_CHARS: usize = 128;

/// What one hash costs. The default is the production setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB, at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub passes: u32,
    /// Lanes, at least 1.
    pub lanes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
        }
    }
}

/// Why a password could not be hashed or verified. Never that it was wrong: that is a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The cost is outside what argon2 allows.
    #[error("the password cost is outside what argon2 allows")]
    Cost,
    /// The stored hash is no argon2 hash.
    #[error("the stored password hash does not read")]
    HashUnreadable,
    /// The hash was not computed: the server stops or is out of memory.
    #[error("the password was not hashed")]
    NotHashed,
}

impl PasswordError {
    /// A stable name of the error.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cost => "password_cost_invalid",
            Self::HashUnreadable => "password_hash_unreadable",
            Self::NotHashed => "password_not_hashed",
        }
    }
}

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the account's password.
    pub ok: bool,
    /// A hash to store instead: the password is right and its hash has another cost than today's.
    pub rehash: Option<String>,
}

/// Hashes and verifies passwords, no more than a given number at once, first come first served.
#[derive(Clone)]
pub struct Passwords {
    argon: Argon2<'static>,
    dummy: Arc<str>,
    pool: Arc<ThreadPool>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

impl Passwords {
    /// At most `threads` hashes run at once. Hashes once, so it takes a moment.
    ///
    /// The threads are their own, because an allocator keeps the memory of a hash for each thread that ever needed it:
    /// on any blocking thread that is free, it would be kept many times over.
    pub fn new(threads: NonZeroUsize, cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|_| PasswordError::Cost)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|number| format!("password-{number}"))
            // Who waits is told by the answer that does not come.
            .panic_handler(drop)
            .build()
            .map_err(|_| PasswordError::NotHashed)?;
        Ok(Self {
            dummy: hash(&argon, &SecretString::from(random_token()))?.into(),
            argon,
            pool: Arc::new(pool),
        })
    }

    /// The hash to store, as a PHC string with a salt of its own. The policy is checked before, by [`check_policy`].
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        let argon = self.argon.clone();
        self.run(move || hash(&argon, &password)).await
    }

    /// Verifies against the stored hash. Without one, which is an unknown account or one that has no password,
    /// the answer is no and takes as long.
    pub async fn verify(
        &self,
        hash: Option<String>,
        password: SecretString,
    ) -> Result<Verdict, PasswordError> {
        let (argon, dummy) = (self.argon.clone(), Arc::clone(&self.dummy));
        self.run(move || match hash {
            Some(stored) => verify(&argon, &stored, &password),
            None => verify(&argon, &dummy, &password).map(|_| Verdict {
                ok: false,
                rehash: None,
            }),
        })
        .await
    }

    /// A caller that hangs up frees no thread while its hash runs; before it runs, it is left out.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (answer, answered) = oneshot::channel();
        self.pool.spawn_fifo(move || {
            if !answer.is_closed() {
                drop(answer.send(work()));
            }
        });
        answered.await.map_err(|_| PasswordError::NotHashed)?
    }
}

fn hash(argon: &Argon2<'_>, password: &SecretString) -> Result<String, PasswordError> {
    let hash = argon.hash_password(password.expose_secret().as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|_| PasswordError::NotHashed)
}

fn verify(
    argon: &Argon2<'_>,
    stored: &str,
    password: &SecretString,
) -> Result<Verdict, PasswordError> {
    use argon2::password_hash::Error;
    let stored = PasswordHash::new(stored).map_err(|_| PasswordError::HashUnreadable)?;
    let ok = match argon.verify_password(password.expose_secret().as_bytes(), &stored) {
        Ok(()) => true,
        Err(Error::PasswordInvalid) => false,
        Err(Error::OutOfMemory) => return Err(PasswordError::NotHashed),
        Err(_) => return Err(PasswordError::HashUnreadable),
    };
    // A right password passes even when no better hash could be made of it today.
    let renew = ok && !is_up_to_date(argon, &stored);
    let rehash = renew.then(|| hash(argon, password).ok()).flatten();
    Ok(Verdict { ok, rehash })
}

fn is_up_to_date(argon: &Argon2<'_>, stored: &PasswordHash) -> bool {
    let today = argon.params();
    stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into())
        && Params::try_from(stored).is_ok_and(|then| {
            (then.m_cost(), then.t_cost(), then.p_cost())
                == (today.m_cost(), today.t_cost(), today.p_cost())
        })
}

/// Why a text may not be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Under [`MIN_CHARS`] characters.
    #[error("a password has at least {MIN_CHARS} characters")]
    TooShort,
    /// Over [`MAX_CHARS`] characters.
    #[error("a password has at most {MAX_CHARS} characters")]
    TooLong,
    /// Among the first anybody would try.
    #[error("this password is among the first to be guessed")]
    TooCommon,
}

impl PolicyError {
    /// A stable name of the error.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::TooCommon => "password_too_common",
        }
    }
}

/// Checks a new password. Length counts most; there are no rules on kinds of characters.
/// `phone` is the account's, with or without `+86`.
pub fn check_policy(password: &str, phone: Option<&str>) -> Result<(), PolicyError> {
    match password.chars().count() {
        0..MIN_CHARS => return Err(PolicyError::TooShort),
        MIN_CHARS..=MAX_CHARS => {}
        _ => return Err(PolicyError::TooLong),
    }
    let lower = password.to_lowercase();
    let first = lower.chars().next();
    let one_character = lower.chars().all(|c| Some(c) == first);
    let notorious = NOTORIOUS.contains(&lower.as_str());
    if one_character || notorious || phone.is_some_and(|phone| holds_phone(password, phone)) {
        return Err(PolicyError::TooCommon);
    }
    Ok(())
}

/// Whether the national number stands in the password, however either is punctuated.
fn holds_phone(password: &str, phone: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let phone = digits(phone);
    let national = &phone[phone.len().saturating_sub(11)..];
    // Every password holds the empty text: a phone of a few digits proves nothing.
    national.len() >= 7 && digits(password).contains(national)
}

/// Long enough for the rule on length and still tried first; lower case.
const NOTORIOUS: [&str; 36] = [
    "0123456789",
    "0987654321",
    "1029384756",
    "1122334455",
    "1212121212",
    "123123123123",
    "1234512345",
    "12345678900",
    "1234567890",
    "12345678910",
    "1234567890a",
    "123456789a",
    "123456789abc",
    "123456abcdef",
    "147258369a",
    "1472583690",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "5201314520",
    "5201314woaini",
    "9876543210",
    "a123456789",
    "a1234567890",
    "aa123456789",
    "abc123456789",
    "abcdefghij",
    "abcd123456",
    "admin12345",
    "asdfghjkl123",
    "password123",
    "passw0rd123",
    "qwerty12345",
    "qwertyuiop",
    "woaini1314",
    "woaini1314520",
];

#[cfg(test)]
mod tests;
