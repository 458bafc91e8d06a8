//! `jiahu doctor`: one line for each thing that may be wrong, with what to do.

mod content;
mod database;

use jiahu::config::{Config, PhotoPlace};
use jiahu::keys::Keyed;
use jiahu::photos::PhotoStore;

use super::outcome::{Failure, Outcome};
use super::settings::{Settings, absolute, load_keys};

#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {}

/// Prints findings as they come and counts them.
#[derive(Default)]
struct Report {
    fine: u32,
    warned: u32,
    failed: u32,
}

impl Report {
    fn line(level: &str, what: &str, said: &str) {
        println!("{level:<4}  {what:<17}  {said}");
    }

    fn ok(&mut self, what: &str, said: &str) {
        self.fine += 1;
        Self::line("ok", what, said);
    }

    fn warn(&mut self, what: &str, said: &str) {
        self.warned += 1;
        Self::line("warn", what, said);
    }

    fn fail(&mut self, what: &str, said: &str) {
        self.failed += 1;
        Self::line("fail", what, said);
    }

    /// A check that could not be made is a failure.
    fn failure(&mut self, what: &str, failure: Failure) {
        match failure {
            Failure::Because(reason) => self.fail(what, &reason),
            Failure::Told => self.failed += 1,
        }
    }
}

impl Doctor {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let mut report = Report::default();
        match settings.config() {
            Err(failure) => report.failure("configuration", failure),
            Ok(config) => examine(&mut report, &config).await,
        }
        let Report {
            fine,
            warned,
            failed,
        } = report;
        println!("{fine} ok, {warned} warn, {failed} fail");
        if failed == 0 {
            Ok(())
        } else {
            Err(Failure::Told)
        }
    }
}

async fn examine(report: &mut Report, config: &Config) {
    let folder = absolute(&config.data_dir);
    report.ok(
        "configuration",
        &format!("data folder {folder}; `jiahu config` prints all of it"),
    );
    keys(report, config);
    gateway(report, config);
    photos(report, config).await;
    let Some(db) = database::reach(report, config).await else {
        return;
    };
    database::settings(report, &db).await;
    if database::schema(report, &db).await {
        database::jobs(report, &db).await;
        content::check(report, &db).await;
    }
}

fn keys(report: &mut Report, config: &Config) {
    match load_keys(config) {
        Err(failure) => report.failure("key file", failure),
        Ok(keys) => {
            let (field, signing) = (keys.field().current().kid(), keys.signing().current().kid());
            let path = absolute(&config.keys_file);
            report.ok(
                "key file",
                &format!("{path}; current keys {field} and {signing}"),
            );
        }
    }
}

fn gateway(report: &mut Report, config: &Config) {
    if config.messages.webhook_url.is_some() {
        report.ok("message gateway", "configured");
    } else {
        report.warn(
            "message gateway",
            "none: codes and messages are not sent, so families cannot log in; set messages.webhook_url",
        );
    }
}

/// The place of photos. A folder is made when the server starts for the first time.
async fn photos(report: &mut Report, config: &Config) {
    const WHAT: &str = "photos";
    let shown = match &config.photos.store {
        PhotoPlace::Folder(path) if !path.exists() => {
            let path = absolute(path);
            return report.ok(WHAT, &format!("{path}, made at the first start"));
        }
        PhotoPlace::Folder(path) => absolute(path),
        bucket @ PhotoPlace::S3 { .. } => bucket.to_string(),
    };
    match PhotoStore::probe(&config.photos).await {
        Ok(()) => report.ok(WHAT, &shown),
        Err(error) => report.failure(WHAT, error.into()),
    }
}
