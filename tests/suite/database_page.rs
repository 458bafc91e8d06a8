//! `docs/DATABASE.md` names every table and column of the schema.

use std::collections::BTreeMap;

use jiahu::store::sql;
use jiahu_tests::on_both;
use sea_orm::FromQueryResult;

/// What the page says once for all tables.
const EVERYWHERE: &[&str] = &["community_id", "id", "version", "created_at", "updated_at"];
/// Ids that say nothing but whose row it is.
const WHOSE: &[&str] = &[
    "patient_id",
    "nurse_id",
    "order_id",
    "visit_id",
    "institution_id",
    "plan_id",
    "discharge_id",
    "exercise_id",
    "address_id",
    "merge_id",
];
/// The migrator's own.
const FOREIGN: &[&str] = &["seaql_migrations"];

#[derive(FromQueryResult)]
struct Named {
    in_table: String,
    name: String,
}

/// What the page says of each table, in however many places.
fn page() -> BTreeMap<String, String> {
    let page = include_str!("../../docs/DATABASE.md");
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in page.lines() {
        if let Some((table, _)) = line
            .strip_prefix("- **")
            .and_then(|rest| rest.split_once("**"))
            .filter(|(name, _)| {
                name.chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter == '_')
            })
        {
            current = Some(table.to_owned());
        } else if !line.starts_with("  ") {
            current = None;
        }
        if let Some(table) = &current {
            tables.entry(table.clone()).or_default().push_str(line);
        }
    }
    tables
}

on_both! {
    async fn every_table_and_column_stands_in_the_page(server: TestServer) {
        let columns = if server.app.db.is_sqlite() {
            "SELECT m.name AS in_table, p.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) p
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        } else {
            "SELECT table_name::text AS in_table, column_name::text AS name FROM information_schema.columns
             WHERE table_schema = current_schema()"
        };
        let columns = sql::all::<Named>(server.app.db.reader(), columns, []).await.expect("the schema");
        assert!(columns.len() > 500, "{} columns", columns.len());
        let page = page();
        let missing: Vec<_> = columns
            .iter()
            .filter(|column| !FOREIGN.contains(&column.in_table.as_str()))
            .filter(|column| {
                let said = page.get(&column.in_table);
                let plain = EVERYWHERE.contains(&column.name.as_str()) || WHOSE.contains(&column.name.as_str());
                !said.is_some_and(|said| plain || said.contains(&format!("`{}`", column.name)))
            })
            .map(|column| format!("{}.{}", column.in_table, column.name))
            .collect();
        assert!(missing.is_empty(), "not in docs/DATABASE.md: {missing:?}");
        let tables: Vec<_> = columns.iter().map(|column| column.in_table.as_str()).collect();
        let gone: Vec<_> = page.keys().filter(|table| !tables.contains(&table.as_str())).collect();
        assert!(gone.is_empty(), "only in docs/DATABASE.md: {gone:?}");
    }
}
