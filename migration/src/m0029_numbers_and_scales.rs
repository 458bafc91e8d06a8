//! Numbers that families and nurses tell by themselves: what told each, and who. Scales of a follow-up task that are not
//! filled in, and why.

crate::sql::step! {
    both: &[
        "ALTER TABLE reading ADD COLUMN source {text}",
        "ALTER TABLE reading ADD COLUMN told_by {uuid}",
        "CREATE TABLE follow_task_skip (
            community_id {uuid} NOT NULL,
            task_id {uuid} NOT NULL,
            scale {text} NOT NULL,
            reason {text} NOT NULL,
            skipped_by {uuid} NOT NULL,
            skipped_at {ts} NOT NULL,
            PRIMARY KEY (community_id, task_id, scale),
            CHECK (reason IN ('refused', 'unable', 'unsafe', 'not_applicable')),
            FOREIGN KEY (community_id, task_id) REFERENCES follow_task (community_id, id)
        ) {clustered}",
    ],
}
