//! Orders as they are sent.

use chrono::{DateTime, SubsecRound, Utc};
use entity::enums::{ChargeState, NurseTitle, OrderState};
use entity::ids::{AddressId, EntitlementId, InstitutionId, NurseId, OrderId, PatientId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::assessment::MissingAssessment;
use crate::domain::catalogue::ItemCode;
use crate::domain::charge::Covered;
use crate::domain::price::{CancelStage, Quote};
use crate::domain::rulefile::Bilingual;
use crate::domain::screening::{Answers, AnswersSchema, Finding};
use crate::domain::visit_rules::Gates;
use crate::wire::{Moment, Page, PlaceOut};

/// When the visit is wanted; the end is not included.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowIn {
    /// Earliest start, cut to the second. Night and holiday surcharges go by it.
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T01:00:00Z")]
    pub start: Moment,
    /// Latest end, cut to the second: at least the items' minutes after the start, at most 12 hours.
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T04:00:00Z")]
    pub end: Moment,
}

impl WindowIn {
    /// Start and end, cut to the second.
    pub fn cut(self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.start.trunc_subsecs(0), self.end.trunc_subsecs(0))
    }
}

/// When the visit is wanted; the end is not included.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct OrderWindow {
    /// Earliest start.
    pub start: DateTime<Utc>,
    /// Latest end.
    pub end: DateTime<Utc>,
}

/// An item of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderedItem {
    /// Its code.
    pub code: ItemCode,
    /// Its name when it was booked.
    pub name: Bilingual,
}

/// The visit of an order: the live one, else the last one that was not taken from its nurse.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Name of the nurse, so that the family knows whom to let in.
    pub nurse_name: String,
    /// Title of the nurse.
    pub nurse_title: NurseTitle,
    /// The nurse's time is taken for it.
    pub live: bool,
    /// Planned start.
    pub starts_at: DateTime<Utc>,
    /// Planned end.
    pub ends_at: DateTime<Utc>,
    /// Accepted, or assigned.
    pub accepted_at: DateTime<Utc>,
    /// Set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// At the door.
    pub arrived_at: Option<DateTime<Utc>>,
    /// The procedure began.
    pub started_at: Option<DateTime<Utc>>,
    /// The procedure was over.
    pub finished_at: Option<DateTime<Utc>>,
    /// Proven and closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Of a visit by two, the nurse who comes with her.
    pub second: Option<SecondNurse>,
}

/// The second nurse of a visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SecondNurse {
    /// Her own visit.
    pub visit_id: VisitId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her name, so that the family knows whom to let in.
    pub nurse_name: String,
    /// Her title.
    pub nurse_title: NurseTitle,
    /// Set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// At the door.
    pub arrived_at: Option<DateTime<Utc>>,
    /// Left.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What the family is charged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderCharge {
    /// Whether it is charged.
    pub state: ChargeState,
    /// How much, in fen; null while it is under review, when nothing is charged.
    pub fen: Option<i64>,
    /// Items that something else may pay for on the day of the visit, and what.
    pub covered: Vec<Covered>,
    /// What pays, when somebody decided that something else does.
    pub paid_by: Vec<EntitlementId>,
    /// When somebody decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// An order as it stands in lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    /// The order.
    pub id: OrderId,
    /// What people call it.
    #[schema(example = "260302-7KQ4M")]
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// Version for `If-Match`: `"v<version>"`.
    pub version: i64,
    /// The patient.
    pub patient_id: PatientId,
    /// Name of the patient, masked.
    #[schema(example = "张*明")]
    pub patient_name: String,
    /// The institution that provides it.
    pub institution_id: InstitutionId,
    /// The items, in the order booked.
    pub items: Vec<OrderedItem>,
    /// When the visit is wanted.
    pub window: OrderWindow,
    /// Minutes on site.
    pub duration_min: i32,
    /// How many nurses go. Both accept before either sets out; the first one leads.
    pub persons: i32,
    /// Whether the place of the address is known. Without it a coordinator assigns by hand.
    pub place_known: bool,
    /// The price, in fen.
    pub total_fen: i64,
    /// What is kept of an order that was called off, in fen; null for all others.
    pub fee_fen: Option<i64>,
    /// What the family is charged, or that somebody has to decide first.
    pub charge: OrderCharge,
    /// The visit, once a nurse has it.
    pub visit: Option<OrderVisit>,
    /// Booked at.
    pub created_at: DateTime<Utc>,
    /// Changed last at.
    pub updated_at: DateTime<Utc>,
}

/// One order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Order {
    /// What stands in lists too.
    #[serde(flatten)]
    pub summary: OrderSummary,
    /// Where the visit is.
    pub address_id: AddressId,
    /// The price, part by part, as it was frozen.
    pub price: Quote,
    /// What the table of visit rules asks for, and why.
    pub gates: Gates,
    /// What screening found. Anything here means that a doctor or coordinator decides, or has decided.
    pub findings: Vec<Finding>,
    /// While it waits for a first assessment: the items that lack one, and why.
    pub missing_assessments: Vec<MissingAssessment>,
    /// What calling it off would cost now; null when it cannot be called off any more.
    pub cancellation: Option<CancellationNow>,
    /// What is personal; only in the answer of `GET /v1/orders/{order_id}`, which is recorded as a read.
    pub detail: Option<OrderDetail>,
}

/// What calling off an order costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CancellationNow {
    /// How far the order has come.
    pub stage: CancelStage,
    /// The fee, in fen.
    pub fee_fen: i64,
    /// The rule, in words.
    pub text: Bilingual,
}

/// What is personal about an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDetail {
    /// Name of the patient, whole.
    pub patient_name: String,
    /// The address in words; of an order that is over as it was then.
    pub address: String,
    /// How the door is found.
    pub landmark: Option<String>,
    /// The place that the order goes to; null when not known.
    pub place: Option<PlaceOut>,
    /// The answers of the screening, by the code of the question.
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// What the family wants to be known.
    pub note: Option<String>,
    /// Why it was refused, cancelled or aborted.
    pub end_reason: Option<String>,
    /// What the reviewer wrote, of an order that was approved or refused.
    pub review_reason: Option<String>,
    /// Why it is charged, or not, though something else may pay.
    pub charge_reason: Option<String>,
}

/// Orders, newest first.
pub type OrderPage = Page<OrderSummary>;
