//! What a county consists of, before it is written anywhere.

use chrono::NaiveDate;
use entity::enums::{
    CarerRelation, ConsentBasis, Crs, IdKind, InstitutionKind, LeaveKind, NurseTitle, Role, Sex,
};

use super::land::{Land, Village};
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::domain::place::{Point, SourcePlace};

/// A county before it is written anywhere. What refers to something holds its index.
#[derive(Clone, Debug, PartialEq)]
pub struct County {
    /// Code of the community.
    pub code: &'static str,
    /// Its name.
    pub name_zh: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    /// Its land.
    pub land: Land,
    /// The day its papers are judged by.
    pub today: NaiveDate,
    /// The lead hospital first, then the health centres.
    pub institutions: Vec<Institution>,
    /// Villages.
    pub villages: Vec<Village>,
    /// People at the desks.
    pub desk: Vec<Desk>,
    /// Nurses.
    pub nurses: Vec<Nurse>,
    /// Accounts of those who book: families, village doctors, the call centre.
    pub families: Vec<Family>,
    /// Patients.
    pub patients: Vec<Patient>,
}

/// A hospital or health centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Institution {
    /// Statistical code of the township; the hospital has the county's with 000.
    pub code: &'static str,
    /// Lead hospital or health centre.
    pub kind: InstitutionKind,
    /// Its name.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// Name of its township.
    pub township_zh: &'static str,
    /// A landline that nobody has.
    pub phone: Phone,
    /// Where it stands.
    pub place: Point,
    /// Number of its practice licence.
    pub practice_licence: String,
}

/// Somebody at a desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// Coordinator, doctor, supervisor, admin or auditor.
    pub role: Role,
    /// Index of the institution.
    pub institution: usize,
    /// Name.
    pub name: PersonName,
    /// Phone.
    pub phone: Phone,
}

/// A nurse.
#[derive(Clone, Debug, PartialEq)]
pub struct Nurse {
    /// Index of the institution.
    pub institution: usize,
    /// Name.
    pub name: PersonName,
    /// Phone.
    pub phone: Phone,
    /// Sex.
    pub sex: Sex,
    /// Number on the staff list.
    pub staff_no: String,
    /// Title.
    pub title: NurseTitle,
    /// Number of the licence.
    pub licence_no: String,
    /// First day of the registration.
    pub licence_from: NaiveDate,
    /// Last day of the registration.
    pub licence_to: NaiveDate,
    /// First day of clinical practice.
    pub practice_since: NaiveDate,
    /// When she passed the training for home visits.
    pub training_passed_on: Option<NaiveDate>,
    /// Last day of the health certificate.
    pub health_cert_to: Option<NaiveDate>,
    /// Accident insurance.
    pub accident_insurance: Option<Policy>,
    /// Liability insurance.
    pub liability_insurance: Option<Policy>,
    /// Whether she still works here.
    pub active: bool,
    /// Where she starts from, on a grid of about a kilometre: nobody's front door.
    pub base: Option<Point>,
    /// Metres she is ready to go.
    pub radius_m: u32,
    /// Visits a day she is ready to make.
    pub daily_cap: u32,
    /// Weekly duty.
    pub duty: Vec<Duty>,
    /// Absences around today.
    pub absences: Vec<Absence>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
}

/// Number and last day of an insurance.
pub type Policy = (String, NaiveDate);

/// A weekly window of duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// ISO weekday, Monday 1.
    pub weekday: u32,
    /// First local minute of the day.
    pub start_min: u32,
    /// Minute after the last one.
    pub end_min: u32,
}

/// A time away, in local hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Why.
    pub kind: LeaveKind,
    /// Day on which it begins.
    pub day: NaiveDate,
    /// Local hour at which it begins.
    pub hour: u32,
    /// How long, hours.
    pub hours: u32,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Kind, as the catalogue names it.
    pub kind: &'static str,
    /// Number.
    pub number: String,
    /// Issuer.
    pub issuer: &'static str,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Seen by the nursing department.
    pub verified: bool,
    /// Taken back.
    pub revoked: bool,
}

/// An account that books.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Name.
    pub name: PersonName,
    /// Phone.
    pub phone: Phone,
}

/// A home patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// Index of the health centre that looks after the home.
    pub institution: usize,
    /// Name.
    pub name: PersonName,
    /// Kind of document.
    pub id_kind: IdKind,
    /// Its number; none for a newborn.
    pub id_number: Option<IdNumber>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// The patient's own phone.
    pub phone: Option<Phone>,
    /// Asks for a nurse of the same sex.
    pub same_sex_nurse: bool,
    /// Those who act for the patient; the first one registered the patient.
    pub carers: Vec<Carer>,
    /// What is known about the patient's health.
    pub facts: Vec<Fact>,
    /// Homes, the usual one first.
    pub addresses: Vec<Address>,
    /// Codes of the items this patient is usually visited for.
    pub usual_items: &'static [&'static str],
}

/// Somebody who acts for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carer {
    /// Index of the account.
    pub family: usize,
    /// What they are to the patient.
    pub relation: CarerRelation,
    /// How the patient agreed.
    pub consent: ConsentBasis,
    /// Whether they may book.
    pub may_book: bool,
}

/// An allergy, diagnosis or condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Allergy or intolerance, in words.
    Allergy(&'static str),
    /// Diagnosis, in words.
    Diagnosis(&'static str),
    /// Condition, by its code in the catalogue.
    Condition(&'static str),
}

/// A home.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// As it would stand on a letter.
    pub text: String,
    /// How to find the door.
    pub landmark: Option<String>,
    /// Statistical code of the township.
    pub township_code: &'static str,
    /// Where it is, as a phone sent it; `None` when nobody knows.
    pub place: Option<SourcePlace>,
    /// How far from it counts as being there, metres.
    pub fence_radius_m: u32,
}

impl Address {
    /// The system the place was given in.
    pub fn crs(&self) -> Option<Crs> {
        self.place.map(|place| place.crs)
    }
}
