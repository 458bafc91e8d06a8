//! The key file on disk: readable by its owner alone, written whole, never overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::Keys;
use super::format::parse;
use crate::crypto::{hex, random_bytes};

/// A key file is some hundred bytes; anything this large is another file.
const MAX_BYTES: u64 = 64 * 1024;

/// Why the key file was not read or written. No variant carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The operating system refused.
    #[error("key file {path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error(
        "key file {path} has mode {mode:04o}, so others may use it; it must be 0600 or stricter: chmod 600 {path}",
        path = .path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a file already.
    #[error("key file {path} exists and is not overwritten", path = .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It is not a usable set of keys.
    #[error("key file {path}: {what}", path = .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl KeyFileError {
    /// A stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "key_file_io",
            Self::TooOpen { .. } => "key_file_too_open",
            Self::Exists { .. } => "key_file_exists",
            Self::Malformed { .. } => "key_file_malformed",
        }
    }
}

impl Keys {
    /// Reads a key file. On unix it must be closed to group and others.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_private(path)?;
        parse(text.expose_secret()).map_err(|what| KeyFileError::Malformed {
            path: path.to_owned(),
            what,
        })
    }

    /// Writes a new key file, whole or not at all, with mode 0600. Never overwrites.
    pub fn save_new(&self, path: &Path) -> Result<(), KeyFileError> {
        write_new(path, self.to_toml().expose_secret().as_bytes()).map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::AlreadyExists => KeyFileError::Exists { path },
                _ => KeyFileError::Io { path, source },
            }
        })
    }
}

fn read_private(path: &Path) -> Result<SecretString, KeyFileError> {
    let failed = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    check_mode(path, &file)?;
    let mut text = String::with_capacity(8 * 1024);
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    let text = SecretString::from(text);
    let large = || io::Error::new(io::ErrorKind::FileTooLarge, "too large for a key file");
    match read.map_err(failed)? as u64 {
        0..=MAX_BYTES => Ok(text),
        _ => Err(failed(large())),
    }
}

/// Asks the opened file, not the path: the path may lead elsewhere a moment later.
#[cfg(unix)]
fn check_mode(path: &Path, file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    let path = path.to_owned();
    match file.metadata() {
        Err(source) => Err(KeyFileError::Io { path, source }),
        Ok(about) => match about.permissions().mode() & 0o7777 {
            mode if mode & !0o600 == 0 => Ok(()),
            mode => Err(KeyFileError::TooOpen { path, mode }),
        },
    }
}

#[cfg(not(unix))]
fn check_mode(_path: &Path, _file: &File) -> Result<(), KeyFileError> {
    Ok(())
}

/// A hard link appears whole and fails when the name is taken, so of two starting servers one wins.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let draft = folder.join(format!(".keys-{}", hex(&random_bytes::<8>())));
    let done = write_draft(&draft, bytes).and_then(|()| fs::hard_link(&draft, path));
    match fs::remove_file(&draft) {
        Err(error) if done.is_ok() => return Err(error),
        _ => done?,
    }
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = folder();
        let path = folder.path().join("keys.toml");
        let keys = Keys::generate();
        keys.save_new(&path).expect("saved");
        let read = Keys::load(&path).expect("loaded");
        assert_eq!(
            read.to_toml().expose_secret(),
            keys.to_toml().expose_secret()
        );
        assert_eq!(
            read.signing().current().public(),
            keys.signing().current().public()
        );
        assert_eq!(
            fs::read_dir(folder.path()).expect("listed").count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let folder = folder();
        let path = folder.path().join("keys.toml");
        fs::write(&path, "mine").expect("written");
        let error = Keys::generate().save_new(&path).expect_err("refused");
        assert_eq!(error.code(), "key_file_exists");
        assert_eq!(fs::read_to_string(&path).expect("read"), "mine");
        assert_eq!(
            fs::read_dir(folder.path()).expect("listed").count(),
            1,
            "no draft is left"
        );
    }

    #[test]
    fn of_many_writers_one_wins() {
        let folder = folder();
        let path = folder.path().join("keys.toml");
        let won = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Keys::generate().save_new(&path).is_ok()))
                .collect();
            writers
                .into_iter()
                .map(|writer| writer.join().expect("joined"))
                .filter(|won| *won)
                .count()
        });
        assert_eq!(won, 1);
        Keys::load(&path).expect("whole");
    }

    #[cfg(unix)]
    #[rstest]
    #[case(0o600, true)]
    #[case(0o400, true)]
    #[case(0o640, false)]
    #[case(0o604, false)]
    #[case(0o660, false)]
    #[case(0o644, false)]
    #[case(0o700, false)]
    fn only_the_owner_may_read(#[case] mode: u32, #[case] accepted: bool) {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = folder.path().join("keys.toml");
        Keys::generate().save_new(&path).expect("saved");
        assert_eq!(
            fs::metadata(&path).expect("there").permissions().mode() & 0o7777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        match Keys::load(&path) {
            Ok(_) => assert!(accepted),
            Err(error) => {
                assert!(!accepted, "{error}");
                assert_eq!(error.code(), "key_file_too_open");
                assert!(error.to_string().contains("chmod 600"), "{error}");
                assert!(
                    error.to_string().contains(&format!("{mode:04o}")),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_missing_or_huge_file_is_an_io_error() {
        let folder = folder();
        let path = folder.path().join("keys.toml");
        assert_eq!(
            Keys::load(&path).expect_err("missing").code(),
            "key_file_io"
        );
        let size = usize::try_from(MAX_BYTES).expect("small") + 1;
        write_new(&path, &vec![b'#'; size]).expect("written");
        assert_eq!(Keys::load(&path).expect_err("huge").code(), "key_file_io");
    }
}
