//! `GET /v1/visits/{visit_id}`: one visit with all that the nurse needs at the door. Recorded as a read.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{FenceResult, OrderState, Sex};
use entity::ids::{NurseId, OrderId, PatientId, VisitId};
use entity::{care_order, visit};
use serde::Serialize;
use utoipa::ToSchema;

use super::Ordered;
use super::amend_record::Amendment;
use super::leaving::VisitLeaving;
use super::prove_arrival::ArrivalInQuestion;
use super::return_waste::Waste;
use super::sign_visit::RecordSignature;
use crate::api::patients::list_prescriptions::Prescription;
use crate::api::rehab::RehabGlance;
use crate::api::rehab::view::glances;
use crate::app::App;
use crate::config::WasteSignature;
use crate::domain::calendar::local_date;
use crate::domain::code::{ItemCode, Key};
use crate::domain::patient::age_on;
use crate::domain::record_form::{FormField, RecordForms};
use crate::domain::sos::sms_text;
use crate::domain::steps::{owes_record, owes_waste};
use crate::domain::visit_record::VisitRecord;
use crate::domain::visit_rules::Gates;
use crate::error::{Error, Result};
use crate::extract::{ETag, Id, Json, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store::order::Sealed;
use crate::store::visit_rows::VisitRows;
use crate::wire::{ItemName, PlaceOut};
use crate::{in_write, store};

/// A visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Visit {
    /// The visit.
    pub id: VisitId,
    /// Version, also as `ETag`; send it as `If-Match` with the record.
    pub version: i64,
    /// Its order.
    pub order_id: OrderId,
    /// Number of the order.
    pub order_number: String,
    /// State of the order.
    pub state: OrderState,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her seat: 1 leads, and her steps are the order's; 2 reports setting out, arriving and leaving.
    pub seat: i32,
    /// How many nurses go.
    pub persons: i32,
    /// What the table of visit rules asks for, and why.
    pub gates: Gates,
    /// What is to be done.
    pub items: Vec<ItemName>,
    /// Start of the window.
    pub window_start: DateTime<Utc>,
    /// End of the window.
    pub window_end: DateTime<Utc>,
    /// Minutes at the patient's.
    pub duration_min: i32,
    /// The patient.
    pub patient: VisitPatient,
    /// Where.
    pub address: VisitAddress,
    /// What the family wants the nurse to know.
    pub note: Option<String>,
    /// By which prescriptions its items are done: those that hold on its day. One that does not hold is shown when there is no
    /// other, so that the nurse sees why.
    pub prescriptions: Vec<Prescription>,
    /// Under which conditions the first assessments found its items fit for home.
    pub conditions: Vec<VisitConditions>,
    /// The steps so far.
    pub steps: VisitSteps,
    /// The rehabilitation plan of the patient in short: the visit opens with what was done since the last one.
    pub rehab: Option<RehabGlance>,
    /// What the record asks for, item by item.
    pub forms: Vec<VisitForm>,
    /// The record, when it is written.
    pub record: Option<VisitRecord>,
    /// Hash of the record as it stands; send it with the signature.
    pub record_hash: Option<String>,
    /// The signature, when it is signed.
    pub signature: Option<RecordSignature>,
    /// What was put right after the signature, oldest first.
    pub amendments: Vec<Amendment>,
    /// The waste, when it is back.
    pub waste: Option<Waste>,
    /// The procedure had begun, the nurse has left or broken it off, and the record is not signed.
    pub record_owed: bool,
    /// The procedure had begun, an item makes waste, the nurse has left or broken it off, and the waste is not back.
    pub waste_owed: bool,
    /// Whoever takes the waste over signs for it.
    pub waste_signature: bool,
    /// The arrival, when it is in question.
    pub arrival: Option<ArrivalInQuestion>,
    /// How to call for help without data; for the nurse of the visit.
    pub sos: Option<SosCard>,
    /// How she left; for the nurse of the visit, and for coordinators and supervisors.
    pub leaving: Option<VisitLeaving>,
}

/// Conditions under which items were found fit for home.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitConditions {
    /// The items.
    pub items: Vec<ItemCode>,
    /// The conditions, as the assessor wrote them.
    pub text: String,
    /// When it was assessed.
    pub assessed_at: DateTime<Utc>,
}

/// What the record asks for when an item was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitForm {
    /// The item.
    pub item: ItemCode,
    /// Its fields, in this order.
    pub fields: Vec<FormField>,
    /// Consumables whose lot number has to be written down.
    pub lots: Vec<Key>,
}

fn forms_of(forms: &RecordForms, codes: &[String]) -> Vec<VisitForm> {
    let found = codes.iter().filter_map(|code| forms.form(code));
    found
        .map(|form| VisitForm {
            item: form.item.clone(),
            fields: forms.fields(form).cloned().collect(),
            lots: form.lots.clone(),
        })
        .collect()
}

/// How to call for help without data.
#[derive(Debug, Serialize, ToSchema)]
pub struct SosCard {
    /// Phone of the institution.
    pub phone: String,
    /// The text to send; the app fills `{lng}` and `{lat}` with the place (WGS-84). Nothing in it is about the patient.
    pub sms_text: String,
}

/// The patient of a visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitPatient {
    /// The patient.
    pub id: PatientId,
    /// Full name: one of the two identifiers checked at the door.
    pub name: String,
    /// Sex.
    pub sex: Sex,
    /// Age in full years.
    pub age: u32,
    /// Birth date: another identifier.
    pub birth_date: NaiveDate,
    /// The last four characters of the id number, when it is known: another.
    pub id_last4: Option<String>,
    /// Phone, when there is one.
    pub phone: Option<String>,
}

/// The address of a visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitAddress {
    /// Village, street, house.
    pub text: String,
    /// What to look for.
    pub landmark: Option<String>,
    /// The point, when known.
    pub place: Option<PlaceOut>,
    /// Metres within which an arrival counts as there.
    pub fence_radius_m: i64,
    /// What to be careful of there. For the nurse from accept until she leaves, and for coordinators and
    /// supervisors; null for everybody else.
    pub warning: Option<String>,
}

/// The steps of a visit, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitSteps {
    /// Accepted or assigned.
    pub accepted_at: DateTime<Utc>,
    /// Set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// At the door, by the server.
    pub arrived_at: Option<DateTime<Utc>>,
    /// How the arrival stood against the fence.
    pub fence: Option<FenceResult>,
    /// Metres from the address at arrival.
    pub arrived_distance_m: Option<f64>,
    /// The procedure began.
    pub started_at: Option<DateTime<Utc>>,
    /// It was over, and the nurse left.
    pub finished_at: Option<DateTime<Utc>>,
    /// Proven and closed.
    pub closed_at: Option<DateTime<Utc>>,
}

impl VisitSteps {
    /// The steps of a row.
    pub(super) fn of(visit: &visit::Model) -> Self {
        Self {
            accepted_at: visit.accepted_at,
            departed_at: visit.departed_at,
            arrived_at: visit.arrived_at,
            fence: visit.fence,
            arrived_distance_m: visit.arrived_distance_m,
            started_at: visit.started_at,
            finished_at: visit.finished_at,
            closed_at: visit.closed_at,
        }
    }
}

/// One visit.
///
/// Shows the patient unmasked to the nurse who has it, the family and staff in scope; each look is recorded.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}", tag = "visits",
    params(("visit_id" = VisitId, Path, description = "A visit in scope")),
    responses((status = 200, description = "The visit", body = Visit))
)]
pub async fn get_visit(
    State(app): State<App>,
    may: May<grants::SeeVisits>,
    Id(id): Id<VisitId>,
) -> Result<impl IntoResponse> {
    let shown = in_write!(app.db, "get_visit", |tx| {
        let (visit, order) = store::visit::find(&**tx, &may.scope, id)
            .await?
            .ok_or(Code::NotFound)?;
        let patient = visit.patient_id;
        store::patient_read::record(tx, &app, may.community, patient, may.account, "get_visit")
            .await?;
        let own = may.nurse == Some(visit.nurse_id);
        let staff = may.scope.reaches(order.institution_id);
        let desk = may.scope_for::<grants::WarnOfAddresses>();
        let desk = desk.is_ok_and(|scope| scope.reaches(order.institution_id));
        let pair = (visit, order);
        let visits = std::slice::from_ref(&pair);
        let rows = VisitRows::read(&**tx, &app, may.community, visits).await?;
        let ordered = Ordered::read(&**tx, &app, &pair.1, rows.items(&pair.1)).await?;
        let book = RuleBook::current(&**tx, &app, may.community).await?;
        let rehab = glances(&**tx, &app, &book, may.community, [patient]).await?;
        show(
            &app,
            &book,
            &pair,
            (&rows, &ordered, &rehab),
            To { own, desk, staff },
        )
    })?;
    Ok((ETag(shown.version), Json(shown)))
}

/// To whom a visit is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct To {
    /// The nurse of the visit.
    pub own: bool,
    /// Those who send nurses out.
    pub desk: bool,
    /// Staff of the institution, the desk among them.
    pub staff: bool,
}

/// Rehabilitation plans of patients, in short.
pub(crate) type Glances = BTreeMap<PatientId, RehabGlance>;

/// Shows a visit with all that is needed at the door, out of what was read.
pub(crate) fn show(
    app: &App,
    book: &RuleBook,
    (visit, order): &(visit::Model, care_order::Model),
    known: (&VisitRows, &Ordered, &Glances),
    to: To,
) -> Result<Visit> {
    let mut shown = plain(app, book, (visit, order), known)?;
    let rows = known.0;
    let there = visit.live || store::visit::way(visit).is_open();
    if to.desk || to.own && there {
        let found = rows.warnings.get(&order.address_id);
        let text = found.map(|row| store::address_warning::text(app, row));
        shown.address.warning = text.transpose()?;
    }
    if to.desk || to.own {
        shown.leaving = VisitLeaving::of(visit);
    }
    if let Some(row) = rows.waste.get(&visit.id)
        && (to.own || to.staff)
    {
        shown.waste = Some(Waste::signed(app, row)?);
    }
    if to.own {
        shown.sos = Some(sos_card(rows, visit, order));
    }
    Ok(shown)
}

fn plain(
    app: &App,
    book: &RuleBook,
    (visit, order): (&visit::Model, &care_order::Model),
    (rows, ordered, rehab): (&VisitRows, &Ordered, &Glances),
) -> Result<Visit> {
    let (patient, address) = (rows.patient(order)?, rows.address(order)?);
    let (text, landmark) = store::address::words(app, order, address)?;
    let signature = rows.signatures.get(&visit.id).cloned();
    let amendments = rows.amendments.get(&visit.id);
    let exception = rows.exceptions.get(&visit.id);
    let waste = rows.waste.get(&visit.id);
    let begun = visit.started_at.is_some();
    let asked = app.config.care.waste_signature == WasteSignature::Required;
    Ok(Visit {
        id: visit.id,
        version: visit.version,
        order_id: order.id,
        order_number: order.number.clone(),
        state: order.state,
        nurse_id: visit.nurse_id,
        seat: visit.seat,
        persons: order.persons,
        gates: store::gates::of(order)?,
        items: ordered
            .codes
            .iter()
            .map(|code| ItemName::of(&ordered.catalogue, code))
            .collect(),
        window_start: order.window_start,
        window_end: order.window_end,
        duration_min: order.duration_min,
        patient: VisitPatient {
            id: patient.id,
            name: store::patient::name(app, patient)?.reveal().to_owned(),
            sex: patient.sex,
            age: age_on(patient.birth_date, local_date(app.now())).into(),
            birth_date: patient.birth_date,
            id_last4: store::patient::id_number(app, patient)?.map(|id| id.last4().to_owned()),
            phone: store::patient::phone(app, patient)?.map(|phone| phone.reveal().to_owned()),
        },
        address: VisitAddress {
            text,
            landmark,
            place: PlaceOut::from_columns(
                order.lng,
                order.lat,
                store::address::accuracy_m(order, address),
            ),
            fence_radius_m: address.fence_radius_m,
            warning: None,
        },
        note: Sealed::Note.open(app, order)?,
        prescriptions: prescriptions(app, rows, (visit, order))?,
        conditions: conditions(app, rows, order)?,
        steps: VisitSteps::of(visit),
        rehab: rehab.get(&patient.id).cloned(),
        forms: forms_of(&book.record_forms, &ordered.codes),
        record: store::visit::record(app, visit)?,
        record_hash: store::record::hash(app, visit)?,
        signature: signature.map(RecordSignature::of),
        amendments: amendments
            .into_iter()
            .flatten()
            .map(|row| Amendment::of(app, row))
            .collect::<Result<_>>()?,
        waste: waste.map(Waste::of),
        record_owed: owes_record(order.state, begun, rows.signatures.contains_key(&visit.id)),
        waste_owed: owes_waste(order.state, begun, ordered.makes_waste(), waste.is_some()),
        waste_signature: asked,
        arrival: exception.map(ArrivalInQuestion::of),
        sos: None,
        leaving: None,
    })
}

/// By what was so as the procedure began, or is so now; a visit that begins late is made on that day.
fn prescriptions(
    app: &App,
    rows: &VisitRows,
    (visit, order): (&visit::Model, &care_order::Model),
) -> Result<Vec<Prescription>> {
    let at = visit.started_at.unwrap_or_else(|| app.now());
    let day = local_date(order.window_start.max(at));
    let shown = rows.prescriptions(order, day, at).into_iter();
    shown.map(|row| Prescription::of(app, row)).collect()
}

fn conditions(
    app: &App,
    rows: &VisitRows,
    order: &care_order::Model,
) -> Result<Vec<VisitConditions>> {
    let code = |code: String| ItemCode::new(code).map_err(Error::internal);
    let shown = rows.conditions(order)?.into_iter().map(|(row, codes)| {
        Ok(VisitConditions {
            items: codes.into_iter().map(code).collect::<Result<_>>()?,
            text: store::assessment::texts(app, row)?
                .conditions
                .unwrap_or_default(),
            assessed_at: row.assessed_at,
        })
    });
    shown.collect()
}

fn sos_card(rows: &VisitRows, visit: &visit::Model, order: &care_order::Model) -> SosCard {
    let phone = rows.institution(order).map(|found| found.phone.clone());
    let name = rows.nurses.get(&visit.nurse_id);
    let name = name.map(|nurse| nurse.name.as_str()).unwrap_or_default();
    SosCard {
        phone: phone.unwrap_or_default(),
        sms_text: sms_text(&order.number, name),
    }
}
