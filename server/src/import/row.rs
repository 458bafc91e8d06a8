//! Rows of a roster, each one nurse.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{NurseTitle, Sex};
use entity::ids::InstitutionId;

use super::heading::Headings;
use super::{Context, Mistake, Row};
use crate::domain::name::PersonName;
use crate::domain::place::{Point, SourcePlace};
use crate::domain::roster::{
    Cell, CertificateFacts, Column, DAILY_CAP, DEFAULT_DAILY_CAP, DEFAULT_RADIUS_M, DutySpan,
    PAPER_NO_MAX, Profile, RADIUS_M, RosterError, STAFF_NO_MAX, cell, certificates_of, duty_of,
};
use crate::problem::Code;

/// A nurse as one row describes her. What the row does not say stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Line in the file.
    pub line: u32,
    /// What every row says.
    must: Must,
    training_passed_on: Option<NaiveDate>,
    health_cert_to: Option<NaiveDate>,
    accident_insurance_no: Option<String>,
    accident_insurance_to: Option<NaiveDate>,
    liability_insurance_no: Option<String>,
    liability_insurance_to: Option<NaiveDate>,
    active: Option<bool>,
    base: Option<Point>,
    service_radius_m: Option<i64>,
    daily_cap: Option<i64>,
    /// Her duty windows, by weekday and time.
    pub duty: Option<Vec<DutySpan>>,
}

/// What a row claims that the roster may know otherwise, whatever else is wrong with the row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// Line in the file.
    pub line: u32,
    /// Staff number.
    pub staff_no: Option<String>,
    /// Number of the registration.
    pub licence_no: Option<String>,
    /// Certificates.
    pub certificates: Vec<CertificateFacts>,
}

#[derive(Clone, Debug, PartialEq)]
struct Must {
    institution: InstitutionId,
    staff_no: String,
    name: PersonName,
    sex: Sex,
    title: NurseTitle,
    licence_no: String,
    licence_from: NaiveDate,
    licence_to: NaiveDate,
    practice_since: NaiveDate,
}

impl Entry {
    /// Staff number.
    pub fn staff_no(&self) -> &str {
        &self.must.staff_no
    }

    /// The nurse as she will be: what the row says, else what she was, else the defaults.
    pub fn onto(&self, old: Option<&Profile>) -> Profile {
        let must = self.must.clone();
        Profile {
            institution: must.institution,
            account: old.and_then(|old| old.account),
            staff_no: must.staff_no,
            name: must.name,
            sex: must.sex,
            title: must.title,
            licence_no: must.licence_no,
            licence_from: must.licence_from,
            licence_to: must.licence_to,
            practice_since: must.practice_since,
            training_passed_on: self
                .training_passed_on
                .or(old.and_then(|old| old.training_passed_on)),
            health_cert_to: self
                .health_cert_to
                .or(old.and_then(|old| old.health_cert_to)),
            accident_insurance_no: self
                .accident_insurance_no
                .clone()
                .or_else(|| old.and_then(|old| old.accident_insurance_no.clone())),
            accident_insurance_to: self
                .accident_insurance_to
                .or(old.and_then(|old| old.accident_insurance_to)),
            liability_insurance_no: self
                .liability_insurance_no
                .clone()
                .or_else(|| old.and_then(|old| old.liability_insurance_no.clone())),
            liability_insurance_to: self
                .liability_insurance_to
                .or(old.and_then(|old| old.liability_insurance_to)),
            active: self.active.unwrap_or(old.is_none_or(|old| old.active)),
            base: self.base.or(old.and_then(|old| old.base)),
            service_radius_m: self
                .service_radius_m
                .unwrap_or(old.map_or(DEFAULT_RADIUS_M, |old| old.service_radius_m)),
            daily_cap: self
                .daily_cap
                .and_then(|cap| i32::try_from(cap).ok())
                .unwrap_or(old.map_or(DEFAULT_DAILY_CAP, |old| old.daily_cap)),
        }
    }
}

/// A roster as far as it can be read.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Its rows without mistakes of their own, each with what it claims.
    pub rows: Vec<(Claims, Option<Entry>)>,
    /// What is wrong with it by itself.
    pub mistakes: Vec<Mistake>,
    pub(super) headings: Headings,
}

/// Reads every row, and notes all that is wrong.
pub fn parse(rows: &[Row], context: &Context<'_>) -> Roster {
    let mut roster = Roster::default();
    let Some((first, rows)) = rows.split_first() else {
        return roster;
    };
    roster.headings = Headings::read(first, &mut roster.mistakes);
    // Rows under wrong headings would only repeat what is wrong with these.
    if !roster.mistakes.is_empty() {
        return roster;
    }
    let (mut staff, mut licences) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let mut reader = RowReader {
            row,
            headings: &roster.headings,
            mistakes: &mut roster.mistakes,
        };
        reader.only_once(Column::StaffNo, &mut staff);
        reader.only_once(Column::LicenceNo, &mut licences);
        roster.rows.push(reader.read(context));
    }
    roster
}

struct RowReader<'a> {
    row: &'a Row,
    headings: &'a Headings,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> RowReader<'a> {
    fn cell(&self, column: Column) -> &'a Cell {
        let first = self.headings.cells(column, self.row).next();
        first.unwrap_or(&Cell::Empty)
    }

    fn note(&mut self, column: Column, error: &RosterError) {
        let heading = self.headings.written(column);
        let value = self.cell(column).shown();
        let mistake = Mistake::in_cell(self.row.line, (column, heading), error, &value);
        self.mistakes.push(mistake);
    }

    fn note_code(&mut self, column: Column, code: Code, params: crate::problem::Params) {
        self.note(column, &RosterError::Missing);
        if let Some(mistake) = self.mistakes.last_mut() {
            (mistake.code, mistake.params) = (code, params);
        }
    }

    /// What a cell says; nothing when it is blank or wrong.
    fn may<T>(
        &mut self,
        column: Column,
        read: impl Fn(&Cell) -> Result<Option<T>, RosterError>,
    ) -> Option<T> {
        read(self.cell(column)).unwrap_or_else(|error| {
            self.note(column, &error);
            None
        })
    }

    /// What a cell says; a blank one is a mistake.
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
        self.must(column, |cell| cell::optional_text(cell, max))
    }

    fn paper_no(&mut self, column: Column) -> Option<String> {
        self.may(column, |cell| cell::optional_text(cell, PAPER_NO_MAX))
    }

    /// What the row claims, and the nurse it describes; `None` when anything is wrong, all of which is noted.
    fn read(&mut self, context: &Context<'_>) -> (Claims, Option<Entry>) {
        let before = self.mistakes.len();
        self.mistakes.extend(self.headings.stray(self.row));
        let mut claims = Claims {
            line: self.row.line,
            staff_no: self.text(Column::StaffNo, STAFF_NO_MAX),
            licence_no: self.text(Column::LicenceNo, PAPER_NO_MAX),
            certificates: Vec::new(),
        };
        let entry = self.entry(context, &claims);
        claims.certificates = self.certificates(context);
        let sound = self.mistakes.len() == before;
        (claims, entry.filter(|_| sound))
    }

    fn entry(&mut self, context: &Context<'_>, claims: &Claims) -> Option<Entry> {
        let must = self.must_have(context, claims);
        let radius = (*RADIUS_M.start(), *RADIUS_M.end());
        let cap = ((*DAILY_CAP.start()).into(), (*DAILY_CAP.end()).into());
        let entry = Entry {
            line: self.row.line,
            training_passed_on: self.may(Column::TrainingPassedOn, cell::date),
            health_cert_to: self.may(Column::HealthCertTo, cell::date),
            accident_insurance_no: self.paper_no(Column::AccidentInsuranceNo),
            accident_insurance_to: self.may(Column::AccidentInsuranceTo, cell::date),
            liability_insurance_no: self.paper_no(Column::LiabilityInsuranceNo),
            liability_insurance_to: self.may(Column::LiabilityInsuranceTo, cell::date),
            active: self.may(Column::Active, cell::flag),
            base: self.base(context),
            service_radius_m: self.may(Column::ServiceRadius, |cell| cell::whole(cell, radius)),
            daily_cap: self.may(Column::DailyCap, |cell| cell::whole(cell, cap)),
            duty: self.may(Column::Duty, duty_of),
            must: must?,
        };
        for (field, error) in entry.onto(None).check(context.today) {
            if let Some(column) = Column::of_field(field) {
                self.note(column, &error);
            }
        }
        Some(entry)
    }

    fn must_have(&mut self, context: &Context<'_>, claims: &Claims) -> Option<Must> {
        let institution = self.text(Column::Institution, STAFF_NO_MAX);
        let institution = institution.and_then(|code| {
            let found = context.institutions.get(&code).copied();
            if found.is_none() {
                self.note_code(Column::Institution, Code::InstitutionUnknown, Vec::new());
            }
            found
        });
        let name = self.must(Column::Name, |cell| {
            // Wider than a name, so that the rule of names is the one that speaks.
            let text = cell::optional_text(cell, 200)?;
            Ok(text.map(|text| PersonName::parse(&text)).transpose()?)
        });
        let sex = self.must(Column::Sex, cell::sex);
        let title = self.must(Column::Title, cell::title);
        let licence_from = self.must(Column::LicenceFrom, cell::date);
        let licence_to = self.must(Column::LicenceTo, cell::date);
        let practice_since = self.must(Column::PracticeSince, cell::date);
        Some(Must {
            institution: institution?,
            staff_no: claims.staff_no.clone()?,
            name: name?,
            sex: sex?,
            title: title?,
            licence_no: claims.licence_no.clone()?,
            licence_from: licence_from?,
            licence_to: licence_to?,
            practice_since: practice_since?,
        })
    }

    /// The base point: all three cells or none, for a place without its system is half a kilometre off.
    fn base(&mut self, context: &Context<'_>) -> Option<Point> {
        let columns = [Column::BaseLng, Column::BaseLat, Column::BaseCrs];
        if columns.iter().all(|column| self.cell(*column).is_blank()) {
            return None;
        }
        let lng = self.must(Column::BaseLng, |cell| cell::number(cell, (-180, 180)));
        let lat = self.must(Column::BaseLat, |cell| cell::number(cell, (-90, 90)));
        let crs = self.must(Column::BaseCrs, cell::crs);
        let place = match SourcePlace::new(crs?, lng?, lat?, None) {
            Ok(place) => place,
            Err(error) => {
                let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
                self.note_code(Column::BaseLng, code, Vec::new());
                return None;
            }
        };
        if let Err((code, params)) = (context.near)(place.point) {
            self.note_code(Column::BaseLng, code, params);
        }
        Some(place.point)
    }

    fn certificates(&mut self, context: &Context<'_>) -> Vec<CertificateFacts> {
        let mut found: Vec<CertificateFacts> = Vec::new();
        for cell in self.headings.cells(Column::Certificates, self.row) {
            let read = certificates_of(cell, context.known_kind).and_then(|read| {
                let twice =
                    |facts: &CertificateFacts| found.iter().any(|one| one.same_paper(facts));
                if read.iter().any(twice) {
                    return Err(RosterError::CertificateTwice);
                }
                Ok(read)
            });
            match read {
                Ok(read) => found.extend(read),
                Err(error) => {
                    let heading = self.headings.written(Column::Certificates);
                    let at = (Column::Certificates, heading);
                    let mistake = Mistake::in_cell(self.row.line, at, &error, &cell.shown());
                    self.mistakes.push(mistake);
                }
            }
        }
        found
    }

    /// Notes a value that an earlier line has, whatever else is wrong with either.
    fn only_once(&mut self, column: Column, seen: &mut BTreeMap<String, u32>) {
        let (line, value) = (self.row.line, self.cell(column).shown());
        if value.is_empty() {
            return;
        }
        let first = *seen.entry(value).or_insert(line);
        if first != line {
            self.note_code(
                column,
                Code::RowDuplicate,
                vec![("line", first.to_string())],
            );
        }
    }
}
