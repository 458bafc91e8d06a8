//! `POST /v1/certifications/{certification_id}/verify`: somebody has seen the paper.

use axum::extract::State;
use entity::ids::CertificationId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Certification;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, store};

/// Nothing to say; an empty body will do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyCertification {}

/// Verify a certificate.
///
/// From now on it counts, within its days. Nobody verifies a certificate of their own. One that is verified
/// already stays as it is.
#[utoipa::path(
    post, path = "/v1/certifications/{certification_id}/verify", tag = "certifications",
    request_body = VerifyCertification,
    params(("certification_id" = CertificationId, Path, description = "A certificate of a nurse within the caller's scope")),
    responses((status = 200, description = "Verified", body = Certification))
)]
pub async fn verify_certification(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(certification): Id<CertificationId>,
    IdempotencyKey { key, body: _ }: IdempotencyKey<VerifyCertification>,
) -> Result<Answer> {
    once!(app, may, key, "verify_certification", |tx| {
        let (row, nurse) = store::certification::find(&**tx, &may.scope, certification).await?;
        if nurse.account_id == Some(may.account) {
            return Err(Code::CertificateOwn.into());
        }
        let row = store::certification::verify(tx, &app, (&row, &nurse), may.account).await?;
        Answer::ok(&Certification::of(row, local_date(app.now())))
    })
}
