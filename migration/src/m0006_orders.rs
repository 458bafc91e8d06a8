//! Orders, offers, visits, and the guards that no code path can go around: one live booking of an item
//! for a patient at a time, one live visit per order and seat, no nurse in two places at once.

crate::sql::step! {
    both: &[
        "CREATE TABLE care_order (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            number {text} NOT NULL,
            patient_id {uuid} NOT NULL,
            address_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            booked_by {uuid} NOT NULL,
            state {text} NOT NULL,
            version {big} NOT NULL,
            window_start {ts} NOT NULL,
            window_end {ts} NOT NULL,
            duration_min {int} NOT NULL,
            lng {f64},
            lat {f64},
            catalogue_version {int} NOT NULL,
            price {json} NOT NULL,
            total_fen {big} NOT NULL,
            fee_fen {big},
            screening_enc {text} NOT NULL,
            note_enc {text},
            round {int} NOT NULL,
            opened_at {ts},
            wave {int} NOT NULL,
            ring_m {big} NOT NULL,
            coordinator_told_at {ts},
            family_told_at {ts},
            end_reason_enc {text},
            created_at {ts} NOT NULL,
            updated_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, number),
            CHECK (window_end > window_start),
            CHECK (total_fen >= 0),
            FOREIGN KEY (community_id, patient_id) REFERENCES patient (community_id, id),
            FOREIGN KEY (community_id, address_id) REFERENCES address (community_id, id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, booked_by) REFERENCES account (community_id, id)
        ) {table}",
        "CREATE INDEX care_order_of_patient ON care_order (community_id, patient_id, id)",
        "CREATE INDEX care_order_of_institution ON care_order (community_id, institution_id, state, id)",
        // `live` and the window stand here again because the guard below needs them in one row.
        "CREATE TABLE order_item (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            order_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            item_code {text} NOT NULL,
            position {int} NOT NULL,
            window_start {ts} NOT NULL,
            window_end {ts} NOT NULL,
            live {bool} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, order_id, item_code),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id)
        ) {table}",
        "CREATE INDEX order_item_of_patient ON order_item (community_id, patient_id, item_code, window_end)",
        "CREATE TABLE offer (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            order_id {uuid} NOT NULL,
            nurse_id {uuid} NOT NULL,
            round {int} NOT NULL,
            wave {int} NOT NULL,
            ring_m {big} NOT NULL,
            distance_m {f64} NOT NULL,
            score {json} NOT NULL,
            state {text} NOT NULL,
            decline_reason {text},
            created_at {ts} NOT NULL,
            decided_at {ts},
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, order_id, round, nurse_id),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id),
            FOREIGN KEY (community_id, nurse_id) REFERENCES nurse (community_id, id)
        ) {table}",
        "CREATE INDEX offer_of_nurse ON offer (community_id, nurse_id, state, id)",
        "CREATE TABLE visit (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            order_id {uuid} NOT NULL,
            patient_id {uuid} NOT NULL,
            nurse_id {uuid} NOT NULL,
            seat {int} NOT NULL,
            live {bool} NOT NULL,
            version {big} NOT NULL,
            assigned_by {uuid},
            accepted_at {ts} NOT NULL,
            starts_at {ts} NOT NULL,
            ends_at {ts} NOT NULL,
            busy_from {ts} NOT NULL,
            busy_to {ts} NOT NULL,
            departed_at {ts},
            arrived_at {ts},
            arrived_device_at {ts},
            arrived_lng {f64},
            arrived_lat {f64},
            arrived_accuracy_m {f64},
            arrived_distance_m {f64},
            fence {text},
            started_at {ts},
            finished_at {ts},
            left_lng {f64},
            left_lat {f64},
            left_accuracy_m {f64},
            record_enc {text},
            recorded_at {ts},
            closed_at {ts},
            released_at {ts},
            release_reason_enc {text},
            PRIMARY KEY (community_id, id),
            CHECK (busy_to > busy_from),
            FOREIGN KEY (community_id, order_id) REFERENCES care_order (community_id, id),
            FOREIGN KEY (community_id, nurse_id) REFERENCES nurse (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX visit_one_live ON visit (community_id, order_id, seat) WHERE live",
        "CREATE INDEX visit_of_order ON visit (community_id, order_id)",
        "CREATE INDEX visit_of_nurse ON visit (community_id, nurse_id, busy_to)",
        "CREATE INDEX visit_of_patient ON visit (community_id, patient_id, nurse_id)",
        "CREATE TABLE visit_position (
            community_id {uuid} NOT NULL,
            visit_id {uuid} NOT NULL,
            at {ts} NOT NULL,
            lng {f64} NOT NULL,
            lat {f64} NOT NULL,
            accuracy_m {f64},
            PRIMARY KEY (community_id, visit_id, at),
            FOREIGN KEY (community_id, visit_id) REFERENCES visit (community_id, id)
        ) {clustered}",
    ],
    sqlite: &[
        "CREATE TRIGGER visit_no_overlap_insert BEFORE INSERT ON visit WHEN NEW.live
         BEGIN SELECT RAISE(ABORT, 'visit_no_overlap') WHERE EXISTS (
            SELECT 1 FROM visit v WHERE v.community_id = NEW.community_id AND v.nurse_id = NEW.nurse_id
            AND v.live AND v.busy_from < NEW.busy_to AND NEW.busy_from < v.busy_to); END",
        "CREATE TRIGGER visit_no_overlap_update BEFORE UPDATE ON visit WHEN NEW.live
         BEGIN SELECT RAISE(ABORT, 'visit_no_overlap') WHERE EXISTS (
            SELECT 1 FROM visit v WHERE v.community_id = NEW.community_id AND v.nurse_id = NEW.nurse_id
            AND v.id <> NEW.id AND v.live AND v.busy_from < NEW.busy_to AND NEW.busy_from < v.busy_to); END",
        "CREATE TRIGGER order_item_no_duplicate_insert BEFORE INSERT ON order_item WHEN NEW.live
         BEGIN SELECT RAISE(ABORT, 'order_item_no_duplicate') WHERE EXISTS (
            SELECT 1 FROM order_item i WHERE i.community_id = NEW.community_id AND i.patient_id = NEW.patient_id
            AND i.item_code = NEW.item_code AND i.live
            AND i.window_start < NEW.window_end AND NEW.window_start < i.window_end); END",
        "CREATE TRIGGER order_item_no_duplicate_update BEFORE UPDATE ON order_item WHEN NEW.live
         BEGIN SELECT RAISE(ABORT, 'order_item_no_duplicate') WHERE EXISTS (
            SELECT 1 FROM order_item i WHERE i.community_id = NEW.community_id AND i.patient_id = NEW.patient_id
            AND i.id <> NEW.id AND i.item_code = NEW.item_code AND i.live
            AND i.window_start < NEW.window_end AND NEW.window_start < i.window_end); END",
    ],
    postgres: &[
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE visit ADD CONSTRAINT visit_no_overlap EXCLUDE USING gist
         (community_id WITH =, nurse_id WITH =, tstzrange(busy_from, busy_to) WITH &&) WHERE (live)",
        "ALTER TABLE order_item ADD CONSTRAINT order_item_no_duplicate EXCLUDE USING gist
         (community_id WITH =, patient_id WITH =, item_code WITH =, tstzrange(window_start, window_end) WITH &&)
         WHERE (live)",
    ],
}
