//! Devices that stay in.

use super::prelude::*;

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
