//! Communities (the tenant), institutions, who stands under whom, and the items each has opened.

crate::sql::step! {
    both: &[
        "CREATE TABLE community (
            id {uuid} NOT NULL PRIMARY KEY,
            code {text} NOT NULL UNIQUE,
            name_zh {text} NOT NULL,
            name_en {text} NOT NULL,
            lng {f64} NOT NULL,
            lat {f64} NOT NULL,
            created_at {ts} NOT NULL
        ) {table}",
        "CREATE TABLE institution (
            community_id {uuid} NOT NULL REFERENCES community (id),
            id {uuid} NOT NULL,
            parent_id {uuid},
            kind {text} NOT NULL,
            code {text} NOT NULL,
            name_zh {text} NOT NULL,
            name_en {text} NOT NULL,
            phone {text} NOT NULL,
            lng {f64} NOT NULL,
            lat {f64} NOT NULL,
            practice_licence {text} NOT NULL,
            home_care_approved {bool} NOT NULL,
            active {bool} NOT NULL,
            version {big} NOT NULL,
            created_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, code),
            FOREIGN KEY (community_id, parent_id) REFERENCES institution (community_id, id)
        ) {table}",
        // Every pair (institution, one at or under it): scope is a look-up, not a recursion.
        "CREATE TABLE institution_scope (
            community_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            member_id {uuid} NOT NULL,
            PRIMARY KEY (community_id, institution_id, member_id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id),
            FOREIGN KEY (community_id, member_id) REFERENCES institution (community_id, id)
        ) {clustered}",
        "CREATE TABLE institution_item (
            community_id {uuid} NOT NULL,
            institution_id {uuid} NOT NULL,
            item_code {text} NOT NULL,
            open {bool} NOT NULL,
            changed_at {ts} NOT NULL,
            changed_by {uuid},
            PRIMARY KEY (community_id, institution_id, item_code),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id)
        ) {clustered}",
    ],
}
