//! Who can log in to a demo, written to a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use entity::enums::Role;
use entity::ids::{AccountId, NurseId, PatientId};
use serde::{Deserialize, Serialize};

/// Logins of all communities of a demo. It holds passwords, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DemoLogins {
    /// A community each.
    pub communities: Vec<Logins>,
}

/// Logins of one community: desks, then nurses, then families. In each, those who show most come first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Logins {
    /// Code of the community, asked for at login.
    pub community: String,
    /// Its name.
    pub name: String,
    /// Everybody.
    pub logins: Vec<Login>,
}

/// Somebody who can log in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Login {
    /// What they are.
    pub role: Role,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator app in base32; families have none.
    pub totp_secret: Option<String>,
    /// The same as a link that an authenticator app takes.
    pub otpauth_url: Option<String>,
    /// Where staff works.
    pub institution: Option<String>,
    /// The account.
    pub account_id: AccountId,
    /// The nurse.
    pub nurse_id: Option<NurseId>,
    /// Longitude and latitude of a nurse's base point.
    pub base: Option<(f64, f64)>,
    /// Patients that a family acts for.
    pub patients: Vec<PatientOfLogin>,
}

/// A patient of somebody who books.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PatientOfLogin {
    /// The patient.
    pub patient_id: PatientId,
    /// Whether this account may book, not only look.
    pub may_book: bool,
    /// Whether the place of the home is known.
    pub has_place: bool,
    /// Items that this patient is usually visited for.
    pub usual_items: Vec<String>,
}

impl Logins {
    /// Those with a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Login> {
        self.logins.iter().filter(move |login| login.role == role)
    }

    /// One for each role, in the order of the roles.
    pub fn one_each(&self) -> Vec<&Login> {
        Role::ALL
            .iter()
            .filter_map(|role| self.of(*role).next())
            .collect()
    }
}

impl DemoLogins {
    /// Everybody with a phone; phones differ between communities of one demo.
    pub fn find(&self, phone: &str) -> Option<&Login> {
        let all = self
            .communities
            .iter()
            .flat_map(|community| &community.logins);
        all.into_iter().find(|login| login.phone == phone)
    }

    /// Reads the file.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path)?;
        serde_json::from_str(&text).map_err(io::Error::other)
    }

    /// Writes the file, whole or not at all, readable by its owner alone.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        write_private(path, &text)
    }
}

/// Replaces a file by one of mode 0600.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
