//! The search through flags, environment and file.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::args::Args;
use super::source::{ConfigError, Env, Setting, Source, flag_of, variable_of};
use super::values::{List, Secret};

/// How "not set" is printed.
const NONE: &str = "none";

/// A key and how to read it from a layer.
pub(super) struct Key<T> {
    /// With its section: `matching.offer_batch`.
    pub(super) name: &'static str,
    pub(super) get: for<'a> fn(&'a Args) -> Option<&'a T>,
}

// A derive would ask `T` to be `Copy` as well.
impl<T> Copy for Key<T> {}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Flags over environment over file; remembers what was found where.
pub(super) struct Layers<'a> {
    pub(super) flags: &'a Args,
    pub(super) env: &'a Env,
    pub(super) file: Args,
    pub(super) file_path: PathBuf,
    pub(super) settings: Vec<Setting>,
    pub(super) known: BTreeSet<String>,
}

/// What a layer had, and which one it was.
type Found<T> = Option<(T, Source)>;

impl Layers<'_> {
    /// The value of the highest layer that has one.
    fn find<T>(&mut self, key: &Key<T>) -> Result<Found<T>, ConfigError>
    where
        T: Clone + FromStr<Err: Display>,
    {
        let variable = variable_of(key.name);
        self.known.insert(variable.clone());
        if let Some(value) = (key.get)(self.flags) {
            return Ok(Some((value.clone(), Source::Flag(flag_of(key.name)))));
        }
        if let Some(text) = self.env.get(&variable) {
            let origin = Source::Env(variable);
            return match text.parse() {
                Ok(value) => Ok(Some((value, origin))),
                Err(error) => Err(wrong(key.name, origin, format!("{error}"))),
            };
        }
        Ok(
            (key.get)(&self.file)
                .map(|value| (value.clone(), Source::File(self.file_path.clone()))),
        )
    }

    fn record(&mut self, key: &'static str, value: impl Display, source: Source) {
        self.settings.push(Setting {
            key,
            value: value.to_string(),
            source,
        });
    }

    /// Shows the default of a key that no layer had, and gives it back.
    pub(super) fn fall_back<T: Display>(&mut self, key: &'static str, default: T) -> T {
        self.settings.retain(|setting| setting.key != key);
        self.record(key, &default, Source::Default);
        default
    }

    /// A number within its range.
    pub(super) fn number<T>(
        &mut self,
        key: Key<T>,
        default: T,
        range: RangeInclusive<T>,
    ) -> Result<T, ConfigError>
    where
        T: Copy + PartialOrd + Display + FromStr<Err: Display>,
    {
        let (value, source) = self.find(&key)?.unwrap_or((default, Source::Default));
        if !range.contains(&value) {
            let reason = format!("must be {} to {}, not {value}", range.start(), range.end());
            return Err(wrong(key.name, source, reason));
        }
        self.record(key.name, value, source);
        Ok(value)
    }

    /// Ascending numbers, each within the range.
    pub(super) fn ascending(
        &mut self,
        key: Key<List<u32>>,
        default: Vec<u32>,
        range: RangeInclusive<u32>,
    ) -> Result<Vec<u32>, ConfigError> {
        let (List(values), source) = self.find(&key)?.unwrap_or((List(default), Source::Default));
        let reason = if values.is_empty() {
            Some("must hold at least one number".to_owned())
        } else if let Some(value) = values.iter().find(|value| !range.contains(value)) {
            Some(format!(
                "each must be {} to {}, not {value}",
                range.start(),
                range.end()
            ))
        } else {
            (!values.is_sorted_by(|a, b| a < b)).then(|| "must ascend".to_owned())
        };
        if let Some(reason) = reason {
            return Err(wrong(key.name, source, reason));
        }
        self.record(key.name, joined(&values), source);
        Ok(values)
    }

    /// A value with a spelling of its own, when any layer has it.
    pub(super) fn optional<T: Display>(
        &mut self,
        key: Key<String>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some((text, source)) = self.find(&key)? else {
            self.record(key.name, NONE, Source::Default);
            return Ok(None);
        };
        let value = parse(&text).map_err(|reason| wrong(key.name, source.clone(), reason))?;
        self.record(key.name, &value, source);
        Ok(Some(value))
    }

    /// A value with a spelling of its own, or the default.
    pub(super) fn parsed<T: Display>(
        &mut self,
        key: Key<String>,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let name = key.name;
        let given = self.optional(key, parse)?;
        Ok(given.unwrap_or_else(|| self.fall_back(name, default)))
    }

    /// A list of values with a spelling of their own; empty by default.
    pub(super) fn list<T: Display>(
        &mut self,
        key: Key<List<String>>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ConfigError> {
        let (List(texts), source) = self
            .find(&key)?
            .unwrap_or((List(Vec::new()), Source::Default));
        let values: Result<Vec<T>, String> = texts.iter().map(|text| parse(text)).collect();
        let values = values.map_err(|reason| wrong(key.name, source.clone(), reason))?;
        self.record(key.name, joined(&values), source);
        Ok(values)
    }

    /// The same with a default; an empty list is one, too.
    pub(super) fn list_or<T: Display>(
        &mut self,
        key: Key<List<String>>,
        default: Vec<T>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ConfigError> {
        let found = self.find(&key)?;
        let Some((List(texts), source)) = found else {
            self.record(key.name, joined(&default), Source::Default);
            return Ok(default);
        };
        let values: Result<Vec<T>, String> = texts.iter().map(|text| parse(text)).collect();
        let values = values.map_err(|reason| wrong(key.name, source.clone(), reason))?;
        self.record(key.name, joined(&values), source);
        Ok(values)
    }

    /// A path, as written; relative ones start at the working directory.
    pub(super) fn path(
        &mut self,
        key: Key<PathBuf>,
        default: PathBuf,
    ) -> Result<PathBuf, ConfigError> {
        let (path, source) = self.find(&key)?.unwrap_or((default, Source::Default));
        if path.as_os_str().is_empty() {
            return Err(wrong(key.name, source, "must not be empty".to_owned()));
        }
        self.record(key.name, path.display(), source);
        Ok(path)
    }

    /// A secret, given as it is or as the file it stands in; of the two the higher layer wins.
    /// `show` is its masked form.
    pub(super) fn secret<T>(
        &mut self,
        key: Key<Secret>,
        file_key: Key<PathBuf>,
        parse: impl Fn(&str) -> Result<T, String>,
        show: impl Fn(&T) -> String,
    ) -> Result<Option<T>, ConfigError> {
        let Some((text, source)) = self.secret_text(&key, &file_key)? else {
            self.record(key.name, NONE, Source::Default);
            return Ok(None);
        };
        let value =
            parse(text.expose()).map_err(|reason| wrong(key.name, source.clone(), reason))?;
        self.record(key.name, show(&value), source);
        Ok(Some(value))
    }

    fn secret_text(
        &mut self,
        key: &Key<Secret>,
        file_key: &Key<PathBuf>,
    ) -> Result<Found<Secret>, ConfigError> {
        let direct = self.find(key)?;
        let Some((path, file_source)) = self.find(file_key)? else {
            self.record(file_key.name, NONE, Source::Default);
            return Ok(direct);
        };
        self.record(file_key.name, path.display(), file_source.clone());
        if let Some((text, source)) = direct {
            if source.rank() == file_source.rank() {
                let reason = format!("is given twice, here and as {}", file_key.name);
                return Err(wrong(key.name, source, reason));
            }
            if source.rank() > file_source.rank() {
                return Ok(Some((text, source)));
            }
        }
        let text =
            read_secret(&path).map_err(|reason| wrong(file_key.name, file_source, reason))?;
        Ok(Some((text, Source::File(path))))
    }

    /// An error about a key that was resolved already, for rules that span several keys.
    pub(super) fn conflict(&self, key: &'static str, reason: String) -> ConfigError {
        let found = self.settings.iter().find(|setting| setting.key == key);
        wrong(
            key,
            found.map_or(Source::Default, |setting| setting.source.clone()),
            reason,
        )
    }
}

/// A list as it is printed.
fn joined<T: Display>(values: &[T]) -> String {
    let texts: Vec<_> = values.iter().map(T::to_string).collect();
    if texts.is_empty() {
        NONE.to_owned()
    } else {
        texts.join(", ")
    }
}

fn wrong(key: &str, origin: Source, reason: String) -> ConfigError {
    ConfigError::Value {
        key: key.to_owned(),
        origin,
        reason,
    }
}

fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let Ok(secret) = text.trim_end_matches(['\r', '\n']).parse();
    Ok(secret)
}
