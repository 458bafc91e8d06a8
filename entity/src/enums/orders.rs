//! Orders, offers and visits.

use super::prelude::*;

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
        /// She left after it was broken off.
        Leave = "leave",
        /// The patient was recognised.
        Identity = "identity",
        /// A consent was signed.
        Consent = "consent",
        /// A consent signed for the visit was taken back; the body names its `text`.
        ConsentWithdrawn = "consent-withdrawn",
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
        /// A patient came to harm, or nearly.
        AdverseEvent = "adverse-event",
        /// Something went wrong around the visit.
        Incident = "incident",
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
