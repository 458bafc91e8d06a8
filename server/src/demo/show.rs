//! What a demo prints: where it is, that it is a demo, and who can log in.

use std::fmt::Write;
use std::net::SocketAddr;

use super::Folder;
use crate::config::{Config, DatabaseUrl};
use crate::county::{DemoLogins, Login};

/// Where everything is, and who can log in; `program` is how this program was called.
pub fn banner(
    program: &str,
    folder: &Folder,
    config: &Config,
    address: SocketAddr,
    logins: &DemoLogins,
) -> String {
    let database = match &config.database_url {
        DatabaseUrl::Sqlite(path) => path.display().to_string(),
        other @ DatabaseUrl::Postgres(_) => other.to_string(),
    };
    let mut lines = vec![
        ("API", format!("http://{address}/v1")),
        ("Documentation", format!("http://{address}/docs")),
        ("Database", database),
        ("All logins", folder.logins_file().display().to_string()),
        ("Settings", folder.config_file().display().to_string()),
    ];
    if config.simulated_clock {
        lines.insert(
            2,
            (
                "Clock",
                format!("http://{address}/demo/clock (stands still until PUT {{\"now\": …}})"),
            ),
        );
    }
    let mut text = String::from(
        "\n=== DEMO === DEMO === DEMO ===\n\
         Every person here is invented. Messages and login codes are printed below, not sent.\n\n",
    );
    for (what, value) in lines {
        let _ = writeln!(text, "{what:14} {value}");
    }
    for community in &logins.communities {
        let _ = write!(
            text,
            "\nCommunity {} ({})\n{}",
            community.community,
            community.name,
            table(&community.one_each())
        );
    }
    let data_dir = folder.path().display();
    let _ = write!(
        text,
        "\nStaff and nurses also need the code of the moment:\n  {program} demo totp --data-dir {data_dir} PHONE\n"
    );
    text
}

/// A table of logins.
fn table(logins: &[&Login]) -> String {
    let head = ["role", "name", "phone", "password", "code"].map(str::to_owned);
    let row = |login: &&Login| {
        let code = if login.totp_secret.is_some() {
            "see below"
        } else {
            "-"
        };
        [
            login.role.as_str(),
            &login.name,
            &login.phone,
            &login.password,
            code,
        ]
        .map(str::to_owned)
    };
    let rows: Vec<[String; 5]> = std::iter::once(head)
        .chain(logins.iter().map(row))
        .collect();
    let mut text = String::new();
    for row in &rows {
        let _ = write!(text, " ");
        for (column, cell) in row.iter().enumerate() {
            let wide = rows
                .iter()
                .map(|row| width(&row[column]))
                .max()
                .unwrap_or(0);
            let _ = write!(text, " {cell}{} ", " ".repeat(wide - width(cell)));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Columns on a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if c >= '\u{2E80}' { 2 } else { 1 })
        .sum()
}
