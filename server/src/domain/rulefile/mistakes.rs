//! For tests: puts a mistake into a shipped file and sees that it is found.

use serde_json::Value;

use super::{RuleErrors, RuleFile, RuleProblem, parse};

/// What is wrong with a seed file after one value in it, at a JSON pointer, was replaced.
pub(in crate::domain) fn with<T: RuleFile>(
    seed: &str,
    pointer: &str,
    value: Value,
) -> Vec<RuleProblem> {
    let mut json: Value = serde_json::from_str(seed).expect("the seed is JSON");
    *json
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{pointer} is in the seed")) = value;
    match parse::<T>(&json.to_string()) {
        Ok(_) => Vec::new(),
        Err(RuleErrors(problems)) => problems,
    }
}

/// Each line is a mistake and where it is found: `pointer | new value | path | code`.
pub(in crate::domain) fn assert_found<T: RuleFile>(seed: &str, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<_> = line.split(" | ").map(str::trim).collect();
        let [pointer, value, path, code] = cells[..] else {
            panic!("four cells: {line}")
        };
        let value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{line}: {error}"));
        let found: Vec<_> = with::<T>(seed, pointer, value)
            .into_iter()
            .map(|problem| {
                (
                    problem.path,
                    serde_json::to_value(problem.code).expect("a word"),
                )
            })
            .collect();
        assert!(
            found.contains(&(path.to_owned(), code.into())),
            "{line}: {found:?}"
        );
    }
}
