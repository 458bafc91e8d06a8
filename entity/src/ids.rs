//! Typed ids. Every id is a UUIDv7 made by the caller's `IdSource`, so ids of one kind never
//! pass for another and sort by time of birth.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize, DeriveValueType, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

typed_ids! {
    /// A county's medical community: the tenant.
    CommunityId,
    /// A hospital or health centre.
    InstitutionId,
    /// Somebody who can log in.
    AccountId,
    /// A role given to an account.
    GrantId,
    /// A login on one device.
    SessionId,
    /// One refresh token of a session.
    RefreshTokenId,
    /// A one-time login code sent to a phone.
    LoginCodeId,
    /// A one-time link for a new member of staff.
    InviteId,
    /// A nurse.
    NurseId,
    /// A nurse's certificate.
    CertificationId,
    /// A weekly on-duty window of a nurse.
    DutyId,
    /// An absence of a nurse.
    LeaveId,
    /// A patient.
    PatientId,
    /// Two patients who may be one.
    PatientDuplicateId,
    /// A patient merged into another.
    PatientMergeId,
    /// Somebody who may act for a patient.
    CarerId,
    /// An allergy, diagnosis or condition of a patient.
    HealthFactId,
    /// A place where a patient can be visited.
    AddressId,
    /// A home-care order.
    OrderId,
    /// An item of an order.
    OrderItemId,
    /// An order offered to a nurse.
    OfferId,
    /// A nurse's visit for an order.
    VisitId,
    /// Something done without signal; the phone makes the id.
    SyncActionId,
    /// An indwelling device of a patient.
    DeviceId,
    /// An amendment of a signed record.
    AmendmentId,
    /// A photo of a visit.
    PhotoId,
    /// A complaint about an order.
    ComplaintId,
    /// A published version of a rule file.
    RuleSetId,
    /// Something that somebody has to look at now.
    AlertId,
    /// A stay in hospital.
    AdmissionId,
    /// A first assessment.
    AssessmentId,
    /// A discharge from hospital.
    DischargeId,
    /// A system that tells of discharges.
    DischargeFeedId,
    /// A follow-up plan of a discharge.
    FollowPlanId,
    /// A follow-up contact to be made.
    FollowTaskId,
    /// An attempt to reach somebody.
    ContactAttemptId,
    /// Word that a patient died.
    DeathNoticeId,
    /// A prescription.
    PrescriptionId,
    /// Something else that pays for care.
    EntitlementId,
    /// A screening at the door.
    VisitScreeningId,
    /// Work to be done later.
    JobId,
    /// A message to a person.
    MessageId,
    /// A consent that somebody gave for a patient.
    ConsentId,
    /// A recorded read of a patient's data.
    PatientReadId,
    /// An alarm of a nurse.
    SosId,
    /// An arrival in question.
    ArrivalExceptionId,
    /// A point proposed for an address.
    AddressProposalId,
    /// A warning about an address.
    AddressWarningId,
    /// Answers to the questionnaires of a follow-up task.
    AnswerSheetId,
    /// A link by which a family answers.
    AnswerLinkId,
    /// A number told of a patient.
    ReadingId,
    /// A rehabilitation plan.
    RehabPlanId,
    /// An exercise of a rehabilitation plan.
    RehabExerciseId,
    /// What was told of an exercise; the phone makes the id.
    RehabLogId,
    /// A scored scale.
    ScaleScoreId,
    /// A report of harm or of a mishap.
    SafetyReportId,
}
