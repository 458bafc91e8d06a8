//! Where settings come from: their sources, the environment, what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::PathBuf;

use thiserror::Error;

/// In front of every variable.
const PREFIX: &str = "JIAHU_";
/// Variables with this prefix steer the test suite, not the server.
const TEST_PREFIX: &str = "JIAHU_TEST_";
/// Names the configuration file.
const CONFIG_VARIABLE: &str = "JIAHU_CONFIG";

/// Why the process does not start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A key has a value that cannot be used.
    #[error("{key} from {origin}: {reason}")]
    Value {
        /// The key, with its section.
        key: String,
        /// Where the value came from.
        origin: Source,
        /// What is wrong; never holds a secret.
        reason: String,
    },
    /// A variable that no key answers to, most often a typing error.
    #[error("{0} from the environment: there is no such setting")]
    UnknownVariable(String),
    /// A variable that is not UTF-8.
    #[error("{0} from the environment: is not UTF-8")]
    NotText(String),
    /// The file cannot be read or understood.
    #[error("configuration file {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong; never holds a value.
        reason: String,
    },
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag(String),
    /// The environment.
    Env(String),
    /// A file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl Source {
    /// Higher wins.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 3,
            Self::Env(_) => 2,
            Self::File(_) => 1,
            Self::Default => 0,
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Env(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One key as it was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key, with its section: `matching.offer_batch`.
    pub key: &'static str,
    /// The value as printed; secrets are masked already.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

/// The `JIAHU_*` variables.
#[derive(Clone, Default)]
pub struct Env(BTreeMap<String, String>);

/// Names only: the values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Env {
    /// Takes what `std::env::vars_os` gives; others' variables are dropped.
    pub fn from_os(
        vars: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut kept = BTreeMap::new();
        for (name, value) in vars {
            // Ours are ASCII.
            let Ok(name) = name.into_string() else {
                continue;
            };
            if name.starts_with(PREFIX) {
                let value = value
                    .into_string()
                    .map_err(|_| ConfigError::NotText(name.clone()))?;
                kept.insert(name, value);
            }
        }
        Ok(Self(kept))
    }

    /// An empty variable counts as not set: compose files pass those for what they do not know.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The configuration file named by the environment.
    pub(super) fn config_file(&self) -> Option<PathBuf> {
        self.get(CONFIG_VARIABLE).map(PathBuf::from)
    }

    /// Refuses variables that no key asked for.
    pub(super) fn refuse_unknown(&self, known: &BTreeSet<String>) -> Result<(), ConfigError> {
        let unknown = self.0.keys().find(|name| {
            *name != CONFIG_VARIABLE && !name.starts_with(TEST_PREFIX) && !known.contains(*name)
        });
        unknown.map_or(Ok(()), |name| {
            Err(ConfigError::UnknownVariable(name.clone()))
        })
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        Self(pairs.filter(|(name, _)| name.starts_with(PREFIX)).collect())
    }
}

/// `matching.offer_batch` → `--matching-offer-batch`.
pub(super) fn flag_of(key: &str) -> String {
    format!("--{}", key.replace(['.', '_'], "-"))
}

/// `matching.offer_batch` → `JIAHU_MATCHING_OFFER_BATCH`.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}
