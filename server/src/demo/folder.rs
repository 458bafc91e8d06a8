//! The folder of a demo: keys, settings, logins and, unless another one is named, the database.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::config::DatabaseUrl;
use crate::county::{DemoLogins, write_private};
use crate::error::{Error, Result};
use crate::keys::Keys;

/// The folder of a demo.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder of this path; nothing is made yet.
    pub fn at(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path);
        absolute
            .map(Self)
            .map_err(|error| Self::failed(path, &error))
    }

    /// Makes the folder where there is none, and closes it to others.
    pub fn create(&self) -> Result<()> {
        let made = || -> io::Result<()> {
            fs::create_dir_all(&self.0)?;
            #[cfg(unix)]
            fs::set_permissions(&self.0, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            Ok(())
        };
        made().map_err(|error| Self::failed(&self.0, &error))
    }

    fn failed(path: &Path, error: &io::Error) -> Error {
        Error::internal(format!("{}: {error}", path.display()))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database of a demo that names no other.
    pub fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.0.join("jiahu.db"))
    }

    /// Where the keys are.
    pub fn keys_file(&self) -> PathBuf {
        self.0.join("keys.toml")
    }

    /// Settings for other commands, such as `jiahu doctor --config`.
    pub fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Who can log in.
    pub fn logins_file(&self) -> PathBuf {
        self.0.join("logins.json")
    }

    /// The keys; new ones where there are none and they may be made.
    pub fn keys(&self, may_make: bool) -> Result<Keys> {
        let file = self.keys_file();
        if may_make && !file.exists() {
            let keys = Keys::generate();
            keys.save_new(&file).map_err(Error::internal)?;
            return Ok(keys);
        }
        Keys::load(&file).map_err(Error::internal)
    }

    /// The logins, when the county was loaded from this folder.
    pub fn logins(&self) -> Result<Option<DemoLogins>> {
        let file = self.logins_file();
        match DemoLogins::read(&file) {
            Ok(logins) => Ok(Some(logins)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Self::failed(&file, &error)),
        }
    }

    /// The logins of a demo that was filled before.
    pub fn require_logins(&self) -> Result<DemoLogins> {
        self.logins()?.ok_or_else(|| {
            let path = self.0.display();
            Error::internal(format!(
                "{path} is not the folder of a demo: run `jiahu demo` with it first"
            ))
        })
    }

    /// Keeps the logins.
    pub fn write_logins(&self, logins: &DemoLogins) -> Result<()> {
        let file = self.logins_file();
        logins
            .write(&file)
            .map_err(|error| Self::failed(&file, &error))
    }

    /// Keeps the settings by which other commands find the demo.
    pub fn write_config(&self, database: &DatabaseUrl, listen: SocketAddr) -> Result<()> {
        let url = match database {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.expose_secret().to_owned(),
        };
        let text = |value: &str| toml::Value::from(value).to_string();
        let config = format!(
            "# Written by `jiahu demo`, anew at each start. For other commands: jiahu doctor --config THIS_FILE\n\
             data_dir = {}\n\
             database_url = {}\n\
             listen = {}\n\n\
             [limits]\n\
             requests_per_min = 0\n\
             logins_per_min = 0\n",
            text(&self.0.display().to_string()),
            text(&url),
            text(&listen.to_string()),
        );
        let file = self.config_file();
        write_private(&file, &config).map_err(|error| Self::failed(&file, &error))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::{Args, Config, Env};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn what_is_secret_is_closed_to_others() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&place.path().join("new/demo")).expect("a path");
        folder.create().expect("made");
        folder.keys(false).expect_err("none to join with");
        folder.keys(true).expect("made");
        folder.keys(false).expect("kept");
        folder.require_logins().err().expect("none yet");
        folder
            .write_logins(&DemoLogins::default())
            .expect("written");
        assert!(
            folder
                .require_logins()
                .is_ok_and(|logins| logins == DemoLogins::default())
        );
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.logins_file()), 0o600);
        assert_eq!(mode(&folder.keys_file()), 0o600);
    }

    #[test]
    fn other_commands_find_the_demo_by_its_settings() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(place.path()).expect("a path");
        for url in [
            "postgres://u:s3cret%22@db/demo".parse().expect("a URL"),
            folder.database(),
        ] {
            folder
                .write_config(&url, SocketAddr::from(([127, 0, 0, 1], 9)))
                .expect("written");
            assert_eq!(mode(&folder.config_file()), 0o600);
            let flags = Args {
                config: Some(folder.config_file()),
                ..Args::default()
            };
            let config = Config::load(&flags, &Env::default()).expect("reads");
            let whole = |url: &DatabaseUrl| url.connection_url(false).expose_secret().to_owned();
            assert_eq!(whole(&config.database_url), whole(&url));
            assert_eq!(config.keys_file, folder.keys_file());
            assert_eq!(config.limits.requests_per_min, 0);
            assert!(!config.demo, "only the command makes a demo");
        }
    }
}
