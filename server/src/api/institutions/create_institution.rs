//! `POST /v1/institutions`: a new health centre under an institution of the caller.

use axum::extract::State;
use entity::enums::InstitutionKind;
use entity::ids::{CommunityId, InstitutionId};
use entity::institution::Model;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Institution, InstitutionName, LicenceNumber, place_of, record};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::place::Point;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::{PhoneText, PlaceIn, Text};
use crate::{once, store};

/// A health centre to be registered. The lead hospital comes with its community.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInstitution {
    /// The institution above it, within the caller's scope.
    pub parent_id: InstitutionId,
    /// Its code, unique in the community; most often the statistical code of the township.
    #[schema(inline, example = "130431101")]
    pub code: Text<1, 32>,
    /// Chinese name.
    #[schema(inline, example = "小寨镇卫生院")]
    pub name_zh: InstitutionName,
    /// English name.
    #[schema(inline, example = "Xiaozhai Health Centre")]
    pub name_en: InstitutionName,
    /// Phone for the public.
    #[schema(inline)]
    pub phone: PhoneText,
    /// Where it stands.
    pub place: PlaceIn,
    /// True when a place far from the community is meant.
    #[serde(default)]
    pub confirm_far: bool,
    /// Number of the practice licence (医疗机构执业许可证).
    #[schema(inline, example = "PDY00001")]
    pub practice_licence: LicenceNumber,
    /// Approved for nursing at home; false when left out.
    #[serde(default)]
    pub home_care_approved: bool,
}

/// Register an institution.
///
/// Whoever reaches the parent reaches the new institution too.
#[utoipa::path(
    post, path = "/v1/institutions", tag = "institutions", request_body = NewInstitution,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((status = 201, description = "Registered", body = Institution,
        headers(("ETag" = String, description = "Its version"), ("Location" = String, description = "Where it is read"))))
)]
pub async fn create_institution(
    State(app): State<App>,
    may: May<grants::ManageInstitutions>,
    request: IdempotencyKey<NewInstitution>,
) -> Result<Answer> {
    let IdempotencyKey { key, body } = request;
    if !may.scope.reaches(body.parent_id) {
        return Err(Problem::new(Code::InvalidRequest)
            .field("parent_id", Code::InstitutionParentInvalid)
            .into());
    }
    let point = place_of(&app, may.community, &body.place, body.confirm_far).await?;
    once!(app, may, key, "create_institution", |tx| {
        let row = row_of(&app, may.community, &body, point);
        store::institution::insert(tx, row.clone()).await?;
        let subject = (may.community, row.id);
        let payload = json!({ "code": row.code, "parent_id": row.parent_id });
        record(
            tx,
            &app,
            EventKind::InstitutionAdded,
            subject,
            may.account,
            payload,
        )
        .await?;
        let (location, version) = (format!("/v1/institutions/{}", row.id), row.version);
        Ok(Answer::created(location, &Institution::of(row))?.version(version))
    })
}

fn row_of(app: &App, community: CommunityId, new: &NewInstitution, point: Point) -> Model {
    Model {
        community_id: community,
        id: app.new_id(),
        parent_id: Some(new.parent_id),
        kind: InstitutionKind::HealthCentre,
        code: new.code.as_str().to_owned(),
        name_zh: new.name_zh.as_str().to_owned(),
        name_en: new.name_en.as_str().to_owned(),
        phone: new.phone.0.reveal().to_owned(),
        lng: point.lng(),
        lat: point.lat(),
        practice_licence: new.practice_licence.as_str().to_owned(),
        home_care_approved: new.home_care_approved,
        active: true,
        version: 1,
        created_at: app.now(),
    }
}
