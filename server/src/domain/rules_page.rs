//! Reads docs/RULES.md, so that the page cannot drift from the code it describes.

/// The page as it stands in the repository.
const PAGE: &str = include_str!("../../../docs/RULES.md");

/// Lines between `<!-- begin NAME -->` and `<!-- end NAME -->`, empty ones left out.
pub(super) fn section(name: &str) -> Vec<String> {
    let begin = format!("<!-- begin {name} -->");
    let end = format!("<!-- end {name} -->");
    let (_, rest) = PAGE.split_once(&begin).expect("the section begins");
    let (body, _) = rest.split_once(&end).expect("the section ends");
    let lines = body.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty())
        .map(String::from)
        .collect()
}

/// First cell of every row of a section's table, without its backquotes.
pub(super) fn first_cells(name: &str) -> Vec<String> {
    let rows = section(name).into_iter().skip(2);
    rows.filter_map(|row| Some(row.split('|').nth(1)?.trim().trim_matches('`').to_owned()))
        .collect()
}
