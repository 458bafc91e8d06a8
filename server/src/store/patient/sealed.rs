//! Sealed fields of a patient.

use entity::enums::IdKind;
use entity::ids::PatientId;
use entity::patient::Model;

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::patient::Newborn;
use crate::domain::phone::Phone;
use crate::error::{Error, Result};

/// Table name, for sealed fields.
const TABLE: &str = "patient";

/// Keyed hash of an id number, by which a patient is found. The kind belongs to it: a passport may have
/// the digits of another document.
pub fn id_number_hash(app: &App, number: &IdNumber) -> String {
    let text = format!("{}:{}", number.kind(), number.reveal());
    app.lookup.hash("id_number", &text)
}

/// Keyed hash of a name, by which people of one name are found.
pub fn name_hash(app: &App, name: &PersonName) -> String {
    app.lookup.hash("patient_name", name.reveal())
}

/// Keyed hash of a patient's phone. It is no account's: several patients may share one.
pub fn phone_hash(app: &App, phone: &Phone) -> String {
    app.lookup.hash("patient_phone", phone.reveal())
}

/// The whole name.
pub fn name(app: &App, row: &Model) -> Result<PersonName> {
    let text = open(app, row.id, "name_enc", &row.name_enc)?;
    PersonName::parse(&text).map_err(Error::internal)
}

/// The whole phone.
pub fn phone(app: &App, row: &Model) -> Result<Option<Phone>> {
    let Some(sealed) = &row.phone_enc else {
        return Ok(None);
    };
    let text = open(app, row.id, "phone_enc", sealed)?;
    Phone::parse(&text).map(Some).map_err(Error::internal)
}

/// The whole id number.
pub fn id_number(app: &App, row: &Model) -> Result<Option<IdNumber>> {
    let Some(sealed) = &row.id_number_enc else {
        return Ok(None);
    };
    let text = open(app, row.id, "id_number_enc", sealed)?;
    IdNumber::parse(row.id_kind, &text)
        .map(Some)
        .map_err(Error::internal)
}

/// Seals another name.
pub fn set_name(app: &App, row: &mut Model, name: &PersonName) {
    row.name_enc = app.cipher.seal(place(row.id, "name_enc"), name.reveal());
    row.name_hash = name_hash(app, name);
}

/// Seals another phone, or drops it.
pub fn set_phone(app: &App, row: &mut Model, phone: Option<&Phone>) {
    let place = place(row.id, "phone_enc");
    row.phone_enc = phone.map(|phone| app.cipher.seal(place, phone.reveal()));
    row.phone_hash = phone.map(|phone| phone_hash(app, phone));
}

/// Seals another id number and keeps its hash, or drops both.
pub fn set_id_number(app: &App, row: &mut Model, number: Option<&IdNumber>) {
    let place = place(row.id, "id_number_enc");
    row.id_number_enc = number.map(|number| app.cipher.seal(place, number.reveal()));
    row.id_number_hash = number.map(|number| id_number_hash(app, number));
}

/// The document of a newborn's mother: sealed as `kind:number`.
pub fn mother(app: &App, row: &Model) -> Result<Option<IdNumber>> {
    let Some(sealed) = &row.mother_id_enc else {
        return Ok(None);
    };
    let text = open(app, row.id, "mother_id_enc", sealed)?;
    let (kind, number) = text
        .split_once(':')
        .ok_or_else(|| Error::internal("the document of a mother without its kind"))?;
    let kind: IdKind = kind.parse().map_err(Error::internal)?;
    IdNumber::parse(kind, number)
        .map(Some)
        .map_err(Error::internal)
}

/// Seals by what a newborn is known, and keeps its hash.
pub fn set_newborn(app: &App, row: &mut Model, newborn: Option<&Newborn>) {
    let place = place(row.id, "mother_id_enc");
    let text = |newborn: &Newborn| format!("{}:{}", newborn.mother.kind(), newborn.mother.reveal());
    row.mother_id_enc = newborn.map(|newborn| app.cipher.seal(place, &text(newborn)));
    row.birth_order = newborn.map(|newborn| newborn.order);
    row.newborn_hash = newborn.map(|newborn| {
        let child = format!("{}:{}", text(newborn), newborn.order);
        app.lookup.hash("newborn", &child)
    });
}

fn open(app: &App, id: PatientId, column: &'static str, sealed: &str) -> Result<String> {
    app.cipher
        .open(place(id, column), sealed)
        .map_err(Error::internal)
}

fn place(id: PatientId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: TABLE,
        column,
        row: id.0,
    }
}
