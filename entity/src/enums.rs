//! Enums stored as text: no native enum type, so a new value needs no migration on either database.

use std::borrow::Cow;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! text_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            EnumIter, DeriveActiveEnum, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[doc = $vdoc])+
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        // By hand, because the derive macro does not see texts that come through a macro.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let values = [$(format!("- `{}`:{}", $text, concat!($($vdoc),+))),+].join("\n");
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(format!("{}\n\n{values}", concat!($($doc),+).trim())))
                    .enum_values(Some(Self::ALL.map_texts()))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str() == text)
                    .ok_or_else(|| format!("{text:?} is not one of {:?}", Self::ALL.map_texts()))
            }
        }

        impl MapTexts for [$name] {
            fn map_texts(&self) -> Vec<&'static str> {
                self.iter().map(|value| value.as_str()).collect()
            }
        }
    };
}

/// The texts of a list of values, for messages.
trait MapTexts {
    fn map_texts(&self) -> Vec<&'static str>;
}

text_enum! {
    /// What an account may be (design: the people).
    Role {
        /// Books for a patient: the family, the patient, a village doctor, a call centre.
        Family = "family",
        /// Accepts orders and visits.
        Nurse = "nurse",
        /// Assigns by hand and looks after what is late.
        Coordinator = "coordinator",
        /// Reviews screenings and assesses.
        Doctor = "doctor",
        /// The nursing department.
        Supervisor = "supervisor",
        /// Accounts and keys.
        Admin = "admin",
        /// Who read what.
        Auditor = "auditor",
    }
}

text_enum! {
    /// Life of an account.
    AccountStatus {
        /// Invited, has not set a password yet.
        Invited = "invited",
        /// May log in.
        Active = "active",
        /// May not log in; its sessions are revoked.
        Disabled = "disabled",
    }
}

text_enum! {
    /// Language of texts for a person.
    Language {
        /// Simplified Chinese, the default.
        Zh = "zh-CN",
        /// English.
        En = "en",
    }
}

text_enum! {
    /// Kind of institution.
    InstitutionKind {
        /// The lead hospital of the community.
        LeadHospital = "lead_hospital",
        /// A township health centre.
        HealthCentre = "health_centre",
    }
}

text_enum! {
    /// Administrative sex, as the id number carries it.
    Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

text_enum! {
    /// Professional title of a nurse, lowest first. Home visits need `NursePractitioner` or above (rule R1).
    NurseTitle {
        /// 护士.
        Nurse = "nurse",
        /// 护师.
        NursePractitioner = "nurse_practitioner",
        /// 主管护师.
        SeniorNurse = "senior_nurse",
        /// 副主任护师.
        DeputyChiefNurse = "deputy_chief_nurse",
        /// 主任护师.
        ChiefNurse = "chief_nurse",
    }
}

text_enum! {
    /// Why a nurse is away.
    LeaveKind {
        /// Leave of any sort.
        Leave = "leave",
        /// On shift in the hospital.
        HospitalShift = "hospital_shift",
        /// On night shift; the rest rule applies after it.
        NightShift = "night_shift",
    }
}

text_enum! {
    /// Kind of identity document (field guide §6.2).
    IdKind {
        /// 居民身份证, 18 characters with a checksum.
        ResidentId = "resident_id",
        /// 港澳台居民居住证, the same rule, prefixes 81, 82, 83.
        HmtResidencePermit = "hmt_residence_permit",
        /// 外国人永久居留身份证.
        ForeignPermanentResident = "foreign_permanent_resident",
        /// A passport.
        Passport = "passport",
        /// None yet: a newborn under the mother's id.
        NewbornNone = "newborn_none",
    }
}

text_enum! {
    /// What a carer is to the patient.
    CarerRelation {
        /// The patient.
        Oneself = "oneself",
        /// Husband or wife.
        Spouse = "spouse",
        /// Son or daughter.
        Child = "child",
        /// Mother or father.
        Parent = "parent",
        /// Legal guardian.
        Guardian = "guardian",
        /// Another relative.
        Relative = "relative",
        /// Village doctor, booking with consent.
        VillageDoctor = "village_doctor",
        /// Call centre, booking with consent.
        CallCentre = "call_centre",
    }
}

text_enum! {
    /// How the patient agreed that somebody acts for them.
    ConsentBasis {
        /// The patient is the account's owner.
        Oneself = "oneself",
        /// The patient said so, in writing.
        Written = "written",
        /// The patient said so, in words, noted by the booker.
        Verbal = "verbal",
        /// Guardian of a minor or of someone without capacity.
        Guardianship = "guardianship",
    }
}

text_enum! {
    /// What a consent is for. Health data and location are asked apart from care (PIPL Art. 29).
    ConsentPurpose {
        /// What is done on a visit.
        Care = "care",
        /// Keeping and using health data.
        HealthData = "health_data",
        /// Keeping and using the place of the home and of the nurse on her way.
        Location = "location",
    }
}

text_enum! {
    /// By what a nurse recognises a patient. Never a face.
    PatientIdentifier {
        /// The name, as the patient says it.
        Name = "name",
        /// The birth date, as the patient says it.
        BirthDate = "birth_date",
        /// The last four characters of the id number.
        IdLast4 = "id_last4",
        /// The phone, by calling it.
        Phone = "phone",
        /// A card: identity, insurance or the patient's own.
        Card = "card",
        /// Somebody of the family or the village says who it is.
        Witness = "witness",
    }
}

text_enum! {
    /// On whose device a consent was signed.
    ConsentDevice {
        /// The nurse's.
        Nurse = "nurse",
        /// The family's.
        Family = "family",
        /// At a desk, or on paper brought there.
        Desk = "desk",
    }
}

text_enum! {
    /// Sort of health fact.
    HealthFactKind {
        /// Allergy or intolerance.
        Allergy = "allergy",
        /// Diagnosis.
        Diagnosis = "diagnosis",
        /// Condition that screening asks about; its code is one of the catalogue's.
        Condition = "condition",
    }
}

text_enum! {
    /// Coordinate system a place was given in.
    Crs {
        /// GPS.
        Wgs84 = "wgs84",
        /// Amap, Tencent.
        Gcj02 = "gcj02",
        /// Baidu.
        Bd09 = "bd09",
    }
}

text_enum! {
    /// State of an order (docs/RULES.md).
    OrderState {
        /// Waits for a first assessment.
        Assessing = "assessing",
        /// A soft screening answer waits for a doctor or coordinator.
        InReview = "in_review",
        /// Looking for a nurse.
        Open = "open",
        /// A nurse has it.
        Accepted = "accepted",
        /// The nurse is on her way.
        Departed = "departed",
        /// The nurse is at the door.
        Arrived = "arrived",
        /// The procedure has begun.
        InProcedure = "in_procedure",
        /// The procedure is over and the nurse has left.
        Finished = "finished",
        /// Proven and closed.
        Closed = "closed",
        /// Refused in review.
        Refused = "refused",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Nobody could go before the window ended.
        Expired = "expired",
        /// Broken off after departure.
        Aborted = "aborted",
    }
}

text_enum! {
    /// What a nurse did on a visit, as a batch names it.
    ActKind {
        /// Set out.
        Depart = "depart",
        /// At the door.
        Arrive = "arrive",
        /// The procedure began.
        Start = "start",
        /// The record was written.
        Record = "record",
        /// The procedure was over, and she left.
        Finish = "finish",
        /// The proof was complete.
        Close = "close",
        /// The visit was broken off.
        Abort = "abort",
        /// The patient was recognised.
        Identity = "identity",
        /// A consent was signed.
        Consent = "consent",
        /// The screening was asked at the door.
        Screening = "screening",
        /// The first assessment was made.
        Assessment = "assessment",
        /// The arrival in question was proven.
        ArrivalProof = "arrival-proof",
        /// The record was signed.
        Sign = "sign",
        /// The signed record was amended.
        Amend = "amend",
        /// The waste was returned.
        Waste = "waste",
        /// A device was placed; the body is that of the patient's devices.
        DevicePlaced = "device-placed",
        /// A device was looked after; `device_id` stands in the body.
        DeviceReviewed = "device-reviewed",
        /// A device was changed; `device_id` stands in the body.
        DeviceReplaced = "device-replaced",
        /// A device was taken out; `device_id` stands in the body.
        DeviceRemoved = "device-removed",
        /// A warning about the address was proposed.
        Warning = "warning",
        /// She called for help.
        Sos = "sos",
        /// She is late, and safe.
        StillFine = "still-fine",
        /// Places on the way.
        Positions = "positions",
    }
}

text_enum! {
    /// What came of an act that was told later.
    SyncResult {
        /// It took effect.
        Applied = "applied",
        /// A rule refused it; it is in the work list.
        Refused = "refused",
        /// An earlier act of the visit was refused; it waits in the work list.
        Held = "held",
        /// An earlier act of the visit has not been told yet; send both.
        Missing = "missing",
        /// Nothing was decided; send it again.
        Again = "again",
    }
}

text_enum! {
    /// State of an offer.
    OfferState {
        /// Waiting for the nurse.
        Open = "open",
        /// This nurse won.
        Accepted = "accepted",
        /// The nurse declined.
        Declined = "declined",
        /// Somebody else won, or the order left dispatch.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Where a place fix stood against the fence of the address.
    FenceResult {
        /// Within radius plus accuracy.
        Inside = "inside",
        /// Beyond: recorded and flagged, never refused.
        Outside = "outside",
        /// No fix to judge.
        NoFix = "no_fix",
    }
}

text_enum! {
    /// How a first assessment was made.
    AssessmentMode {
        /// From the record, without a visit.
        Remote = "remote",
        /// On a visit.
        Visit = "visit",
    }
}

text_enum! {
    /// What a first assessment says of items.
    AssessmentResult {
        /// Fit for a visit at home.
        Approved = "approved",
        /// Fit under conditions.
        ApprovedWithConditions = "approved_with_conditions",
        /// Not fit; the reason says why, the advice where to go.
        Refused = "refused",
    }
}

text_enum! {
    /// Where the drug of a prescription comes from.
    DrugSource {
        /// The institution that visits brings it.
        Institution = "institution",
        /// Dispensed by a hospital's or licensed pharmacy, with its receipt.
        Pharmacy = "pharmacy",
    }
}

text_enum! {
    /// What an alert is about.
    AlertKind {
        /// On arrival a hard screening answer; the visit was broken off.
        ScreeningHard = "screening_hard",
        /// A measured value beyond a critical limit.
        CriticalValue = "critical_value",
    }
}

text_enum! {
    /// How soon an alert has to be looked at.
    AlertSeverity {
        /// Today.
        Warning = "warning",
        /// At once.
        Critical = "critical",
    }
}

text_enum! {
    /// Family of versioned rule files.
    RuleSetKind {
        /// Items, certificates, screening.
        Catalogue = "catalogue",
        /// Prices and fees.
        Prices = "prices",
        /// Holidays and make-up workdays.
        Holidays = "holidays",
        /// Vital signs and their ranges.
        Vitals = "vitals",
        /// Texts that are consented to.
        Consents = "consents",
        /// When two nurses go, and who has to be there.
        VisitRules = "visit_rules",
        /// Indwelling devices and when they come due for review.
        Devices = "devices",
        /// What a visit record asks for, item by item.
        RecordForms = "record_forms",
    }
}

text_enum! {
    /// An indwelling device (field guide §2.3).
    DeviceKind {
        /// Urinary catheter.
        Uc = "uc",
        /// Suprapubic catheter.
        Spc = "spc",
        /// Nasogastric tube.
        Ng = "ng",
        /// Gastrostomy tube.
        Peg = "peg",
        /// Peripherally inserted central catheter.
        Picc = "picc",
        /// Implanted port.
        Port = "port",
        /// Wound or organ drain.
        Drain = "drain",
        /// Tracheostomy tube.
        Trach = "trach",
        /// Stoma.
        Stoma = "stoma",
        /// Peritoneal dialysis catheter.
        Pd = "pd",
    }
}

text_enum! {
    /// Who placed a device.
    DevicePlacer {
        /// A nurse of the community.
        Nurse = "nurse",
        /// A hospital.
        Hospital = "hospital",
        /// Not known.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Why a device is not in place any more: as planned, or the cause of an unplanned removal.
    DeviceRemoval {
        /// As planned: changed, or not needed any more.
        Planned = "planned",
        /// Pulled out.
        Pulled = "pulled",
        /// Slipped out.
        Slipped = "slipped",
        /// Blocked.
        Blocked = "blocked",
        /// Leaked.
        Leaked = "leaked",
        /// Broken or faulty.
        Quality = "quality",
        /// Infection.
        Infection = "infection",
        /// Another unplanned cause.
        Other = "other",
    }
}

text_enum! {
    /// What a visit did to a device.
    DeviceAct {
        /// Placed it.
        Placed = "placed",
        /// Looked after it; the next review counts from there.
        Reviewed = "reviewed",
        /// Took it out.
        Removed = "removed",
    }
}

text_enum! {
    /// State of a job.
    JobState {
        /// Waiting for its time.
        Ready = "ready",
        /// Leased by a worker.
        Running = "running",
        /// Done.
        Done = "done",
        /// Gave up after its last try; shown by `jiahu doctor`.
        Failed = "failed",
    }
}

text_enum! {
    /// State of a message to a person.
    MessageState {
        /// Not handed over yet.
        Waiting = "waiting",
        /// The gateway took it.
        Sent = "sent",
        /// The gateway refused it for good.
        Failed = "failed",
    }
}

text_enum! {
    /// What an event is about.
    SubjectKind {
        /// An order, with its offers and visit.
        Order = "order",
        /// A patient.
        Patient = "patient",
        /// A nurse and her certificates.
        Nurse = "nurse",
        /// An account.
        Account = "account",
        /// An institution and its open items.
        Institution = "institution",
        /// The community and its rule files.
        Community = "community",
    }
}

text_enum! {
    /// State of an alarm.
    SosState {
        /// Nobody has taken it; it goes on to further people.
        Open = "open",
        /// Somebody looks after the nurse.
        Taken = "taken",
        /// Over.
        Closed = "closed",
    }
}

text_enum! {
    /// How an alarm ended.
    SosOutcome {
        /// Settled by talking or by somebody who went there.
        Helped = "helped",
        /// The police came.
        Police = "police",
        /// Somebody needed medical help.
        Medical = "medical",
        /// There was no danger.
        FalseAlarm = "false_alarm",
        /// Otherwise; the note tells.
        Other = "other",
    }
}

text_enum! {
    /// Why an arrival is in question.
    ArrivalDoubt {
        /// Beyond the fence.
        Outside = "outside",
        /// No place to judge.
        NoFix = "no_fix",
        /// The device says that its place is simulated.
        Mock = "mock",
    }
}

text_enum! {
    /// Why there was no place to judge.
    NoFixCause {
        /// The person did not allow it.
        Denied = "denied",
        /// No fix in time.
        Timeout = "timeout",
        /// Location is switched off.
        Off = "off",
        /// A fix without a usable accuracy.
        NoAccuracy = "no_accuracy",
        /// The address has no point to compare with.
        AddressUnknown = "address_unknown",
    }
}

text_enum! {
    /// What shows that a nurse was at the door without a good fix.
    ArrivalProof {
        /// A one-time code from the family's phone.
        Code = "code",
        /// The patient's printed card.
        Card = "card",
        /// The family confirmed it in their app.
        Family = "family",
    }
}

text_enum! {
    /// What a coordinator decided of an arrival in question.
    ArrivalDecision {
        /// She was there.
        Accepted = "accepted",
        /// She was not, or it cannot be told.
        Rejected = "rejected",
    }
}

text_enum! {
    /// State of a proposed point.
    ProposalState {
        /// Waits for the family or a coordinator.
        Open = "open",
        /// It is the address's point now.
        Accepted = "accepted",
        /// The old point was right.
        Rejected = "rejected",
    }
}

text_enum! {
    /// State of a warning about an address.
    WarningState {
        /// Written by a nurse after a visit; counts when staff set it.
        Proposed = "proposed",
        /// Shown to who goes there.
        Active = "active",
        /// Replaced or taken back.
        Ended = "ended",
    }
}

text_enum! {
    /// What a safety report is about.
    ReportSort {
        /// Harm to a patient, or nearly.
        AdverseEvent = "adverse_event",
        /// Something that went wrong around a visit.
        Incident = "incident",
    }
}

text_enum! {
    /// State of a safety report.
    ReportState {
        /// Nobody has looked at it.
        Reported = "reported",
        /// Somebody looks into it.
        Reviewing = "reviewing",
        /// Closed with a finding.
        Closed = "closed",
    }
}

text_enum! {
    /// How bad it was.
    HarmSeverity {
        /// No harm.
        None = "none",
        /// Slight; no treatment needed.
        Mild = "mild",
        /// Treatment needed.
        Moderate = "moderate",
        /// Lasting or life-threatening.
        Severe = "severe",
        /// The patient died.
        Death = "death",
    }
}
