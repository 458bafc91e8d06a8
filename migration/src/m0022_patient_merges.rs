//! People who are registered twice: pairs that may be one person, merges with every row they moved, and the guards that
//! let rows that are final change their patient by a merge and by nothing else.

/// True unless a merge, or the undoing of one, leads from the old patient of a row to the new one.
macro_rules! not_merged {
    () => {
        "NOT EXISTS (
            SELECT 1 FROM patient_merge m WHERE m.community_id = OLD.community_id AND (
                (m.undone_at IS NULL AND m.merged_id = OLD.patient_id AND m.survivor_id = NEW.patient_id)
                OR (m.undone_at IS NOT NULL AND m.survivor_id = OLD.patient_id AND m.merged_id = NEW.patient_id)))"
    };
}

/// True when a merge that holds leads to the merged patient or on from the survivor.
macro_rules! chained {
    () => {
        "EXISTS (
            SELECT 1 FROM patient_merge m WHERE m.community_id = NEW.community_id AND m.undone_at IS NULL
            AND (m.merged_id = NEW.survivor_id OR m.survivor_id = NEW.merged_id))"
    };
}

crate::sql::step! {
    both: &[
        "CREATE TABLE patient_duplicate (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            one_id {uuid} NOT NULL,
            other_id {uuid} NOT NULL,
            reasons {json} NOT NULL,
            state {text} NOT NULL,
            found_at {ts} NOT NULL,
            decided_by {uuid},
            decided_at {ts},
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, one_id, other_id),
            CHECK (one_id < other_id),
            CHECK (state IN ('open', 'dismissed', 'merged')),
            CHECK ((state = 'open') = (decided_at IS NULL)),
            CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
            FOREIGN KEY (community_id, one_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, other_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE INDEX patient_duplicate_of_other ON patient_duplicate (community_id, other_id)",
        "CREATE INDEX patient_duplicate_in_state ON patient_duplicate (community_id, state, id)",
        "CREATE TABLE patient_merge (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            survivor_id {uuid} NOT NULL,
            merged_id {uuid} NOT NULL,
            reason_enc {text} NOT NULL,
            merged_by {uuid} NOT NULL,
            merged_at {ts} NOT NULL,
            undo_reason_enc {text},
            undone_by {uuid},
            undone_at {ts},
            PRIMARY KEY (community_id, id),
            CHECK (survivor_id <> merged_id),
            CHECK ((undone_by IS NULL) = (undone_at IS NULL)),
            CHECK ((undo_reason_enc IS NULL) = (undone_at IS NULL)),
            FOREIGN KEY (community_id, survivor_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, merged_id) REFERENCES patient (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX patient_merge_one_live ON patient_merge (community_id, merged_id) WHERE undone_at IS NULL",
        "CREATE INDEX patient_merge_of_survivor ON patient_merge (community_id, survivor_id, id)",
        // Every row that a merge moved, by its table and key; what else it changed of the row, to be put back.
        "CREATE TABLE patient_merge_row (
            community_id {uuid} NOT NULL,
            merge_id {uuid} NOT NULL,
            kind {text} NOT NULL,
            row_id {uuid} NOT NULL,
            before {json},
            PRIMARY KEY (community_id, merge_id, kind, row_id),
            FOREIGN KEY (community_id, merge_id) REFERENCES patient_merge (community_id, id)
        ) {clustered}",
    ],
    sqlite: &[
        concat!(
            "CREATE TRIGGER patient_merge_no_chain BEFORE INSERT ON patient_merge WHEN ",
            chained!(),
            " BEGIN SELECT RAISE(ABORT, 'patient_merge_no_chain'); END"
        ),
        "DROP TRIGGER scale_score_is_final",
        "CREATE TRIGGER scale_score_is_final BEFORE UPDATE OF community_id, id, scale, scale_version, total, band, needs_person, answers_enc, rater, rated_by,
             visit_id, task_id, taken_at, recorded_at
         ON scale_score
         BEGIN SELECT RAISE(ABORT, 'scale_score_is_final'); END",
        concat!(
            "CREATE TRIGGER scale_score_moves_by_merge BEFORE UPDATE OF patient_id ON scale_score WHEN ",
            not_merged!(),
            " BEGIN SELECT RAISE(ABORT, 'scale_score_moves_by_merge'); END"
        ),
        "DROP TRIGGER assessment_is_final",
        "CREATE TRIGGER assessment_is_final BEFORE UPDATE OF community_id, id, visit_id, mode, result, items, text_enc, assessed_by, assessed_at, recorded_at
         ON assessment
         BEGIN SELECT RAISE(ABORT, 'assessment_is_final'); END",
        concat!(
            "CREATE TRIGGER assessment_moves_by_merge BEFORE UPDATE OF patient_id ON assessment WHEN ",
            not_merged!(),
            " BEGIN SELECT RAISE(ABORT, 'assessment_moves_by_merge'); END"
        ),
        "DROP TRIGGER contact_attempt_is_final",
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE OF community_id, id, task_id, at, channel, result, proxy, note_enc, nurse_id, recorded_by, recorded_at
         ON contact_attempt
         BEGIN SELECT RAISE(ABORT, 'contact_attempt_is_final'); END",
        concat!(
            "CREATE TRIGGER contact_attempt_moves_by_merge BEFORE UPDATE OF patient_id ON contact_attempt WHEN ",
            not_merged!(),
            " BEGIN SELECT RAISE(ABORT, 'contact_attempt_moves_by_merge'); END"
        ),
        "DROP TRIGGER answer_sheet_is_final",
        "CREATE TRIGGER answer_sheet_is_final BEFORE UPDATE OF community_id, id, task_id, rules_version, answers_enc, source, proxy, filled_by, visit_id, at, alerts
         ON answer_sheet
         BEGIN SELECT RAISE(ABORT, 'answer_sheet_is_final'); END",
        concat!(
            "CREATE TRIGGER answer_sheet_moves_by_merge BEFORE UPDATE OF patient_id ON answer_sheet WHEN ",
            not_merged!(),
            " BEGIN SELECT RAISE(ABORT, 'answer_sheet_moves_by_merge'); END"
        ),
        "DROP TRIGGER consent_is_final",
        "CREATE TRIGGER consent_is_final BEFORE UPDATE OF community_id, id, order_id, visit_id, purpose, text_code, text_version, relation, carer_id, account_id,
             signer_name_enc, signature_sha256, signature_bytes, device, signed_at, device_at, recorded_by,
             recorded_at, withdrawn_at, withdrawn_by, withdraw_reason_enc
         ON consent WHEN OLD.withdrawn_at IS NOT NULL
         BEGIN SELECT RAISE(ABORT, 'consent_is_final'); END",
        concat!(
            "CREATE TRIGGER consent_moves_by_merge BEFORE UPDATE OF patient_id ON consent WHEN ",
            not_merged!(),
            " BEGIN SELECT RAISE(ABORT, 'consent_moves_by_merge'); END"
        ),
    ],
    postgres: &[
        concat!(
            "CREATE FUNCTION jiahu_no_merge_chain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ",
            chained!(),
            " THEN RAISE EXCEPTION '%', TG_NAME USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
        ),
        "CREATE TRIGGER patient_merge_no_chain BEFORE INSERT ON patient_merge
         FOR EACH ROW EXECUTE FUNCTION jiahu_no_merge_chain()",
        concat!(
            "CREATE FUNCTION jiahu_moves_by_merge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ",
            not_merged!(),
            " THEN RAISE EXCEPTION '%', TG_NAME USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
        ),
        "DROP TRIGGER scale_score_is_final ON scale_score",
        "CREATE TRIGGER scale_score_is_final BEFORE UPDATE OF community_id, id, scale, scale_version, total, band, needs_person, answers_enc, rater, rated_by,
             visit_id, task_id, taken_at, recorded_at OR DELETE
         ON scale_score
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER scale_score_moves_by_merge BEFORE UPDATE OF patient_id ON scale_score
         FOR EACH ROW EXECUTE FUNCTION jiahu_moves_by_merge()",
        "DROP TRIGGER assessment_is_final ON assessment",
        "CREATE TRIGGER assessment_is_final BEFORE UPDATE OF community_id, id, visit_id, mode, result, items, text_enc, assessed_by, assessed_at, recorded_at OR DELETE
         ON assessment
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER assessment_moves_by_merge BEFORE UPDATE OF patient_id ON assessment
         FOR EACH ROW EXECUTE FUNCTION jiahu_moves_by_merge()",
        "DROP TRIGGER contact_attempt_is_final ON contact_attempt",
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE OF community_id, id, task_id, at, channel, result, proxy, note_enc, nurse_id, recorded_by, recorded_at OR DELETE
         ON contact_attempt
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER contact_attempt_moves_by_merge BEFORE UPDATE OF patient_id ON contact_attempt
         FOR EACH ROW EXECUTE FUNCTION jiahu_moves_by_merge()",
        "DROP TRIGGER answer_sheet_is_final ON answer_sheet",
        "CREATE TRIGGER answer_sheet_is_final BEFORE UPDATE OF community_id, id, task_id, rules_version, answers_enc, source, proxy, filled_by, visit_id, at, alerts OR DELETE
         ON answer_sheet
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER answer_sheet_moves_by_merge BEFORE UPDATE OF patient_id ON answer_sheet
         FOR EACH ROW EXECUTE FUNCTION jiahu_moves_by_merge()",
        "DROP TRIGGER consent_is_final ON consent",
        "CREATE TRIGGER consent_is_final BEFORE UPDATE OF community_id, id, order_id, visit_id, purpose, text_code, text_version, relation, carer_id, account_id,
             signer_name_enc, signature_sha256, signature_bytes, device, signed_at, device_at, recorded_by,
             recorded_at, withdrawn_at, withdrawn_by, withdraw_reason_enc
         ON consent
         FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION jiahu_refuse()",
        "CREATE TRIGGER consent_moves_by_merge BEFORE UPDATE OF patient_id ON consent
         FOR EACH ROW EXECUTE FUNCTION jiahu_moves_by_merge()",
    ],
}
