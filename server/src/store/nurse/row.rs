//! Between a nurse's row and her profile.

use entity::ids::{CommunityId, NurseId};
use entity::nurse::Model;

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::domain::name::PersonName;
use crate::domain::place::Point;
use crate::domain::roster::Profile;
use crate::error::{Error, Result};

/// A new row; [`filled`] puts the rest in.
pub(super) fn blank(app: &App, community: CommunityId, profile: &Profile) -> Model {
    Model {
        community_id: community,
        id: app.new_id(),
        institution_id: profile.institution,
        account_id: None,
        staff_no: String::new(),
        name_enc: String::new(),
        sex: profile.sex,
        title: profile.title,
        licence_no: String::new(),
        licence_from: profile.licence_from,
        licence_to: profile.licence_to,
        practice_since: profile.practice_since,
        training_passed_on: None,
        health_cert_to: None,
        accident_insurance_no: None,
        accident_insurance_to: None,
        liability_insurance_no: None,
        liability_insurance_to: None,
        active: profile.active,
        base_lng: None,
        base_lat: None,
        service_radius_m: profile.service_radius_m,
        daily_cap: profile.daily_cap,
        last_lng: None,
        last_lat: None,
        last_accuracy_m: None,
        last_place_at: None,
        version: 1,
        created_at: app.now(),
    }
}

/// The nurse as the roster describes her.
pub fn profile_of(app: &App, row: &Model) -> Result<Profile> {
    let base = row.base_lng.zip(row.base_lat);
    let base = base.map(|(lng, lat)| Point::new(lng, lat).map_err(Error::internal));
    Ok(Profile {
        institution: row.institution_id,
        account: row.account_id,
        staff_no: row.staff_no.clone(),
        name: name(app, row)?,
        sex: row.sex,
        title: row.title,
        licence_no: row.licence_no.clone(),
        licence_from: row.licence_from,
        licence_to: row.licence_to,
        practice_since: row.practice_since,
        training_passed_on: row.training_passed_on,
        health_cert_to: row.health_cert_to,
        accident_insurance_no: row.accident_insurance_no.clone(),
        accident_insurance_to: row.accident_insurance_to,
        liability_insurance_no: row.liability_insurance_no.clone(),
        liability_insurance_to: row.liability_insurance_to,
        active: row.active,
        base: base.transpose()?,
        service_radius_m: row.service_radius_m,
        daily_cap: row.daily_cap,
    })
}

/// The row with what a profile says.
pub(super) fn filled(app: &App, row: Model, profile: &Profile) -> Model {
    let profile = profile.clone();
    Model {
        institution_id: profile.institution,
        account_id: profile.account,
        staff_no: profile.staff_no,
        name_enc: app.cipher.seal(name_place(row.id), profile.name.reveal()),
        sex: profile.sex,
        title: profile.title,
        licence_no: profile.licence_no,
        licence_from: profile.licence_from,
        licence_to: profile.licence_to,
        practice_since: profile.practice_since,
        training_passed_on: profile.training_passed_on,
        health_cert_to: profile.health_cert_to,
        accident_insurance_no: profile.accident_insurance_no,
        accident_insurance_to: profile.accident_insurance_to,
        liability_insurance_no: profile.liability_insurance_no,
        liability_insurance_to: profile.liability_insurance_to,
        active: profile.active,
        base_lng: profile.base.map(Point::lng),
        base_lat: profile.base.map(Point::lat),
        service_radius_m: profile.service_radius_m,
        daily_cap: profile.daily_cap,
        ..row
    }
}

/// A nurse's name.
pub fn name(app: &App, row: &Model) -> Result<PersonName> {
    let text = app.cipher.open(name_place(row.id), &row.name_enc);
    PersonName::parse(&text.map_err(Error::internal)?).map_err(Error::internal)
}

/// Where a nurse's name is sealed.
pub fn name_place(id: NurseId) -> FieldPlace {
    FieldPlace {
        table: "nurse",
        column: "name_enc",
        row: id.0,
    }
}
