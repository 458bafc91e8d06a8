//! Follow-up: a plan for each schedule of a discharge, tasks that serve one plan or several, and every attempt to
//! reach somebody.

crate::sql::step! {
    both: &[
        "CREATE TABLE follow_plan (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            discharge_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            schedule {text} NOT NULL,
            rules_version {int} NOT NULL,
            starts_on {date} NOT NULL,
            planned_to {date} NOT NULL,
            state {text} NOT NULL,
            stop_cause {text},
            stopped_at {ts},
            created_at {ts} NOT NULL,
            version {big} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK ((state = 'stopped') = (stop_cause IS NOT NULL)),
            CHECK ((stop_cause IS NULL) = (stopped_at IS NULL)),
            FOREIGN KEY (community_id, discharge_id) REFERENCES discharge (community_id, id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX follow_plan_once ON follow_plan (community_id, discharge_id, schedule)
         WHERE state <> 'stopped'",
        "CREATE INDEX follow_plan_of_patient ON follow_plan (community_id, patient_id, id)",
        "CREATE TABLE follow_task (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            owner_nurse_id {uuid},
            opens_on {date} NOT NULL,
            due_on {date} NOT NULL,
            ends_on {date} NOT NULL,
            channel {text} NOT NULL,
            channels {json} NOT NULL,
            questionnaires {json} NOT NULL,
            scales {json} NOT NULL,
            resolve_if {text} NOT NULL,
            state {text} NOT NULL,
            stop_cause {text},
            reached_at {ts},
            reached_by_proxy {bool} NOT NULL,
            resolved_by {text},
            resolved_at {ts},
            attempts {int} NOT NULL,
            message_id {uuid},
            created_at {ts} NOT NULL,
            version {big} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK (opens_on <= due_on AND due_on <= ends_on),
            CHECK ((state = 'stopped') = (stop_cause IS NOT NULL)),
            CHECK ((state IN ('waiting', 'open', 'reached')) = (resolved_at IS NULL)),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, owner_nurse_id) REFERENCES nurse (community_id, id)
        ) {table}",
        // Nobody is called twice on one day.
        "CREATE UNIQUE INDEX follow_task_one_a_day ON follow_task (community_id, patient_id, due_on)
         WHERE state IN ('waiting', 'open', 'reached')",
        "CREATE INDEX follow_task_of_patient ON follow_task (community_id, patient_id, due_on)",
        "CREATE INDEX follow_task_of_institution ON follow_task (community_id, institution_id, due_on, id)",
        "CREATE INDEX follow_task_of_nurse ON follow_task (community_id, owner_nurse_id, due_on, id)",
        "CREATE INDEX follow_task_live ON follow_task (community_id, opens_on)
         WHERE state IN ('waiting', 'open', 'reached')",
        "CREATE TABLE follow_task_plan (
            community_id {uuid} NOT NULL,
            task_id {uuid} NOT NULL,
            plan_id {uuid} NOT NULL,
            day {int} NOT NULL,
            wanted_on {date} NOT NULL,
            PRIMARY KEY (community_id, task_id, plan_id),
            UNIQUE (community_id, plan_id, day),
            FOREIGN KEY (community_id, task_id) REFERENCES follow_task (community_id, id),
            FOREIGN KEY (community_id, plan_id) REFERENCES follow_plan (community_id, id)
        ) {clustered}",
        "CREATE TABLE contact_attempt (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            task_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            at {ts} NOT NULL,
            channel {text} NOT NULL,
            result {text} NOT NULL,
            proxy {text},
            note_enc {text},
            nurse_id {uuid},
            recorded_by {uuid} NOT NULL,
            recorded_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            CHECK ((result = 'reached_proxy') = (proxy IS NOT NULL)),
            FOREIGN KEY (community_id, task_id) REFERENCES follow_task (community_id, id),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, nurse_id) REFERENCES nurse (community_id, id)
        ) {table}",
        "CREATE INDEX contact_attempt_of_task ON contact_attempt (community_id, task_id, id)",
    ],
    sqlite: &[
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE ON contact_attempt
         BEGIN SELECT RAISE(ABORT, 'contact_attempt_is_final'); END",
        "CREATE TRIGGER contact_attempt_stays BEFORE DELETE ON contact_attempt
         BEGIN SELECT RAISE(ABORT, 'contact_attempt_stays'); END",
    ],
    postgres: &[
        "CREATE TRIGGER contact_attempt_is_final BEFORE UPDATE OR DELETE ON contact_attempt
         FOR EACH ROW EXECUTE FUNCTION jiahu_refuse()",
    ],
}
