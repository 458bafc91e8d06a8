//! Every row of a community, to see that a refusal changes nothing.

use entity::ids::CommunityId;
use jiahu_tests::harness::TestServer;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, Statement};

/// Tables that are not looked at: the steps of the schema, the tenants themselves, and when a session was last seen.
const LEFT_OUT: [&str; 3] = ["seaql_migrations", "community", "session"];

macro_rules! watch {
    ($($table:ident)+) => {
        const WATCHED: &[&str] = &[$(stringify!($table)),+];

        /// The rows as text.
        pub(crate) async fn of(server: &TestServer, community: CommunityId) -> Vec<String> {
            let mut all = Vec::new();
            $({
                let rows = entity::$table::Entity::find()
                    .filter(entity::$table::Column::CommunityId.eq(community))
                    .all(server.app.db.reader())
                    .await
                    .expect("rows");
                all.extend(rows.iter().map(|row| format!("{row:?}")));
            })+
            all.sort();
            all
        }
    };
}

watch! {
    account address address_proposal address_warning admission alert answer_link answer_sheet arrival_code
    arrival_exception assessment care_order carer certification complaint consent contact_attempt death_notice device
    device_visit discharge discharge_feed entitlement event exercise_picture follow_plan follow_task follow_task_plan follow_task_skip health_fact idempotency
    institution institution_item institution_scope invite job login_code message nurse nurse_duty nurse_leave
    nurse_reach nurse_refusal offer order_charge order_item patient patient_card patient_duplicate patient_merge patient_merge_row patient_read prescription rate_counter reading
    refresh_token rehab_exercise rehab_log rehab_plan role_grant rule_set safety_report scale_score sos_alarm
    sync_action visit visit_amendment visit_identity visit_photo visit_position visit_screening visit_signature
    visit_waste visit_watch
}

/// Tables of the database that nobody looks at.
pub(super) async fn not_watched(server: &TestServer) -> Vec<String> {
    let db = server.app.db.reader();
    let sql = match db.get_database_backend() {
        DatabaseBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
    };
    let tables = Statement::from_string(db.get_database_backend(), sql);
    let tables = db.query_all_raw(tables).await.expect("the tables");
    let names = tables
        .iter()
        .map(|row| row.try_get_by_index::<String>(0).expect("a name"));
    let known = |name: &String| WATCHED.iter().chain(&LEFT_OUT).any(|known| known == name);
    names.filter(|name| !known(name)).collect()
}
