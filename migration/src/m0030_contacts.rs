//! Contacts that end, and attempts that were confirmed: when the repeated contacts of a plan were over, and an attempt
//! on somebody who was reached that day for another one. Attempts are looked up by patient.

crate::sql::step! {
    both: &[
        "ALTER TABLE follow_plan ADD COLUMN repeats_ended_at {ts}",
        "CREATE INDEX contact_attempt_of_patient ON contact_attempt (community_id, patient_id, at)",
    ],
    sqlite: &[
        "ALTER TABLE contact_attempt ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0",
        "DROP TRIGGER contact_attempt_is_final",
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE OF community_id, id, task_id, at, channel, result, proxy, note_enc, nurse_id, recorded_by, recorded_at, confirmed
         ON contact_attempt
         BEGIN SELECT RAISE(ABORT, 'contact_attempt_is_final'); END",
    ],
    postgres: &[
        "ALTER TABLE contact_attempt ADD COLUMN confirmed boolean NOT NULL DEFAULT false",
        "DROP TRIGGER contact_attempt_is_final ON contact_attempt",
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE OF community_id, id, task_id, at, channel, result, proxy, note_enc, nurse_id, recorded_by, recorded_at, confirmed OR DELETE
         ON contact_attempt
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
