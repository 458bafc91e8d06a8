//! A discharge comes in: found or new, as it was or put right, then planned. The same function for every way in.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{DischargeSource, DischargeState, IdKind, Sex, SubjectKind};
use entity::ids::{AccountId, CommunityId, DischargeId, InstitutionId};
use entity::{admission, discharge, patient};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::again::again;
use super::{make, readmitted};
use crate::app::App;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{Asked, Facts, Stay, Word};
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::discharge::Detail;
use crate::store::event::NewEvent;

/// Most diagnosis codes of a discharge.
const MAX_DIAGNOSES: usize = 30;

/// Who tells, and for which institution.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// The tenant.
    pub community: CommunityId,
    /// The account; of a feed the one that registered it.
    pub account: AccountId,
    /// The institution that discharged.
    pub institution: InstitutionId,
    /// The way it came in.
    pub source: DischargeSource,
}

/// Somebody as a list or another system describes them; the papers are checked.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name.
    pub name: PersonName,
    /// Kind of document.
    pub id_kind: IdKind,
    /// Its number; none for newborns.
    pub id_number: Option<IdNumber>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// Phone.
    pub phone: Option<Phone>,
}

/// Who was discharged.
#[derive(Clone, Debug)]
pub enum Who {
    /// A patient that the teller may see.
    Known(Box<patient::Model>),
    /// Found by the id number, or registered.
    Described(Box<Person>),
}

/// A discharge as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who.
    pub who: Who,
    /// The system and its own id.
    pub system: Option<(String, String)>,
    /// When the system says so; an older word does not undo a newer one.
    pub told_at: Option<DateTime<Utc>>,
    /// What is said.
    pub word: Word,
}

/// What became of a discharge that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DischargeOutcome)]
pub enum Outcome {
    /// It is new.
    Created,
    /// Something was put right.
    Corrected,
    /// Everything was so already.
    Unchanged,
    /// A newer word is known already.
    Outdated,
    /// It was an error.
    Cancelled,
}

/// A discharge that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// As it is now.
    pub row: discharge::Model,
    /// What became of it.
    pub outcome: Outcome,
}

/// Somebody of another name under the same number is nobody's to decide by itself.
pub(super) fn check_name(app: &App, known: &patient::Model, person: &Person) -> Result<()> {
    if store::patient::name(app, known)? == person.name {
        Ok(())
    } else {
        Err(Code::PatientNameDiffers.into())
    }
}

/// Takes a discharge. Told again it is unchanged, or corrected where it says something else; a correction of an
/// unknown one is taken as new.
pub async fn take(tx: &Tx, app: &App, book: &RuleBook, by: &By, told: &Told) -> Result<Taken> {
    check(app, book, told)?;
    if let Some((system, own)) = &told.system
        && let Some(known) = store::discharge::told_by(&**tx, by.community, (system, own)).await?
    {
        return again(tx, app, book, by, (known, told)).await;
    }
    let patient = patient_of(tx, app, by, &told.who).await?;
    check_days(stay_of(&told.word, patient.birth_date), app)?;
    let day = told.word.discharged_on;
    let known = store::discharge::on_day(&**tx, by.community, patient.id, day).await?;
    if let Some(known) = known {
        return match (known.system.is_some(), told.system.is_some(), by.source) {
            // The system tells of what was typed or listed before: it becomes the system's own.
            (false, true, _) => again(tx, app, book, by, (known, told)).await,
            // A list never alters what is known.
            (_, _, DischargeSource::List) => Ok(Taken {
                row: known,
                outcome: Outcome::Unchanged,
            }),
            _ => Err(Code::DischargeExists.into()),
        };
    }
    create(tx, app, book, by, (&patient, told)).await
}

/// Refuses what is wrong whoever it is about.
pub(super) fn check(app: &App, book: &RuleBook, told: &Told) -> Result<()> {
    if let Who::Described(person) = &told.who {
        check_days(stay_of(&told.word, person.birth_date), app)?;
    }
    let diagnoses = told.word.diagnoses.as_ref();
    if diagnoses.is_some_and(|codes| codes.len() > MAX_DIAGNOSES) {
        let params = vec![("limit", MAX_DIAGNOSES.to_string())];
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field_with("diagnoses", Code::TooMany, params)
            .into());
    }
    let mut conditions = told.word.conditions.iter().flatten();
    let unknown = conditions.find(|code| !book.follow_up.knows_condition(code));
    if let Some(code) = unknown {
        let problem = Problem::new(Code::InvalidRequest);
        let params = vec![("condition", code.clone())];
        return Err(problem
            .field_with("conditions", Code::FollowConditionUnknown, params)
            .into());
    }
    Ok(())
}

/// What a stay asks for.
pub(super) fn asked(book: &RuleBook, facts: &Facts) -> Asked {
    book.follow_up.asked(&facts.diagnoses, &facts.conditions)
}

fn stay_of(word: &Word, birth_date: NaiveDate) -> Stay {
    Stay {
        admitted_on: word.admitted_on,
        discharged_on: word.discharged_on,
        birth_date,
    }
}

pub(super) fn check_days(stay: Stay, app: &App) -> Result<()> {
    stay.check(local_date(app.now())).map_err(|error| {
        let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
        let params = vec![
            ("date", stay.admitted_on.to_string()),
            ("limit", stay.birth_date.to_string()),
        ];
        Problem::new(Code::InvalidRequest)
            .field_with(error.field(), code, params)
            .into()
    })
}

/// The patient of a discharge: named, found by the id number, or registered now.
async fn patient_of(tx: &Tx, app: &App, by: &By, who: &Who) -> Result<patient::Model> {
    let person = match who {
        Who::Known(patient) => return Ok((**patient).clone()),
        Who::Described(person) => person,
    };
    if let Some(number) = &person.id_number {
        let hash = store::patient::id_number_hash(app, number);
        let known = store::patient::by_id_number(tx, by.community, &hash).await?;
        if let Some(known) = known {
            check_name(app, &known, person)?;
            return store::patient::survivor(tx, known).await;
        }
    }
    let new = store::patient::NewPatient {
        community: by.community,
        institution: by.institution,
        name: &person.name,
        id_kind: person.id_kind,
        id_number: person.id_number.as_ref(),
        newborn: None,
        birth_date: person.birth_date,
        sex: person.sex,
        phone: person.phone.as_ref(),
        lacks_capacity: false,
        same_sex_nurse: false,
        created_by: by.account,
    };
    let row = store::patient::insert(tx, app, new).await?;
    let event =
        event_of(EventKind::PatientRegistered, &row, by).payload(json!({ "source": by.source }));
    store::event::append(tx, app, by.community, event).await?;
    store::patient_duplicate::look(tx, app, &row, by.account).await?;
    Ok(row)
}

pub(super) fn event_of(kind: EventKind, patient: &patient::Model, by: &By) -> NewEvent {
    let subject = SubjectKind::Patient;
    NewEvent::new(kind, subject, patient.id.0, Some(by.account))
        .institution(by.institution)
        .patient(patient.id)
}

/// What is sealed of a stay, with the last word of the system that tells of it.
pub(super) fn detail_of(facts: &Facts, word: Option<Word>) -> Detail {
    Detail {
        diagnoses: facts.diagnoses.clone(),
        text: facts.text.clone(),
        doctor: facts.doctor.clone(),
        note: facts.note.clone(),
        conditions: Some(facts.conditions.clone()),
        word,
    }
}

async fn create(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    by: &By,
    (patient, told): (&patient::Model, &Told),
) -> Result<Taken> {
    let facts = Facts::of(&told.word);
    let asked = asked(book, &facts);
    let row = row_of(app, by, patient, told, (facts, &asked))?;
    store::discharge::insert(tx, row.clone()).await?;
    let payload = json!({
        "discharge_id": row.id,
        "source": by.source,
        "discharged_on": row.discharged_on,
        "diagnosis_known": row.diagnosis_known,
    });
    let event = event_of(EventKind::DischargeRegistered, patient, by).payload(payload);
    store::event::append(tx, app, by.community, event).await?;
    let stays = store::assessment::admissions(&**tx, by.community, patient.id).await?;
    stay_in_hospital(tx, app, patient, by, (told, &stays)).await?;
    make(tx, app, book, &row, &asked).await?;
    // Told late: the person may be in hospital again since.
    let later = stays
        .iter()
        .map(|stay| stay.admitted_on)
        .filter(|day| *day >= row.discharged_on && *day > row.admitted_on)
        .min();
    if let Some(day) = later {
        readmitted(tx, app, patient, day, Some(by.account)).await?;
    }
    Ok(Taken {
        row,
        outcome: Outcome::Created,
    })
}

fn row_of(
    app: &App,
    by: &By,
    patient: &patient::Model,
    told: &Told,
    (facts, asked): (Facts, &Asked),
) -> Result<discharge::Model> {
    let (id, now) = (app.new_id::<DischargeId>(), app.now());
    let word = told.system.is_some().then(|| told.word.clone());
    let (system, system_ref) = told.system.clone().unzip();
    Ok(discharge::Model {
        community_id: by.community,
        id,
        patient_id: patient.id,
        institution_id: by.institution,
        detail_enc: store::discharge::seal_detail(app, id, &detail_of(&facts, word))?,
        ward: facts.ward,
        source: by.source,
        system,
        system_ref,
        revision: 1,
        told_at: told.told_at,
        admitted_on: facts.admitted_on,
        discharged_on: facts.discharged_on,
        diagnosis_group: asked.group.clone(),
        diagnosis_known: asked.known,
        conditions: json!(asked.conditions),
        nurse_id: facts.nurse,
        readmission_planned: facts.readmission_planned,
        state: DischargeState::Active,
        recorded_by: by.account,
        recorded_at: now,
        updated_at: now,
        version: 1,
    })
}

/// The stay itself: it ends the plans of earlier discharges, and voids first assessments as any stay does.
async fn stay_in_hospital(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    by: &By,
    (told, stays): (&Told, &[admission::Model]),
) -> Result<()> {
    readmitted(tx, app, patient, told.word.admitted_on, Some(by.account)).await?;
    let known = stays
        .iter()
        .find(|stay| stay.admitted_on == told.word.admitted_on);
    if known.is_some_and(|stay| stay.discharged_on.is_some()) {
        return Ok(());
    }
    let stay = store::assessment::Stay {
        admitted_on: told.word.admitted_on,
        discharged_on: Some(told.word.discharged_on),
        kind: None,
        by: by.account,
    };
    store::assessment::admit(tx, app, patient, stay).await?;
    let payload = json!({
        "admitted_on": told.word.admitted_on,
        "discharged_on": told.word.discharged_on,
    });
    let event = event_of(EventKind::AdmissionRecorded, patient, by).payload(payload);
    store::event::append(tx, app, by.community, event).await?;
    dispatch::settle(tx, app, patient, by.account).await
}
