//! `GET /v1/visits/{visit_id}/consents`: what has to be signed, what was, and who may sign.

use axum::extract::State;
use entity::enums::CarerRelation;
use entity::ids::{CarerId, VisitId};
use entity::{patient, visit};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::Ordered;
use crate::api::consents::Consent;
use crate::app::App;
use crate::domain::catalogue::{ItemCode, Key};
use crate::domain::consent::{ConsentText, Signer, check_signer};
use crate::domain::name::PersonName;
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;

/// Consents around a visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitConsents {
    /// What has to be signed before the procedure.
    pub needed: Vec<NeededConsent>,
    /// What was signed, withdrawn ones too, oldest first.
    pub items: Vec<Consent>,
    /// Who may sign: 18 or older, too.
    pub signers: Vec<PossibleSigner>,
}

/// A text that has to be signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeededConsent {
    /// Code of the text.
    pub text: Key,
    /// Version that holds now.
    pub version: u32,
    /// Its heading.
    pub title: Bilingual,
    /// What is read before signing.
    pub paragraphs: Vec<Bilingual>,
    /// The items it is for.
    pub items: Vec<ItemCode>,
    /// There is a valid consent.
    pub given: bool,
}

/// Somebody who may sign.
#[derive(Debug, Serialize, ToSchema)]
pub struct PossibleSigner {
    /// The carer; null for the patient.
    pub carer_id: Option<CarerId>,
    /// What they are to the patient.
    pub relation: CarerRelation,
    /// Their name, masked.
    #[schema(example = "张*明")]
    pub name: String,
}

/// Consents of a visit.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}/consents", tag = "visits",
    params(("visit_id" = VisitId, Path, description = "A visit in scope")),
    responses((status = 200, description = "Needed and given", body = VisitConsents))
)]
pub async fn list_visit_consents(
    State(app): State<App>,
    may: May<grants::SeeVisits>,
    Id(id): Id<VisitId>,
) -> Result<Json<VisitConsents>> {
    let db = app.db.reader();
    let (visit, order) = store::visit::find(db, &may.scope, id)
        .await?
        .ok_or(Code::NotFound)?;
    let ordered = Ordered::of(db, &app, &order).await?;
    let patient = store::patient::of_order(db, &order).await?;
    Ok(Json(around(db, &app, &visit, &ordered, &patient).await?))
}

/// The consents around a visit.
pub(crate) async fn around(
    db: &impl ConnectionTrait,
    app: &App,
    visit: &visit::Model,
    ordered: &Ordered,
    patient: &patient::Model,
) -> Result<VisitConsents> {
    let (community, now) = (visit.community_id, app.now());
    let texts = RuleBook::at(app, community, now).await?.consents;
    let rows = store::consent::of_visit(db, community, visit.id).await?;
    let given = store::consent::given(&rows);
    let needed = |(text, items): (&ConsentText, Vec<ItemCode>)| NeededConsent {
        text: text.code.clone(),
        version: text.version,
        title: text.title.clone(),
        paragraphs: text.paragraphs.clone(),
        items,
        given: given
            .iter()
            .any(|one| one.counts(text, Some(visit.id), now)),
    };
    Ok(VisitConsents {
        needed: texts
            .for_items(&ordered.items())
            .into_iter()
            .map(needed)
            .collect(),
        items: rows
            .iter()
            .map(|row| Consent::of(app, row))
            .collect::<Result<_>>()?,
        signers: signers(db, app, patient).await?,
    })
}

async fn signers(
    db: &impl ConnectionTrait,
    app: &App,
    patient: &patient::Model,
) -> Result<Vec<PossibleSigner>> {
    let community = patient.community_id;
    let carers = store::carer::of_patient(db, community, patient.id).await?;
    let rows: Vec<_> = carers.iter().map(|(carer, _)| carer.clone()).collect();
    let ward = store::consent::ward(patient, &rows, app.now());
    let mut signers = Vec::new();
    if check_signer(ward, Signer::ONESELF).is_ok() {
        signers.push(PossibleSigner {
            carer_id: None,
            relation: CarerRelation::Oneself,
            name: store::patient::name(app, patient)?.masked(),
        });
    }
    for (carer, account) in &carers {
        let oneself = carer.relation == CarerRelation::Oneself;
        if oneself || check_signer(ward, store::consent::signer_of(carer, true)).is_err() {
            continue;
        }
        let name = PersonName::parse(&store::account::name(app, account)?);
        signers.push(PossibleSigner {
            carer_id: Some(carer.id),
            relation: carer.relation,
            name: name.map_err(Error::internal)?.masked(),
        });
    }
    Ok(signers)
}
