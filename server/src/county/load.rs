//! Writes a county to a database: whole, in one transaction, some hundred rows a statement.

use secrecy::SecretString;

use super::County;
use super::logins::Logins;
use super::rows::{Maker, Password, Rows};
use crate::app::App;
use crate::crypto::random_token;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::store::sql::insert_all;
use crate::{in_write, store};

/// Characters of a random password: 72 random bits, short enough to type.
const PASSWORD_CHARS: usize = 12;

/// A county ready to be stored, so that the logins can be kept before the rows are committed.
pub struct Prepared {
    rows: Rows,
    logins: Logins,
}

/// Whether a community with this code is there.
pub async fn is_loaded(app: &App, code: &str) -> Result<bool> {
    match store::account::community(app.db.reader(), code).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(Code::CommunityUnknown) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives ids, makes passwords and second factors, and seals what is personal.
pub async fn prepare(app: &App, county: &County) -> Result<Prepared> {
    let (staff, families) = (password(app).await?, password(app).await?);
    let (rows, logins) = Maker::new(app, county, &staff, &families).make()?;
    Ok(Prepared { rows, logins })
}

/// Prepares and stores a county. A community with its code is a problem.
pub async fn load(app: &App, county: &County) -> Result<Logins> {
    let prepared = prepare(app, county).await?;
    prepared.store(app).await?;
    Ok(prepared.logins)
}

/// Never a default one: whoever runs two demos has two sets of passwords.
async fn password(app: &App) -> Result<Password> {
    let mut text = random_token();
    text.truncate(PASSWORD_CHARS);
    let hash = app
        .passwords
        .hash(SecretString::from(text.as_str()))
        .await
        .map_err(Error::internal)?;
    Ok(Password { text, hash })
}

impl Prepared {
    /// Who will be able to log in.
    pub fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Writes everything, or nothing.
    pub async fn store(&self, app: &App) -> Result<()> {
        let rows = &self.rows;
        in_write!(app.db, "load_county", |tx| {
            let community = rows.community.id;
            insert_all(tx, std::slice::from_ref(&rows.community)).await?;
            store::rule_set::publish_seed(tx, app, community).await?;
            store_desk(tx, rows).await?;
            store_roster(tx, rows).await?;
            store_homes(tx, rows).await?;
            store::event::append_first(tx, app, community, &rows.events).await
        })
    }
}

async fn store_desk(tx: &Tx, rows: &Rows) -> Result<()> {
    insert_all(tx, &rows.institutions).await?;
    insert_all(tx, &rows.scopes).await?;
    insert_all(tx, &rows.items).await?;
    insert_all(tx, &rows.accounts).await?;
    insert_all(tx, &rows.grants).await?;
    Ok(())
}

async fn store_roster(tx: &Tx, rows: &Rows) -> Result<()> {
    insert_all(tx, &rows.nurses).await?;
    insert_all(tx, &rows.duties).await?;
    insert_all(tx, &rows.leaves).await?;
    insert_all(tx, &rows.certifications).await?;
    insert_all(tx, &rows.reach).await?;
    Ok(())
}

async fn store_homes(tx: &Tx, rows: &Rows) -> Result<()> {
    insert_all(tx, &rows.patients).await?;
    insert_all(tx, &rows.carers).await?;
    insert_all(tx, &rows.consents).await?;
    insert_all(tx, &rows.facts).await?;
    insert_all(tx, &rows.addresses).await?;
    insert_all(tx, &rows.assessments).await?;
    insert_all(tx, &rows.prescriptions).await?;
    Ok(())
}
