//! `POST /v1/nurses/{nurse_id}/certifications`: a certificate comes onto the roster.

use axum::extract::State;
use entity::ids::NurseId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Certification;
use crate::answer::Answer;
use crate::api::nurses::{PaperNo, refuse};
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::roster::CertificateFacts;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::wire::{Day, Text};
use crate::{once, store};

/// A certificate to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCertification {
    /// Kind, one of the catalogue's `certificate_kinds`.
    #[schema(inline, example = "IV")]
    pub kind: Text<1, 16>,
    /// Its number.
    #[schema(inline)]
    pub number: PaperNo,
    /// Who issued it.
    #[schema(inline)]
    pub issuer: Text<1, 100>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Day,
}

/// Add a certificate.
///
/// It counts for nothing until it is verified. A renewal under the old number is added as another one,
/// so that the old one counts until it ends.
#[utoipa::path(
    post, path = "/v1/nurses/{nurse_id}/certifications", tag = "certifications",
    request_body = NewCertification,
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 201, description = "Added", body = Certification))
)]
pub async fn add_certification(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(nurse): Id<NurseId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewCertification>,
) -> Result<Answer> {
    let facts = CertificateFacts {
        kind: body.kind.into_string(),
        number: body.number.into_string(),
        issuer: body.issuer.into_string(),
        valid_from: body.valid_from.0,
        valid_to: body.valid_to.0,
    };
    let rules = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let kinds = &rules.catalogue.certificate_kinds;
    let known = |kind: &str| kinds.iter().any(|known| known.code.as_str() == kind);
    refuse(facts.check(known).err().into_iter().collect())?;
    once!(app, may, key, "add_certification", |tx| {
        let nurse = store::nurse::find(&**tx, &may.scope, nurse).await?;
        let row = store::certification::add(tx, &app, &nurse, &facts, may.account).await?;
        let location = format!("/v1/nurses/{}", nurse.id);
        Answer::created(location, &Certification::of(row, local_date(app.now())))
    })
}
