//! The table of the field's rules in docs/RULES.md, held against the tree.

use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../docs/RULES.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cells of each row.
fn rows() -> Vec<Vec<&'static str>> {
    let (_, rest) = PAGE
        .split_once("<!-- begin rules of the field -->")
        .expect("the table begins");
    let (table, _) = rest
        .split_once("<!-- end rules of the field -->")
        .expect("the table ends");
    let lines = table.lines().filter(|line| line.starts_with("| R"));
    lines
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The source of a test: of the suite, or of a rule.
fn source(module: &str) -> String {
    let path = module.replace("::", "/");
    let places = [
        format!("tests/suite/{path}.rs"),
        format!("tests/suite/{path}/mod.rs"),
        format!("server/src/{path}/tests.rs"),
        format!("server/src/{path}.rs"),
    ];
    let texts = places
        .iter()
        .filter_map(|place| std::fs::read_to_string(root().join(place)).ok());
    texts.collect()
}

#[test]
fn every_rule_is_listed_once_in_order() {
    let listed: Vec<_> = rows().iter().map(|row| row[1]).collect();
    let expected: Vec<_> = (1..=24).map(|number| format!("R{number}")).collect();
    assert_eq!(listed, expected);
}

#[test]
fn what_the_table_names_exists() {
    for row in rows() {
        let (rule, enforced) = (row[1], row[3]);
        let files: Vec<_> = quoted(row[4]).collect();
        let tests: Vec<_> = quoted(row[6]).collect();
        let missing = enforced.starts_with("not yet");
        assert_eq!(
            files.is_empty(),
            missing,
            "{rule} says where it is enforced"
        );
        assert_eq!(tests.is_empty(), missing, "{rule} names its test");
        for file in files {
            assert!(root().join(file).is_file(), "{rule}: there is no {file}");
        }
        for test in tests {
            let (module, name) = test.rsplit_once("::").expect("module::name");
            let found = source(module).contains(&format!("fn {name}("));
            assert!(found, "{rule}: there is no test {test}");
        }
    }
}
