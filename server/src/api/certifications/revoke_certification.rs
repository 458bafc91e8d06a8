//! `POST /v1/certifications/{certification_id}/revoke`: a certificate counts no more.

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
use crate::wire::Text;
use crate::{dispatch, once, store};

/// Why a certificate is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeCertification {
    /// The reason; nothing about health.
    #[schema(inline)]
    pub reason: Text<1, 200>,
}

/// Revoke a certificate.
///
/// It counts for nothing from now on; accepted visits that need it are refused at departure, and the desk is told of them.
#[utoipa::path(
    post, path = "/v1/certifications/{certification_id}/revoke", tag = "certifications",
    request_body = RevokeCertification,
    params(("certification_id" = CertificationId, Path, description = "A certificate of a nurse within the caller's scope")),
    responses((status = 200, description = "Revoked", body = Certification))
)]
pub async fn revoke_certification(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(certification): Id<CertificationId>,
    IdempotencyKey { key, body }: IdempotencyKey<RevokeCertification>,
) -> Result<Answer> {
    once!(app, may, key, "revoke_certification", |tx| {
        let (row, nurse) = store::certification::find(&**tx, &may.scope, certification).await?;
        let reason = body.reason.as_str();
        let row =
            store::certification::revoke(tx, &app, (&row, &nurse), reason, may.account).await?;
        dispatch::look_ahead(tx, &app, may.community, nurse.id, may.account).await?;
        Answer::ok(&Certification::of(row, local_date(app.now())))
    })
}
