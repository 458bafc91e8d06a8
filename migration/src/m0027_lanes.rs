//! Lanes of jobs; what a message is about, what became of it on its way; links that go out by themselves.

crate::sql::step! {
    both: &[
        "ALTER TABLE job ADD COLUMN lane {text} NOT NULL DEFAULT 'work'",
        "UPDATE job SET lane = 'urgent' WHERE kind IN ('sos_escalation.v1', 'overdue.v1')",
        "UPDATE job SET lane = 'messages' WHERE kind = 'send_message.v1'",
        "UPDATE job SET lane = 'urgent' WHERE kind = 'send_message.v1' AND EXISTS (
             SELECT 1 FROM message m WHERE m.community_id = job.community_id AND m.id = job.subject_id
               AND m.template IN ('sos', 'still_fine', 'nurse_missed', 'login_code', 'arrival_code'))",
        "CREATE INDEX job_due_in_lane ON job (lane, run_at) WHERE state = 'ready'",
        "ALTER TABLE message ADD COLUMN task_id {uuid}",
        "ALTER TABLE message ADD COLUMN link_id {uuid}",
        "ALTER TABLE message ADD COLUMN drop_cause {text} CHECK ((state = 'dropped') = (drop_cause IS NOT NULL))",
        "ALTER TABLE message ADD COLUMN delivered_at {ts} CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))",
        // A receipt of the gateway names the message alone.
        "CREATE UNIQUE INDEX message_by_id ON message (id)",
        // A column cannot lose its NOT NULL on SQLite.
        "ALTER TABLE answer_link ADD COLUMN sender_id {uuid}",
        "UPDATE answer_link SET sender_id = sent_by",
        "ALTER TABLE answer_link DROP COLUMN sent_by",
        "ALTER TABLE answer_link RENAME COLUMN sender_id TO sent_by",
    ],
}
