//! Accounts, their roles, codes and links.

use entity::account::{Column, Entity, Model};
use entity::enums::{AccountStatus, Language, Role};
use entity::ids::{AccountId, CommunityId, GrantId, InstitutionId};
use entity::{community, role_grant};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

/// Table name, for sealed fields.
const TABLE: &str = "account";

/// The community with a code. The one look-up that starts from outside a community.
pub async fn community(db: &impl ConnectionTrait, code: &str) -> Result<community::Model> {
    community::Entity::find()
        .filter(community::Column::Code.eq(code))
        .one(db)
        .await?
        .ok_or_else(|| {
            Problem::new(Code::CommunityUnknown)
                .with("community", code)
                .into()
        })
}

/// Codes of all communities. The operator's own query: it crosses them.
pub async fn community_codes(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let rows = community::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Keyed hash of a phone, by which accounts are found.
pub fn phone_hash(app: &App, phone: &Phone) -> String {
    app.lookup.hash("phone", phone.reveal())
}

/// The account with a phone.
pub async fn by_phone(
    db: &impl ConnectionTrait,
    community: CommunityId,
    phone_hash: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PhoneHash.eq(phone_hash))
        .one(db)
        .await?)
}

/// An account of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: AccountId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A new account, not yet stored.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Tenant.
    pub community: CommunityId,
    /// Life.
    pub status: AccountStatus,
    /// Owner.
    pub name: &'a PersonName,
    /// Phone, unique within the community.
    pub phone: &'a Phone,
    /// Language of messages.
    pub language: Language,
}

/// Stores an account; a phone in use is a problem.
pub async fn insert(tx: &Tx, app: &App, new: NewAccount<'_>) -> Result<Model> {
    let id = app.new_id::<AccountId>();
    let row = Model {
        community_id: new.community,
        id,
        status: new.status,
        name_enc: app.cipher.seal(place(id, "name_enc"), new.name.reveal()),
        phone_enc: app.cipher.seal(place(id, "phone_enc"), new.phone.reveal()),
        phone_hash: phone_hash(app, new.phone),
        language: new.language,
        password_hash: None,
        totp_secret_enc: None,
        totp_confirmed_at: None,
        totp_last_step: None,
        version: 1,
        created_at: app.now(),
    };
    let stored = Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error)
            if violates(
                &error,
                &["account_community_id_phone_hash_key", "account.phone_hash"],
            ) =>
        {
            Err(Code::PhoneTaken.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(row),
    }
}

/// Writes every column of an account whose version is still the one read; raises the version.
pub async fn update(tx: &Tx, mut row: Model) -> Result<Model> {
    let read = row.version;
    row.version += 1;
    let changed = Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(Column::CommunityId.eq(row.community_id))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(read))
        .exec(&**tx)
        .await?;
    if changed.rows_affected == 1 {
        Ok(row)
    } else {
        Err(Code::PreconditionFailed.into())
    }
}

/// Gives a role; for staff, within an institution and those under it.
pub async fn grant(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    account: AccountId,
    role: Role,
    institution: Option<InstitutionId>,
    by: Option<AccountId>,
) -> Result<()> {
    let row = role_grant::Model {
        community_id: community,
        id: app.new_id::<GrantId>(),
        account_id: account,
        role,
        institution_id: institution,
        granted_by: by,
        granted_at: app.now(),
    };
    role_grant::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Roles of an account.
pub async fn grants_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    account: AccountId,
) -> Result<Vec<role_grant::Model>> {
    Ok(role_grant::Entity::find()
        .filter(role_grant::Column::CommunityId.eq(community))
        .filter(role_grant::Column::AccountId.eq(account))
        .all(db)
        .await?)
}

/// Stores a password's hash.
pub async fn set_password_hash(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    hash: &str,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE account SET password_hash = $1 WHERE community_id = $2 AND id = $3",
        [hash.into(), community.into(), account.into()],
    )
    .await?;
    Ok(())
}

/// Takes a TOTP step; false when that step or a later one was used before.
pub async fn take_totp_step(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    step: i64,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE account SET totp_last_step = $1
         WHERE community_id = $2 AND id = $3 AND (totp_last_step IS NULL OR totp_last_step < $1)",
        [step.into(), community.into(), account.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// The owner's name.
pub fn name(app: &App, row: &Model) -> Result<String> {
    app.cipher
        .open(place(row.id, "name_enc"), &row.name_enc)
        .map_err(Error::internal)
}

/// The phone, for sending messages and, masked, for showing.
pub fn phone(app: &App, row: &Model) -> Result<Phone> {
    let text = app
        .cipher
        .open(place(row.id, "phone_enc"), &row.phone_enc)
        .map_err(Error::internal)?;
    Phone::parse(&text).map_err(Error::internal)
}

/// The second factor's secret, when one is set.
pub fn totp_secret(app: &App, row: &Model) -> Result<Option<String>> {
    let Some(sealed) = &row.totp_secret_enc else {
        return Ok(None);
    };
    app.cipher
        .open(place(row.id, "totp_secret_enc"), sealed)
        .map(Some)
        .map_err(Error::internal)
}

/// Seals a second factor's secret.
pub fn seal_totp_secret(app: &App, account: AccountId, secret: &str) -> String {
    app.cipher.seal(place(account, "totp_secret_enc"), secret)
}

fn place(id: AccountId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: TABLE,
        column,
        row: id.0,
    }
}
