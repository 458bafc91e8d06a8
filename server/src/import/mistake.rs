//! What is wrong with a roster file, by line and column.

use entity::enums::Language;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::name::PersonName;
use crate::domain::roster::{Column, RosterError};
use crate::problem::{Code, Params, Problem};

/// Most mistakes that an answer names; the count says how many there are.
const SHOWN: usize = 200;
/// Most characters of a value that an answer repeats.
const VALUE: usize = 40;

/// A cell or heading that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line in the file, from 1.
    pub line: u32,
    /// The column, when it is one of ours.
    pub column: Option<Column>,
    /// The heading as it stands in the file; none when the file has no such column.
    pub heading: Option<String>,
    /// What is wrong.
    pub code: Code,
    /// Values for its text.
    pub params: Params,
    /// What the cell says.
    pub value: String,
}

/// A row of a roster that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterMistake {
    /// Line in the file, from 1; headings stand in a line too.
    #[schema(example = 7)]
    pub line: u32,
    /// The heading as it stands in the file.
    #[schema(example = "职称")]
    pub column: String,
    /// Stable code.
    #[schema(example = "title_unknown")]
    pub code: String,
    /// Text in the caller's language.
    pub message: String,
    /// What the cell says; names and numbers of papers are masked, long text is cut.
    #[schema(example = "医师")]
    pub value: String,
}

impl Mistake {
    /// A mistake in a cell.
    pub(super) fn in_cell(
        line: u32,
        (column, heading): (Column, Option<String>),
        error: &RosterError,
        value: &str,
    ) -> Self {
        let label = heading.clone().unwrap_or_else(|| column.name().to_owned());
        Self {
            line,
            column: Some(column),
            heading,
            code: Code::parse(error.code()).unwrap_or(Code::FieldInvalid),
            params: error.params(&label),
            value: value.to_owned(),
        }
    }

    fn told(&self, language: Language) -> RosterMistake {
        let label = self.column.map(|column| column.label(language).to_owned());
        RosterMistake {
            line: self.line,
            column: self.heading.clone().or(label).unwrap_or_default(),
            code: self.code.as_str().to_owned(),
            message: self.code.text(language, &self.params),
            value: masked(self.column, &self.value),
        }
    }
}

/// The problem of a file with mistakes, in the order of the file.
pub fn problem(mut mistakes: Vec<Mistake>, language: Language) -> Problem {
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    let rows: Vec<_> = mistakes
        .iter()
        .take(SHOWN)
        .map(|mistake| mistake.told(language))
        .collect();
    Problem::new(Code::RosterInvalid)
        .with("count", mistakes.len())
        .member("count", mistakes.len())
        .member("rows", rows)
}

/// Enough of a value to find it in the file, and no more.
fn masked(column: Option<Column>, value: &str) -> String {
    let plain: String = value
        .chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect();
    match column {
        _ if plain.is_empty() => plain,
        Some(Column::Name) => PersonName::parse(&plain).map_or_else(
            |_| format!("{}*", plain.chars().next().unwrap_or_default()),
            |name| name.masked(),
        ),
        Some(
            Column::LicenceNo
            | Column::AccidentInsuranceNo
            | Column::LiabilityInsuranceNo
            | Column::Certificates,
        ) => format!("{}***", plain.chars().take(4).collect::<String>()),
        _ if plain.chars().count() > VALUE => {
            format!("{}…", plain.chars().take(VALUE).collect::<String>())
        }
        _ => plain,
    }
}
