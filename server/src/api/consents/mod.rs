//! Consents: the texts, and what those who give them send and read. On a visit they are given under `visits`, for a
//! patient under `patients`.

pub mod list_consent_texts;

use chrono::{DateTime, Utc};
use entity::enums::{CarerRelation, ConsentDevice, ConsentPurpose};
use entity::ids::{CarerId, ConsentId, OrderId, PatientId, VisitId};
use entity::{carer, consent, patient};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::consent::{ConsentText, SIGNATURE_MAX_BYTES, Signer, check_signer};
use crate::domain::patient::of_age;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;
use crate::wire::{Moment, NameText, Text};

/// Who signs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerIn {
    /// Name as signed.
    #[schema(inline, example = "张大明")]
    pub name: NameText,
    /// The carer who signs; left out when it is the patient.
    pub carer_id: Option<CarerId>,
    /// The signer is 18 or older. Of the patient, and of a carer who is registered as a patient too, it is known by the
    /// birth date, whatever is said here.
    #[schema(example = true)]
    pub of_age: bool,
}

/// The image of a signature, by its hash. For a visit the image itself is added as one of its photos, at once or when there
/// is signal; of what is taken down at a desk the paper is kept there.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureIn {
    /// SHA-256 of the image, 64 hex digits in lower case.
    #[schema(
        inline,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub sha256: Text<64, 64>,
    /// Size of the image in bytes.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub bytes: i64,
}

impl SignatureIn {
    /// Checks form and size.
    pub(super) fn check(&self) -> Result<()> {
        let digits = self.sha256.as_str().bytes();
        let problem = Problem::new(Code::InvalidRequest);
        if !digits
            .into_iter()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            let params = vec![("reason", "0-9 a-f".to_owned())];
            return Err(problem
                .field_with("signature.sha256", Code::FieldInvalid, params)
                .into());
        }
        if !(1..=SIGNATURE_MAX_BYTES).contains(&self.bytes) {
            let params = vec![("reason", format!("1..={SIGNATURE_MAX_BYTES}"))];
            return Err(problem
                .field_with("signature.bytes", Code::FieldInvalid, params)
                .into());
        }
        Ok(())
    }
}

/// Why a consent is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawConsent {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Why, when it was said.
    #[schema(inline)]
    pub reason: Option<Text<1, 300>>,
}

/// A consent on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// The patient.
    pub patient_id: PatientId,
    /// The order, for care.
    pub order_id: Option<OrderId>,
    /// The visit it was signed for, for care; it counts for no other.
    pub visit_id: Option<VisitId>,
    /// What it is for.
    pub purpose: ConsentPurpose,
    /// Code of the text.
    pub text: String,
    /// Version of the text.
    pub version: i32,
    /// What the signer is to the patient.
    pub relation: CarerRelation,
    /// The carer who signed; none when it was the patient.
    pub carer_id: Option<CarerId>,
    /// Name of the signer, masked.
    #[schema(example = "张*明")]
    pub signer_name: String,
    /// SHA-256 of the image of the signature.
    pub signature_sha256: Option<String>,
    /// Size of the image in bytes.
    pub signature_bytes: Option<i64>,
    /// On whose device it was signed.
    pub device: ConsentDevice,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Consent {
    pub(super) fn of(app: &App, row: &consent::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            order_id: row.order_id,
            visit_id: row.visit_id,
            purpose: row.purpose,
            text: row.text_code.clone(),
            version: row.text_version,
            relation: row.relation,
            carer_id: row.carer_id,
            signer_name: store::consent::signer_name(app, row)?.masked(),
            signature_sha256: row.signature_sha256.clone(),
            signature_bytes: row.signature_bytes,
            device: row.device,
            signed_at: row.signed_at,
            withdrawn_at: row.withdrawn_at,
        })
    }
}

/// A signer whom the rules let sign.
pub(super) struct Signed<'a> {
    /// What the signer is to the patient.
    pub relation: CarerRelation,
    /// The carer, when it is not the patient.
    pub carer: Option<&'a carer::Model>,
}

/// Checks who signs for a patient, as of a moment.
pub(super) async fn signed<'a>(
    db: &impl ConnectionTrait,
    patient: &patient::Model,
    carers: &'a [carer::Model],
    signer: &SignerIn,
    at: DateTime<Utc>,
) -> Result<Signed<'a>> {
    let refused = |code: Code| -> Error { Problem::new(code).field("signer", code).into() };
    let carer = match signer.carer_id {
        None => None,
        Some(id) => Some(
            carers
                .iter()
                .find(|carer| carer.id == id)
                .ok_or_else(|| refused(Code::SignerNotAllowed))?,
        ),
    };
    let as_signer = match carer {
        None => Signer::ONESELF,
        Some(carer) => {
            let born = store::carer::birth_date(db, carer.community_id, carer.account_id).await?;
            store::consent::signer_of(carer, of_age(signer.of_age, born, local_date(at)))
        }
    };
    check_signer(store::consent::ward(patient, carers, at), as_signer)
        .map_err(|error| refused(Code::parse(error.code()).unwrap_or(Code::SignerNotAllowed)))?;
    Ok(Signed {
        relation: as_signer.relation,
        carer: carer.filter(|carer| carer.relation != CarerRelation::Oneself),
    })
}

/// Fails unless the version is the one that holds.
pub(super) fn check_version(text: &ConsentText, version: u32) -> Result<i32> {
    if text.version == version {
        return i32::try_from(version).map_err(Error::internal);
    }
    let problem = Problem::new(Code::ConsentSuperseded);
    Err(problem.with("version", text.version).into())
}

/// The problem of a text that is not asked for here.
pub(super) fn text_unknown(text: &str) -> Error {
    let problem = Problem::new(Code::ConsentTextUnknown).with("text", text);
    let params = vec![("text", text.to_owned())];
    problem
        .field_with("text", Code::ConsentTextUnknown, params)
        .into()
}
