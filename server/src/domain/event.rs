//! Kinds of events, and who hears of each in the live stream.

/// Who, of those concerned, hears of an event live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// Those who care for the patient.
    pub family: bool,
    /// The nurse that the event names.
    pub nurse: bool,
    /// Staff whose scope reaches the institution.
    pub staff: bool,
}

const ALL: Audience = Audience {
    family: true,
    nurse: true,
    staff: true,
};
const NURSE_AND_STAFF: Audience = Audience {
    family: false,
    nurse: true,
    staff: true,
};
const STAFF: Audience = Audience {
    family: false,
    nurse: false,
    staff: true,
};
const FAMILY_AND_STAFF: Audience = Audience {
    family: true,
    nurse: false,
    staff: true,
};
const NOBODY: Audience = Audience {
    family: false,
    nurse: false,
    staff: false,
};

macro_rules! event_kinds {
    ($($(#[$meta:meta])* $variant:ident $text:literal $audience:ident;)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind { $($(#[$meta])* $variant,)+ }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Who hears of it live.
            pub const fn audience(self) -> Audience {
                match self { $(Self::$variant => $audience),+ }
            }
        }
    };
}

event_kinds! {
    /// Booked; screening was clear.
    OrderSubmitted "order.submitted" ALL;
    /// Booked; a soft screening answer waits for review.
    OrderReviewRequested "order.review_requested" ALL;
    /// Waits for a first assessment.
    OrderAssessing "order.assessing" ALL;
    /// A first assessment covers it; a nurse is looked for.
    OrderAssessed "order.assessed" ALL;
    /// A nurse has it, and no first assessment covers it any more.
    OrderAssessmentLapsed "order.assessment_lapsed" NURSE_AND_STAFF;
    /// Review said yes.
    OrderApproved "order.approved" ALL;
    /// Review said no.
    OrderRefused "order.refused" ALL;
    /// Offered to the nurse named.
    OfferMade "offer.made" NURSE_AND_STAFF;
    /// Declined by the nurse named.
    OfferDeclined "offer.declined" NURSE_AND_STAFF;
    /// No longer to be had by the nurse named.
    OfferWithdrawn "offer.withdrawn" NURSE_AND_STAFF;
    /// The search went to the next ring, or asked the same ring again.
    DispatchWidened "dispatch.widened" STAFF;
    /// Nobody yet: a coordinator is asked to look.
    DispatchCoordinatorTold "dispatch.coordinator_told" STAFF;
    /// Nobody yet: the family is told.
    DispatchFamilyTold "dispatch.family_told" ALL;
    /// A nurse accepted.
    OrderAccepted "order.accepted" ALL;
    /// A coordinator assigned a nurse.
    OrderAssigned "order.assigned" ALL;
    /// A nurse was taken off, or gave it back. The order is open again, unless the visit is under way.
    OrderReleased "order.released" ALL;
    /// Moved to another window.
    OrderRescheduled "order.rescheduled" ALL;
    /// Its address lies elsewhere, or in another township.
    OrderPlaceChanged "order.place_changed" ALL;
    /// Cancelled.
    OrderCancelled "order.cancelled" ALL;
    /// Nobody could go before the window.
    OrderExpired "order.expired" ALL;
    /// The second nurse of a visit under way was taken off, or gave it back: whoever leads goes on without her.
    VisitSecondGone "visit.second_gone" NURSE_AND_STAFF;
    /// The nurse is on her way.
    VisitDeparted "visit.departed" ALL;
    /// The nurse is at the door.
    VisitArrived "visit.arrived" ALL;
    /// The screening was asked again at the door.
    VisitScreened "visit.screened" NURSE_AND_STAFF;
    /// The family's phone has verified the nurse's code.
    NurseVerified "nurse.verified" ALL;
    /// The nurse has recognised the patient.
    IdentityChecked "visit.identity_checked" ALL;
    /// Somebody consented for the patient.
    ConsentGiven "consent.given" ALL;
    /// A consent was taken back.
    ConsentWithdrawn "consent.withdrawn" ALL;
    /// The procedure has begun.
    VisitStarted "visit.started" ALL;
    /// The record was written or changed.
    VisitRecorded "visit.recorded" NURSE_AND_STAFF;
    /// A photo came to the record.
    VisitPhotoAdded "visit.photo_added" NURSE_AND_STAFF;
    /// The nurse signed the record.
    VisitSigned "visit.signed" NURSE_AND_STAFF;
    /// A signed record was amended.
    VisitAmended "visit.amended" NURSE_AND_STAFF;
    /// The waste is back.
    VisitWasteReturned "visit.waste_returned" NURSE_AND_STAFF;
    /// A gate refused a step of the nurse; once for each step and code.
    VisitRefused "visit.refused" NURSE_AND_STAFF;
    /// The procedure is over and the nurse has left.
    VisitFinished "visit.finished" ALL;
    /// Proven and closed.
    VisitClosed "visit.closed" ALL;
    /// Broken off; the nurse may still be there.
    VisitAborted "visit.aborted" ALL;
    /// The nurse has left a visit that was broken off.
    VisitLeft "visit.left" NURSE_AND_STAFF;
    /// Something told later was refused; it is in the work list.
    SyncRefused "sync.refused" NURSE_AND_STAFF;
    /// An entry of the work list was put right.
    SyncSettled "sync.settled" NURSE_AND_STAFF;
    /// Something has to be looked at now.
    AlertOpened "alert.opened" NURSE_AND_STAFF;
    /// Somebody looks after it.
    AlertTaken "alert.taken" NURSE_AND_STAFF;
    /// Nobody took it in time; further people are told.
    AlertEscalated "alert.escalated" NURSE_AND_STAFF;
    /// Its red flag came up again, and more urgent.
    AlertRaisedAgain "alert.raised_again" NURSE_AND_STAFF;
    /// Something was done about it.
    AlertActed "alert.acted" NURSE_AND_STAFF;
    /// It was dealt with.
    AlertClosed "alert.closed" NURSE_AND_STAFF;
    /// Something else may pay for it: somebody decides whether it is charged.
    ChargeReviewAsked "order.charge_review_asked" FAMILY_AND_STAFF;
    /// Nothing else pays for it any more: it is charged as priced.
    ChargeReviewDropped "order.charge_review_dropped" FAMILY_AND_STAFF;
    /// Somebody decided what is charged.
    ChargeReviewed "order.charge_reviewed" FAMILY_AND_STAFF;
    /// Somebody complained about it.
    ComplaintFiled "complaint.filed" FAMILY_AND_STAFF;
    /// Somebody looks after the complaint.
    ComplaintAssigned "complaint.assigned" FAMILY_AND_STAFF;
    /// The complaint was answered.
    ComplaintAnswered "complaint.answered" FAMILY_AND_STAFF;
    /// The answer was not accepted.
    ComplaintAppealed "complaint.appealed" FAMILY_AND_STAFF;
    /// The complaint is over.
    ComplaintClosed "complaint.closed" FAMILY_AND_STAFF;
    /// The arrival is in question.
    ArrivalDoubted "visit.arrival_doubted" NURSE_AND_STAFF;
    /// A code went to the family's phone.
    ArrivalCodeSent "visit.arrival_code_sent" ALL;
    /// The arrival in question is proven.
    ArrivalProven "visit.arrival_proven" ALL;
    /// A coordinator decided on the arrival in question.
    ArrivalResolved "visit.arrival_resolved" NURSE_AND_STAFF;
    /// A nurse proposed a warning about an address.
    WarningProposed "address.warning_proposed" STAFF;
    /// A warning about an address holds.
    WarningSet "address.warning_set" STAFF;
    /// The warning about an address is over.
    WarningEnded "address.warning_ended" STAFF;
    /// A good visit proposes another point for the address.
    HomeProposed "address.proposed" ALL;
    /// The proposed point was rejected.
    HomeRejected "address.proposal_rejected" STAFF;
    /// A card was made for the patient.
    CardIssued "patient.card_issued" STAFF;
    /// The nurse calls for help.
    SosRaised "sos.raised" STAFF;
    /// Nobody took the alarm; further people are told.
    SosEscalated "sos.escalated" STAFF;
    /// Somebody looks after the nurse.
    SosTaken "sos.taken" NURSE_AND_STAFF;
    /// The alarm is over.
    SosClosed "sos.closed" NURSE_AND_STAFF;
    /// The nurse should have set out by now; she and the desk are asked.
    VisitNotDeparted "visit.not_departed" NURSE_AND_STAFF;
    /// The nurse cannot go as things stand: her papers, her account, the roster.
    NurseUnfit "order.nurse_unfit" NURSE_AND_STAFF;
    /// The nurse should have left by now and is asked.
    VisitOverdue "visit.overdue" NURSE_AND_STAFF;
    /// The nurse did not answer; people are called until somebody takes the alert.
    VisitMissed "visit.missed" NURSE_AND_STAFF;
    /// The nurse is well and needs longer.
    VisitStillFine "visit.still_fine" NURSE_AND_STAFF;
    /// A patient was registered.
    PatientRegistered "patient.registered" STAFF;
    /// A patient's data changed.
    PatientChanged "patient.changed" STAFF;
    /// Another patient may be the same person.
    DuplicateFound "patient.duplicate_found" STAFF;
    /// They are two people.
    DuplicateDismissed "patient.duplicate_dismissed" STAFF;
    /// One patient was merged into another.
    PatientMerged "patient.merged" STAFF;
    /// A merge was taken back.
    PatientMergeUndone "patient.merge_undone" STAFF;
    /// An address was added.
    AddressAdded "address.added" STAFF;
    /// An address changed.
    AddressChanged "address.changed" STAFF;
    /// An address was removed.
    AddressRemoved "address.removed" STAFF;
    /// Somebody may act for the patient now.
    CarerAdded "carer.added" STAFF;
    /// Somebody may not act for the patient any more.
    CarerEnded "carer.ended" STAFF;
    /// Allergies, diagnoses or conditions changed.
    HealthFactsChanged "health_facts.changed" STAFF;
    /// A first assessment was recorded.
    AssessmentRecorded "assessment.recorded" ALL;
    /// A prescription was registered.
    PrescriptionAdded "prescription.added" ALL;
    /// A prescription was withdrawn.
    PrescriptionWithdrawn "prescription.withdrawn" ALL;
    /// Something else pays for the patient's care.
    EntitlementRecorded "entitlement.recorded" FAMILY_AND_STAFF;
    /// It does not pay any more.
    EntitlementEnded "entitlement.ended" FAMILY_AND_STAFF;
    /// A stay in hospital was registered.
    AdmissionRecorded "admission.recorded" ALL;
    /// A discharge from hospital was registered.
    DischargeRegistered "discharge.registered" STAFF;
    /// A discharge was put right.
    DischargeCorrected "discharge.corrected" STAFF;
    /// A discharge was an error.
    DischargeCancelled "discharge.cancelled" STAFF;
    /// A system that tells of discharges was registered.
    FeedAdded "discharge_feed.added" STAFF;
    /// A system tells of no discharges any more.
    FeedEnded "discharge_feed.ended" STAFF;
    /// A hospital's system told that the patient died.
    DeathTold "patient.death_told" STAFF;
    /// Follow-up was planned.
    FollowUpPlanned "follow_up.planned" ALL;
    /// Follow-up was stopped, with cause.
    FollowUpStopped "follow_up.stopped" NURSE_AND_STAFF;
    /// Contacts that came again and again are over: a device is in the register, or a wound has healed.
    FollowUpRepeatsEnded "follow_up.repeats_ended" NURSE_AND_STAFF;
    /// A follow-up task may be worked on.
    FollowTaskOpened "follow_task.opened" NURSE_AND_STAFF;
    /// Nobody answered by the due day: a nurse calls.
    FollowTaskDue "follow_task.due" NURSE_AND_STAFF;
    /// What went to the family did not get there: a nurse calls.
    FollowTaskUndelivered "follow_task.undelivered" NURSE_AND_STAFF;
    /// A follow-up task went to somebody else.
    FollowTaskAssigned "follow_task.assigned" NURSE_AND_STAFF;
    /// Somebody tried to reach the person.
    ContactAttempted "follow_task.attempted" NURSE_AND_STAFF;
    /// The person was reached; the answers are to come.
    FollowTaskReached "follow_task.reached" NURSE_AND_STAFF;
    /// A follow-up task is done.
    FollowTaskDone "follow_task.done" NURSE_AND_STAFF;
    /// The person could not be reached.
    FollowTaskLost "follow_task.lost" NURSE_AND_STAFF;
    /// The window of a follow-up task ended before enough was tried.
    FollowTaskMissed "follow_task.missed" NURSE_AND_STAFF;
    /// A device was entered in the register.
    DevicePlaced "device.placed" ALL;
    /// A device was looked after.
    DeviceReviewed "device.reviewed" ALL;
    /// What is known of a device was put right on the visit that placed it.
    DeviceCorrected "device.corrected" ALL;
    /// A device was taken out, or came out.
    DeviceRemoved "device.removed" ALL;
    /// A device comes due for review.
    DeviceReviewDue "device.review_due" ALL;
    /// A rehabilitation plan was made.
    RehabPlanned "rehab.planned" ALL;
    /// An exercise was proposed for a plan.
    RehabProposed "rehab.proposed" ALL;
    /// A nurse or doctor decided on a proposed exercise.
    RehabDecided "rehab.decided" ALL;
    /// Something was told of exercises.
    RehabLogged "rehab.logged" ALL;
    /// A nurse has looked at a plan.
    RehabSeen "rehab.seen" NURSE_AND_STAFF;
    /// A rehabilitation plan ended.
    RehabStopped "rehab.stopped" ALL;
    /// A link to answer was sent to the family.
    AnswerLinkSent "answers.link_sent" ALL;
    /// Answers came in.
    AnswersGiven "answers.given" ALL;
    /// Numbers were told, such as a weight.
    ReadingsTold "readings.told" ALL;
    /// A scale of a follow-up task was left out, with the reason.
    ScaleSkipped "scale.skipped" NURSE_AND_STAFF;
    /// A scale was filled in.
    ScaleScored "scale.scored" ALL;
    /// Nurse and patient are kept apart.
    KeptApart "nurse.kept_apart" STAFF;
    /// Nurse and patient may meet again.
    KeptApartEnded "nurse.kept_apart_ended" STAFF;
    /// A nurse came onto the roster.
    NurseAdded "nurse.added" STAFF;
    /// A nurse's data changed.
    NurseChanged "nurse.changed" NURSE_AND_STAFF;
    /// Duty windows changed.
    DutyChanged "nurse.duty_changed" NURSE_AND_STAFF;
    /// A leave was added.
    LeaveAdded "nurse.leave_added" NURSE_AND_STAFF;
    /// A leave was removed.
    LeaveRemoved "nurse.leave_removed" NURSE_AND_STAFF;
    /// A certificate was added; it counts for nothing until verified.
    CertificationAdded "certification.added" NURSE_AND_STAFF;
    /// A certificate was verified.
    CertificationVerified "certification.verified" NURSE_AND_STAFF;
    /// A certificate was revoked.
    CertificationRevoked "certification.revoked" NURSE_AND_STAFF;
    /// An institution was registered.
    InstitutionAdded "institution.added" STAFF;
    /// An institution changed.
    InstitutionChanged "institution.changed" STAFF;
    /// An item was opened or closed.
    ItemOpened "institution.item_changed" STAFF;
    /// An adverse event or incident was reported.
    ReportFiled "report.filed" STAFF;
    /// Somebody looks into the report.
    ReportReviewing "report.reviewing" STAFF;
    /// Nobody looked into the report in time; supervisors are called.
    ReportEscalated "report.escalated" STAFF;
    /// The report was closed with a finding.
    ReportClosed "report.closed" STAFF;
    /// A rule file was published.
    RulesPublished "rules.published" STAFF;
    /// A picture of an exercise was added.
    PictureAdded "rules.picture_added" STAFF;
    /// An account was made.
    AccountCreated "account.created" NOBODY;
    /// A one-time link was made.
    AccountInvited "account.invited" NOBODY;
    /// Password and second factor were set.
    AccountActivated "account.activated" NOBODY;
    /// The account may not log in any more.
    AccountDisabled "account.disabled" NOBODY;
    /// The account may log in again.
    AccountEnabled "account.enabled" NOBODY;
    /// Roles changed.
    RolesChanged "account.roles_changed" NOBODY;
    /// The password changed.
    PasswordChanged "account.password_changed" NOBODY;
    /// Somebody logged in.
    LoggedIn "account.logged_in" NOBODY;
    /// Too many failed logins.
    LoginLocked "account.locked" NOBODY;
    /// A used refresh token was shown again; the session was ended.
    RefreshReplayed "account.refresh_replayed" NOBODY;
    /// A session was ended.
    SessionRevoked "account.session_revoked" NOBODY;
}

impl EventKind {
    /// The kind of a stored text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_unique_and_offers_are_not_for_families() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in EventKind::ALL {
            assert!(seen.insert(kind.as_str()), "{} stands twice", kind.as_str());
            assert_eq!(EventKind::parse(kind.as_str()), Some(*kind));
            if kind.as_str().starts_with("offer.") || kind.as_str().starts_with("account.") {
                assert!(!kind.audience().family, "{}", kind.as_str());
            }
        }
    }
}
