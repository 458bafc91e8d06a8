//! What a booking has to know of the patient, the address and the institutions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::HealthFactKind;
use entity::ids::{AddressId, CommunityId, InstitutionId, PatientId};
use entity::{address, care_order, carer, health_fact, institution, institution_item, patient};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde::Deserialize;

use super::matching;
use super::scope::Scope;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::booking::{Provider, age_years};
use crate::domain::catalogue::Catalogue;
use crate::domain::name::PersonName;
use crate::domain::place::Point;
use crate::domain::screening::PatientFacts;
use crate::domain::visit_rules::{Case, Gates, VisitRules, planned};
use crate::error::{Error, Result};
use crate::problem::Code;

/// A patient within the scope, or the problem that there is none.
pub async fn patient(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PatientId,
) -> Result<patient::Model> {
    patient::Entity::find()
        .filter(scope.patients())
        .filter(patient::Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Fails unless the caller may book for a patient, or change what was booked: staff of the institution, or a
/// carer who was allowed to.
pub async fn check_may_book(
    db: &impl ConnectionTrait,
    scope: &Scope,
    patient: PatientId,
    institution: InstitutionId,
) -> Result<()> {
    if scope.reaches(institution) {
        return Ok(());
    }
    let Some(account) = scope.carer else {
        return Err(Code::BookingNotAllowed.into());
    };
    let rows = carer::Entity::find()
        .filter(carer::Column::CommunityId.eq(scope.community))
        .filter(carer::Column::AccountId.eq(account))
        .filter(carer::Column::PatientId.eq(patient))
        .filter(carer::Column::EndedAt.is_null())
        .filter(carer::Column::MayBook.eq(true))
        .count(db)
        .await?;
    if rows == 0 {
        return Err(Code::BookingNotAllowed.into());
    }
    Ok(())
}

/// An address of the patient that was not removed.
pub async fn address(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: AddressId,
) -> Result<Option<address::Model>> {
    Ok(address::Entity::find()
        .filter(address::Column::CommunityId.eq(community))
        .filter(address::Column::PatientId.eq(patient))
        .filter(address::Column::Id.eq(id))
        .filter(address::Column::RemovedAt.is_null())
        .one(db)
        .await?)
}

/// The place of an address, when it is known.
pub fn place_of(address: &address::Model) -> Result<Option<Point>> {
    let place = address.lng.zip(address.lat);
    place
        .map(|(lng, lat)| Point::new(lng, lat).map_err(Error::internal))
        .transpose()
}

/// The address of an order, also when it was removed since.
pub async fn address_of_order(
    db: &impl ConnectionTrait,
    order: &care_order::Model,
) -> Result<address::Model> {
    address::Entity::find()
        .filter(address::Column::CommunityId.eq(order.community_id))
        .filter(address::Column::Id.eq(order.address_id))
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("an order has no address"))
}

/// Codes of the conditions on a patient's record.
async fn conditions(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    patient: PatientId,
) -> Result<BTreeSet<String>> {
    let rows = health_fact::Entity::find()
        .filter(health_fact::Column::CommunityId.eq(community))
        .filter(health_fact::Column::PatientId.eq(patient))
        .filter(health_fact::Column::Kind.eq(HealthFactKind::Condition))
        .filter(health_fact::Column::EndedAt.is_null())
        .all(db)
        .await?;
    let mut codes = BTreeSet::new();
    for row in rows {
        let place = FieldPlace {
            table: "health_fact",
            column: "detail_enc",
            row: row.id.0,
        };
        let text = app
            .cipher
            .open(place, &row.detail_enc)
            .map_err(Error::internal)?;
        let condition: Condition = serde_json::from_str(&text).map_err(Error::internal)?;
        codes.insert(condition.code);
    }
    Ok(codes)
}

/// What of a condition on record screening asks for.
#[derive(Deserialize)]
struct Condition {
    code: String,
}

/// What screening knows of a patient on the day of a visit. One statement.
pub async fn facts(
    db: &impl ConnectionTrait,
    app: &App,
    patient: &patient::Model,
    day: NaiveDate,
) -> Result<PatientFacts> {
    Ok(PatientFacts {
        age_years: age_years(patient.birth_date, day),
        sex: patient.sex,
        conditions: conditions(db, app, patient.community_id, patient.id).await?,
    })
}

/// What an order needs by the table of visit rules when it begins at another time. Four statements.
pub async fn gates(
    tx: &Tx,
    app: &App,
    (catalogue, rules): (&Catalogue, &VisitRules),
    order: &care_order::Model,
    start: DateTime<Utc>,
) -> Result<Gates> {
    let db = &**tx;
    let codes = matching::item_codes(db, order.community_id, order.id).await?;
    let items: Vec<_> = codes
        .iter()
        .filter_map(|code| catalogue.item(code))
        .collect();
    let patient = matching::patient(db, order.community_id, order.patient_id).await?;
    let address = address_of_order(db, order).await?;
    Ok(rules.judge(&Case {
        items: &items,
        conditions: &conditions(db, app, order.community_id, order.patient_id).await?,
        wants_same_sex: patient.same_sex_nurse,
        span: planned(start, order.duration_min.unsigned_abs()),
        area: address.township_code.as_deref(),
    }))
}

/// What an order needs, as it was found when it was booked or moved.
pub fn gates_of(order: &care_order::Model) -> Result<Gates> {
    serde_json::from_value(order.gates.clone()).map_err(Error::internal)
}

/// The patient's name.
pub fn patient_name(app: &App, patient: &patient::Model) -> Result<PersonName> {
    let place = FieldPlace {
        table: "patient",
        column: "name_enc",
        row: patient.id.0,
    };
    let text = app.cipher.open(place, &patient.name_enc);
    PersonName::parse(&text.map_err(Error::internal)?).map_err(Error::internal)
}

/// The text of an address and its landmark.
pub fn address_text(app: &App, address: &address::Model) -> Result<(String, Option<String>)> {
    let open = |column, sealed: &String| {
        let place = FieldPlace {
            table: "address",
            column,
            row: address.id.0,
        };
        app.cipher.open(place, sealed).map_err(Error::internal)
    };
    let landmark = address.landmark_enc.as_ref();
    Ok((
        open("text_enc", &address.text_enc)?,
        landmark
            .map(|sealed| open("landmark_enc", sealed))
            .transpose()?,
    ))
}

/// Every institution of the community with what it decided on these items (none: on all). Two statements.
pub async fn providers(
    db: &impl ConnectionTrait,
    community: CommunityId,
    items: Option<&[String]>,
) -> Result<Vec<Provider>> {
    use institution_item::Column as Decision;
    let institutions = institution::Entity::find()
        .filter(institution::Column::CommunityId.eq(community))
        .order_by_asc(institution::Column::Id)
        .all(db)
        .await?;
    let mut decisions =
        institution_item::Entity::find().filter(Decision::CommunityId.eq(community));
    if let Some(items) = items {
        decisions = decisions.filter(Decision::ItemCode.is_in(items));
    }
    let mut decided: BTreeMap<InstitutionId, BTreeMap<String, bool>> = BTreeMap::new();
    for row in decisions.all(db).await? {
        let of_institution = decided.entry(row.institution_id).or_default();
        of_institution.insert(row.item_code, row.open);
    }
    let mut providers = Vec::with_capacity(institutions.len());
    for row in institutions {
        providers.push(Provider {
            id: row.id,
            place: Point::new(row.lng, row.lat).map_err(Error::internal)?,
            approved: row.active && row.home_care_approved,
            decided: decided.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(providers)
}

/// An institution of the community.
pub async fn institution(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: InstitutionId,
) -> Result<Option<institution::Model>> {
    Ok(institution::Entity::find()
        .filter(institution::Column::CommunityId.eq(community))
        .filter(institution::Column::Id.eq(id))
        .one(db)
        .await?)
}
