//! How commands end.

use std::fmt::Display;

use entity::enums::Language;
use jiahu::config::ConfigError;
use jiahu::error::Error;
use jiahu::keys::KeyFileError;
use sea_orm::DbErr;

/// What a command gives: nothing, or why not.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command said it all itself.
    Told,
    /// To be told.
    Because(String),
}

impl Failure {
    pub(crate) fn because(reason: impl Display) -> Self {
        Self::Because(reason.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => Self::Because(problem.detail(Language::En)),
            other => Self::because(other),
        }
    }
}

macro_rules! told_as_is {
    ($($error:ty),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::because(error)
            }
        }
    )+};
}

told_as_is!(
    ConfigError,
    KeyFileError,
    DbErr,
    serde_json::Error,
    std::io::Error
);
