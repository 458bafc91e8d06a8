//! What all versioned rule files share: who signed them off, how they are read, how a mistake is reported.

use std::{collections::BTreeSet, fmt, ops::RangeInclusive};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

#[cfg(test)]
pub(super) mod mistakes;

/// Longest text a rule file may hold, in characters.
const TEXT_MAX: usize = 500;

/// A text in both languages the service answers in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Chinese.
    #[schema(min_length = 1, max_length = 500)]
    pub zh: String,
    /// English.
    #[schema(min_length = 1, max_length = 500)]
    pub en: String,
}

impl Bilingual {
    /// Both texts at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// What kind of mistake a rule file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleProblemCode {
    /// Not JSON, or not of the shape: a wrong type, a missing or an unknown field.
    Malformed,
    /// The same code twice, or two meanings for one code.
    Duplicate,
    /// A code that nothing defines.
    UnknownReference,
    /// A number or date outside what makes sense.
    OutOfRange,
    /// A text that is empty, too long, untrimmed, or not in its language.
    BadText,
    /// Two fields that contradict each other.
    Inconsistent,
}

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleProblem {
    /// Where, such as `items[3].screening[0].text.zh`.
    pub path: String,
    /// Which kind.
    pub code: RuleProblemCode,
    /// A sentence for the person who edits the file.
    pub detail: String,
}

/// Every mistake found in a rule file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleProblem>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem(s) in the rule file", self.0.len())?;
        for problem in &self.0 {
            write!(f, "\n  {}: {}", problem.path, problem.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleErrors {}

/// The head every rule file carries.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'a> {
    /// Counts up from 1; an order keeps the version it was judged by.
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; nobody yet for a seed.
    pub approved_by: Option<&'a str>,
    /// When it was signed off.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: &'a str,
}

impl Edition<'_> {
    /// True when somebody has signed the version off; a seed is not approved.
    pub fn is_approved(&self) -> bool {
        self.approved_by.is_some() && self.approved_on.is_some()
    }

    fn check_head(&self, problems: &mut Problems) {
        problems.in_range("version", self.version, 1..=1_000_000);
        problems.plain("source", self.source);
        if let Some(name) = self.approved_by {
            problems.plain("approved_by", name);
        }
        if self.approved_by.is_some() != self.approved_on.is_some() {
            let detail = "approver and date stand together or not at all";
            problems.add("approved_on", RuleProblemCode::Inconsistent, detail);
        }
    }
}

/// A versioned file of rules that the nursing department signs off.
pub trait RuleFile: DeserializeOwned {
    /// The head of the file.
    fn edition(&self) -> Edition<'_>;
    /// Reports every mistake that the types cannot rule out.
    fn check_rules(&self, problems: &mut Problems);
}

/// Reads a rule file and checks all of it.
pub fn parse<T: RuleFile>(json: &str) -> Result<T, RuleErrors> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let file: T = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| malformed(error.path().to_string(), error.inner()))?;
    reader
        .end()
        .map_err(|error| malformed(".".into(), &error))?;
    validate(&file)?;
    Ok(file)
}

/// Checks a rule file that has already been read, such as one that came through the API.
pub fn validate<T: RuleFile>(file: &T) -> Result<(), RuleErrors> {
    let mut problems = Problems::default();
    file.edition().check_head(&mut problems);
    file.check_rules(&mut problems);
    problems.into_result()
}

fn malformed(path: String, error: &serde_json::Error) -> RuleErrors {
    let detail = error.to_string();
    RuleErrors(vec![RuleProblem {
        path,
        code: RuleProblemCode::Malformed,
        detail,
    }])
}

/// Collects mistakes with the path they were found at.
#[derive(Debug, Default)]
pub struct Problems {
    path: Vec<String>,
    found: Vec<RuleProblem>,
}

impl Problems {
    /// Reports one mistake at a field of the current place.
    pub fn add(&mut self, field: &str, code: RuleProblemCode, detail: impl Into<String>) {
        let mut path = self.path.clone();
        if !field.is_empty() {
            path.push(field.to_owned());
        }
        self.found.push(RuleProblem {
            path: path.join("."),
            code,
            detail: detail.into(),
        });
    }

    /// Reports a mistake unless the condition holds.
    pub fn require(&mut self, holds: bool, field: &str, code: RuleProblemCode, detail: &str) {
        if !holds {
            self.add(field, code, detail);
        }
    }

    /// Runs a check one level deeper.
    pub fn within(&mut self, segment: impl Into<String>, check: impl FnOnce(&mut Self)) {
        self.path.push(segment.into());
        check(self);
        self.path.pop();
    }

    /// Runs a check on every member of a list.
    pub fn each<'a, T>(
        &mut self,
        field: &str,
        list: &'a [T],
        mut check: impl FnMut(&mut Self, &'a T),
    ) {
        for (index, member) in list.iter().enumerate() {
            self.within(format!("{field}[{index}]"), |problems| {
                check(problems, member);
            });
        }
    }

    /// A number or date has to lie in the range.
    pub fn in_range<T: PartialOrd + Copy + fmt::Display>(
        &mut self,
        field: &str,
        value: T,
        range: RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let detail = format!(
                "{value} is not between {} and {}",
                range.start(),
                range.end()
            );
            self.add(field, RuleProblemCode::OutOfRange, detail);
        }
    }

    /// No key may come twice.
    pub fn unique<K: Ord + fmt::Display>(
        &mut self,
        field: &str,
        keys: impl IntoIterator<Item = K>,
    ) {
        let mut seen = BTreeSet::new();
        for key in keys {
            if seen.contains(&key) {
                self.add(
                    field,
                    RuleProblemCode::Duplicate,
                    format!("`{key}` stands there twice"),
                );
            } else {
                seen.insert(key);
            }
        }
    }

    /// A text in one language: not empty, trimmed, bounded, without control characters.
    pub fn plain(&mut self, field: &str, text: &str) {
        let fits = !text.is_empty() && text.trim() == text && text.chars().count() <= TEXT_MAX;
        if !fits || text.chars().any(char::is_control) {
            let detail = format!(
                "a text has 1 to {TEXT_MAX} characters, no space around it and no control characters"
            );
            self.add(field, RuleProblemCode::BadText, detail);
        }
    }

    /// A text in both languages, each really in its own.
    pub fn text(&mut self, field: &str, text: &Bilingual) {
        self.within(field, |problems| {
            problems.plain("zh", &text.zh);
            problems.plain("en", &text.en);
            let code = RuleProblemCode::BadText;
            // A text without letters, such as `37.3–37.9 ℃`, reads the same in both.
            let chinese = text.zh.chars().any(is_han) || !text.zh.chars().any(char::is_alphabetic);
            problems.require(chinese, "zh", code, "has no Chinese character");
            problems.require(
                !text.en.chars().any(is_han),
                "en",
                code,
                "has Chinese characters",
            );
        });
    }

    fn into_result(self) -> Result<(), RuleErrors> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(RuleErrors(self.found))
        }
    }
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}
