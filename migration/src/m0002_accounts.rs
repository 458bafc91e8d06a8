//! Accounts, their roles, sessions and tokens, one-time codes and links, and the counters that slow guessing.

crate::sql::step! {
    both: &[
        "CREATE TABLE account (
            community_id {uuid} NOT NULL REFERENCES community (id),
            id {uuid} NOT NULL,
            status {text} NOT NULL,
            name_enc {text} NOT NULL,
            phone_enc {text} NOT NULL,
            phone_hash {text} NOT NULL,
            language {text} NOT NULL,
            password_hash {text},
            totp_secret_enc {text},
            totp_confirmed_at {ts},
            totp_last_step {big},
            version {big} NOT NULL,
            created_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, phone_hash)
        ) {table}",
        "CREATE TABLE role_grant (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            account_id {uuid} NOT NULL,
            role {text} NOT NULL,
            institution_id {uuid},
            granted_by {uuid},
            granted_at {ts} NOT NULL,
            PRIMARY KEY (community_id, id),
            FOREIGN KEY (community_id, account_id) REFERENCES account (community_id, id),
            FOREIGN KEY (community_id, institution_id) REFERENCES institution (community_id, id)
        ) {table}",
        "CREATE UNIQUE INDEX role_grant_once ON role_grant (community_id, account_id, role, institution_id)",
        "CREATE TABLE session (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            account_id {uuid} NOT NULL,
            device {text} NOT NULL,
            created_at {ts} NOT NULL,
            last_seen_at {ts} NOT NULL,
            expires_at {ts} NOT NULL,
            revoked_at {ts},
            revoke_reason {text},
            PRIMARY KEY (community_id, id),
            FOREIGN KEY (community_id, account_id) REFERENCES account (community_id, id)
        ) {table}",
        "CREATE INDEX session_of_account ON session (community_id, account_id)",
        "CREATE TABLE refresh_token (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            session_id {uuid} NOT NULL,
            token_hash {text} NOT NULL,
            created_at {ts} NOT NULL,
            expires_at {ts} NOT NULL,
            used_at {ts},
            successor_id {uuid},
            revoked_at {ts},
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, token_hash),
            FOREIGN KEY (community_id, session_id) REFERENCES session (community_id, id)
        ) {table}",
        "CREATE INDEX refresh_token_of_session ON refresh_token (community_id, session_id)",
        "CREATE TABLE login_code (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            phone_hash {text} NOT NULL,
            code_hash {text} NOT NULL,
            created_at {ts} NOT NULL,
            expires_at {ts} NOT NULL,
            tries {int} NOT NULL,
            used_at {ts},
            PRIMARY KEY (community_id, id)
        ) {table}",
        "CREATE INDEX login_code_of_phone ON login_code (community_id, phone_hash, created_at)",
        // Counts in fixed windows; survives a restart, shared by all processes.
        "CREATE TABLE rate_counter (
            community_id {uuid} NOT NULL,
            subject {text} NOT NULL,
            window_start {ts} NOT NULL,
            hits {big} NOT NULL,
            PRIMARY KEY (community_id, subject, window_start)
        ) {clustered}",
        "CREATE TABLE invite (
            community_id {uuid} NOT NULL,
            id {uuid} NOT NULL,
            account_id {uuid} NOT NULL,
            token_hash {text} NOT NULL,
            created_at {ts} NOT NULL,
            expires_at {ts} NOT NULL,
            used_at {ts},
            PRIMARY KEY (community_id, id),
            UNIQUE (community_id, token_hash),
            FOREIGN KEY (community_id, account_id) REFERENCES account (community_id, id)
        ) {table}",
    ],
}
