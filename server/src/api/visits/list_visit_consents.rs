//! `GET /v1/visits/{visit_id}/consents`: what has to be signed, what was, and who may sign.

use axum::extract::State;
use entity::enums::CarerRelation;
use entity::ids::{CarerId, VisitId};
use entity::{account, carer, consent, patient};
use serde::Serialize;
use utoipa::ToSchema;

use super::Ordered;
use crate::api::consents::Consent;
use crate::app::App;
use crate::domain::catalogue::{ItemCode, Key};
use crate::domain::consent::{ConsentText, ConsentTexts, Signer, check_signer};
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
    let texts = RuleBook::at(db, &app, visit.community_id, app.now())
        .await?
        .consents;
    let rows = store::consent::of_visit(db, visit.community_id, id).await?;
    let carers = store::carer::of_patient(db, visit.community_id, patient.id).await?;
    let signed = (rows.as_slice(), carers.as_slice());
    Ok(Json(around(
        &app,
        &texts,
        id,
        (&ordered, &patient),
        signed,
    )?))
}

/// The consents around a visit, out of what was read: those signed, and the carers with their accounts.
pub(crate) fn around(
    app: &App,
    texts: &ConsentTexts,
    visit: VisitId,
    (ordered, patient): (&Ordered, &patient::Model),
    (rows, carers): (&[consent::Model], &[(carer::Model, account::Model)]),
) -> Result<VisitConsents> {
    let now = app.now();
    let given = store::consent::given(rows);
    let needed = |(text, items): (&ConsentText, Vec<ItemCode>)| NeededConsent {
        text: text.code.clone(),
        version: text.version,
        title: text.title.clone(),
        paragraphs: text.paragraphs.clone(),
        items,
        given: given.iter().any(|one| one.counts(text, Some(visit), now)),
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
        signers: signers(app, patient, carers)?,
    })
}

fn signers(
    app: &App,
    patient: &patient::Model,
    carers: &[(carer::Model, account::Model)],
) -> Result<Vec<PossibleSigner>> {
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
    for (carer, account) in carers {
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
