//! A list of discharges: every row is read, then all are taken in one transaction or none.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{IdKind, Language, Sex};
use serde::Serialize;
use utoipa::ToSchema;

use super::Row;
use crate::domain::follow_up::{IcdCode, Word};
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::patient::Papers;
use crate::domain::phone::Phone;
use crate::domain::roster::{Cell, RosterError, cell};
use crate::follow_up::{Person, Told, Who};
use crate::problem::{Code, Params, Problem};

/// Most mistakes that an answer names.
const SHOWN: usize = 200;

macro_rules! columns {
    ($($(#[$meta:meta])* $variant:ident $name:literal $zh:literal $required:literal;)+) => {
        /// A column of a list of discharges.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Column { $($(#[$meta])* $variant,)+ }

        impl Column {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            const fn name_zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }

            const fn is_required(self) -> bool {
                match self { $(Self::$variant => $required),+ }
            }
        }
    };
}

columns! {
    /// Name.
    Name "name" "姓名" true;
    /// Number of the resident identity card.
    IdNumber "id_number" "身份证号" true;
    /// Phone.
    Phone "phone" "电话" false;
    /// From which ward.
    Ward "ward" "科室" false;
    /// First day of the stay.
    AdmittedOn "admitted_on" "入院日期" true;
    /// Day of discharge.
    DischargedOn "discharged_on" "出院日期" true;
    /// ICD-10 codes, the first diagnosis first, with `;` between.
    Diagnoses "diagnoses" "诊断编码" false;
    /// The diagnosis in words.
    DiagnosisText "diagnosis_text" "诊断" false;
    /// Codes of conditions, with `;` between.
    Conditions "conditions" "随访情况" false;
    /// The responsible doctor.
    Doctor "doctor" "主管医生" false;
    /// The next stay is planned.
    ReadmissionPlanned "readmission_planned" "计划再入院" false;
}

/// A row that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFlaw {
    /// Line in the file, from 1.
    pub line: u32,
    /// The column, when one is wrong.
    pub column: Option<Column>,
    /// What is wrong.
    pub code: Code,
    /// Values for its text.
    pub params: Params,
}

/// A row of a list that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListMistake {
    /// Line in the file, from 1; headings stand in a line too.
    #[schema(example = 7)]
    pub line: u32,
    /// The column, in the caller's language; empty when the row as such is wrong.
    #[schema(example = "出院日期")]
    pub column: String,
    /// Stable code.
    #[schema(example = "discharge_before_admission")]
    pub code: String,
    /// Text in the caller's language.
    pub message: String,
}

/// A row as a discharge.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Line in the file.
    pub line: u32,
    /// The discharge.
    pub told: Told,
}

/// The problem of a list with mistakes, in the order of the file.
pub fn problem(mut flaws: Vec<ListFlaw>, language: Language) -> Problem {
    flaws.sort_by_key(|flaw| (flaw.line, flaw.column));
    let told = |flaw: &ListFlaw| ListMistake {
        line: flaw.line,
        column: flaw
            .column
            .map(|column| match language {
                Language::Zh => column.name_zh(),
                Language::En => column.name(),
            })
            .unwrap_or_default()
            .to_owned(),
        code: flaw.code.as_str().to_owned(),
        message: flaw.code.text(language, &flaw.params),
    };
    let rows: Vec<_> = flaws.iter().take(SHOWN).map(told).collect();
    Problem::new(Code::ListInvalid)
        .with("count", flaws.len())
        .member("count", flaws.len())
        .member("rows", rows)
}

/// Reads every row, or tells all that is wrong. What only the database knows is told when they are taken.
pub fn parse(rows: &[Row], today: NaiveDate) -> Result<Vec<Listed>, Vec<ListFlaw>> {
    let Some((first, rows)) = rows.split_first() else {
        return Ok(Vec::new());
    };
    let headings = headings(first)?;
    let (mut listed, mut flaws) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut seen: BTreeSet<(String, NaiveDate)> = BTreeSet::new();
    for row in rows {
        let before = flaws.len();
        let read = Reader {
            row,
            headings: &headings,
            flaws: &mut flaws,
        }
        .told(today);
        let Some((number, told)) = read.filter(|_| flaws.len() == before) else {
            continue;
        };
        if !seen.insert((number, told.word.discharged_on)) {
            flaws.push(ListFlaw {
                line: row.line,
                column: None,
                code: Code::DischargeExists,
                params: Vec::new(),
            });
        }
        listed.push(Listed {
            line: row.line,
            told,
        });
    }
    if flaws.is_empty() {
        Ok(listed)
    } else {
        Err(flaws)
    }
}

/// Which column stands where.
fn headings(row: &Row) -> Result<Vec<Option<Column>>, Vec<ListFlaw>> {
    let flaw = |column, code| ListFlaw {
        line: row.line,
        column,
        code,
        params: Vec::new(),
    };
    let mut flaws = Vec::new();
    let mut found: Vec<Option<Column>> = Vec::new();
    for cell in &row.cells {
        let text = cell.shown().to_lowercase().replace(' ', "_");
        let column = Column::ALL
            .iter()
            .copied()
            .find(|column| column.name() == text || column.name_zh() == text);
        match column {
            None if !cell.is_blank() => flaws.push(flaw(None, Code::ColumnUnknown)),
            Some(column) if found.contains(&Some(column)) => {
                flaws.push(flaw(Some(column), Code::ColumnDuplicate));
            }
            _ => {}
        }
        found.push(column);
    }
    let missing = Column::ALL
        .iter()
        .filter(|column| column.is_required() && !found.contains(&Some(**column)));
    flaws.extend(missing.map(|column| flaw(Some(*column), Code::ColumnMissing)));
    if flaws.is_empty() {
        Ok(found)
    } else {
        Err(flaws)
    }
}

struct Reader<'a> {
    row: &'a Row,
    headings: &'a [Option<Column>],
    flaws: &'a mut Vec<ListFlaw>,
}

impl<'a> Reader<'a> {
    fn cell(&self, column: Column) -> &'a Cell {
        let place = self.headings.iter().position(|one| *one == Some(column));
        place
            .and_then(|place| self.row.cells.get(place))
            .unwrap_or(&Cell::Empty)
    }

    fn note(&mut self, column: Column, code: &str, params: Params) {
        self.flaws.push(ListFlaw {
            line: self.row.line,
            column: Some(column),
            code: Code::parse(code).unwrap_or(Code::FieldInvalid),
            params,
        });
    }

    /// What a cell says; nothing when it is blank or wrong.
    fn may<T>(
        &mut self,
        column: Column,
        read: impl Fn(&Cell) -> Result<Option<T>, RosterError>,
    ) -> Option<T> {
        read(self.cell(column)).unwrap_or_else(|error| {
            let params = error.params(column.name());
            self.note(column, error.code(), params);
            None
        })
    }

    fn must<T>(
        &mut self,
        column: Column,
        read: impl Fn(&Cell) -> Result<Option<T>, RosterError>,
    ) -> Option<T> {
        self.may(column, |cell| {
            read(cell)?.map(Some).ok_or(RosterError::Missing)
        })
    }

    fn text(&mut self, column: Column, max: usize) -> Option<String> {
        self.may(column, |cell| cell::optional_text(cell, max))
    }

    /// The words of a cell with `;` between, in either width.
    fn words(&mut self, column: Column) -> Vec<String> {
        let text = self.text(column, 500).unwrap_or_default();
        text.split([';', '；', ',', '，', '、'])
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn person(&mut self, today: NaiveDate) -> Option<(String, Person)> {
        let name = self.must(Column::Name, |cell| {
            let text = cell::optional_text(cell, 200)?;
            Ok(text.map(|text| PersonName::parse(&text)).transpose()?)
        });
        let number = self.must(Column::IdNumber, |cell| cell::optional_text(cell, 40))?;
        let kind = IdKind::ResidentId;
        let parsed = match IdNumber::parse(kind, &number) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.note(Column::IdNumber, error.code(), Vec::new());
                return None;
            }
        };
        let birth_date = parsed.birth_date()?;
        let sex = parsed.sex().unwrap_or(Sex::Female);
        let papers = Papers {
            kind,
            number: Some(&number),
            birth_date,
            sex,
        };
        if let Err(error) = papers.check(today) {
            self.note(Column::IdNumber, error.code(), dates(birth_date, today));
            return None;
        }
        let phone = self.text(Column::Phone, 40);
        let phone = match phone.map(|text| Phone::parse(&text)).transpose() {
            Ok(phone) => phone,
            Err(error) => {
                self.note(Column::Phone, error.code(), Vec::new());
                None
            }
        };
        let person = Person {
            name: name?,
            id_kind: kind,
            id_number: Some(parsed.clone()),
            birth_date,
            sex,
            phone,
        };
        Some((parsed.reveal().to_owned(), person))
    }

    fn told(&mut self, today: NaiveDate) -> Option<(String, Told)> {
        let person = self.person(today);
        let admitted_on = self.must(Column::AdmittedOn, cell::date);
        let discharged_on = self.must(Column::DischargedOn, cell::date);
        let codes = self.words(Column::Diagnoses);
        let diagnoses: Vec<_> = codes.iter().filter_map(|code| IcdCode::new(code)).collect();
        if diagnoses.len() < codes.len() {
            let params = vec![("reason", "ICD-10".to_owned())];
            self.note(Column::Diagnoses, Code::FieldInvalid.as_str(), params);
        }
        let ward = self.text(Column::Ward, 60);
        let text = self.text(Column::DiagnosisText, 500);
        let conditions = self.words(Column::Conditions).into_iter().collect();
        let doctor = self.text(Column::Doctor, 50);
        let planned = self.may(Column::ReadmissionPlanned, cell::flag);
        let (number, person) = person?;
        let told = Told {
            who: Who::Described(Box::new(person)),
            system: None,
            told_at: None,
            word: Word {
                admitted_on: admitted_on?,
                discharged_on: discharged_on?,
                ward,
                diagnoses: Some(diagnoses),
                text,
                conditions: Some(conditions),
                doctor,
                nurse: None,
                readmission_planned: planned,
                note: None,
            },
        };
        Some((number, told))
    }
}

fn dates(date: NaiveDate, limit: NaiveDate) -> Params {
    vec![("date", date.to_string()), ("limit", limit.to_string())]
}
