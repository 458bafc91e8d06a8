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
    /// Makes the folder where there is none, and closes it to others.
    pub fn create(path: &Path) -> Result<Self> {
        let closed = || -> io::Result<PathBuf> {
            fs::create_dir_all(path)?;
            #[cfg(unix)]
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            fs::canonicalize(path)
        };
        closed()
            .map(Self)
            .map_err(|error| Self::failed(path, &error))
    }

    /// A folder that a demo has made.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = fs::canonicalize(path)
            .map(Self)
            .map_err(|error| Self::failed(path, &error))?;
        if folder.logins_file().is_file() {
            Ok(folder)
        } else {
            let path = folder.0.display();
            Err(Error::internal(format!(
                "{path} is not the folder of a demo: run `jiahu demo` first"
            )))
        }
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

    /// The keys; new ones where there are none.
    pub fn keys(&self) -> Result<Keys> {
        let file = self.keys_file();
        if !file.exists() {
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
