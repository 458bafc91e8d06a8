//! What every command starts from: the configuration, and the parts of the service that it leads to.

use std::path::Path;

use jiahu::app::App;
use jiahu::config::{Args, Config, Env};
use jiahu::keys::Keys;
use jiahu::serve::{Made, build};

use super::outcome::{Failure, Outcome};

/// Flags and environment, not yet resolved.
pub(crate) struct Settings {
    pub(crate) args: Args,
    pub(crate) env: Env,
}

impl Settings {
    /// Resolves and checks the configuration.
    pub(crate) fn config(&self) -> Outcome<Config> {
        Ok(Config::load(&self.args, &self.env)?)
    }

    /// The parts of the service, on a database that is there and up to date.
    pub(crate) async fn app(&self) -> Outcome<App> {
        open(self.config()?).await
    }
}

/// Puts the service together; refuses a database that is not there or not up to date.
pub(crate) async fn open(config: Config) -> Outcome<App> {
    config
        .database_url
        .require_existing()
        .map_err(Failure::Because)?;
    let keys = load_keys(&config)?;
    let made = Made::for_production(&config, keys)?;
    let app = build(config, made).await?;
    let missing = migration::missing(app.db.reader()).await?;
    if missing.is_empty() {
        Ok(app)
    } else {
        let steps = missing.join(", ");
        Err(Failure::because(format!(
            "the database is not up to date (missing: {steps}): run `jiahu migrate`"
        )))
    }
}

/// Reads the key file, or says how to get one.
pub(crate) fn load_keys(config: &Config) -> Outcome<Keys> {
    let path = &config.keys_file;
    if !path.exists() {
        return Err(Failure::because(format!(
            "there is no key file at {}: run `jiahu keys new`, or restore it when the installation has data",
            path.display()
        )));
    }
    Ok(Keys::load(path)?)
}

/// Makes the folder of a file, open to its owner alone.
pub(crate) fn make_folder_of(file: &Path) -> Outcome {
    let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::because(format!("folder {}: {error}", folder.display())))
}

/// A path as a person finds it again from anywhere.
pub(crate) fn absolute(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}
