//! Accounts and their roles.

use std::collections::BTreeMap;

use entity::account::{Column, Entity, Model};
use entity::enums::{AccountStatus, Language, Role};
use entity::ids::{AccountId, CommunityId, GrantId, InstitutionId, NurseId};
use entity::{community, nurse, role_grant};
use sea_orm::sea_query::{LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};
use crate::wire::Cursor;

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

/// The account with a phone, locked until the write ends: what is judged by it still holds when the write takes effect.
pub async fn lock_by_phone(
    tx: &Tx,
    community: CommunityId,
    phone_hash: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PhoneHash.eq(phone_hash))
        // What only refers to it goes on.
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?)
}

/// An account of the community.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: AccountId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// Accounts by id. One statement.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: impl IntoIterator<Item = AccountId>,
) -> Result<BTreeMap<AccountId, Model>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// One page of accounts, newest first; of one state, with one role, or both.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    status: Option<AccountStatus>,
    role: Option<Role>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let holders = |role: Role| {
        Query::select()
            .column(role_grant::Column::AccountId)
            .from(role_grant::Entity)
            .and_where(role_grant::Column::CommunityId.eq(community))
            .and_where(role_grant::Column::Role.eq(role))
            .to_owned()
    };
    let query = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .apply_if(status, |query, status| {
            query.filter(Column::Status.eq(status))
        })
        .apply_if(role, |query, role| {
            query.filter(Column::Id.in_subquery(holders(role)))
        });
    newest(db, query, Column::Id, cursor).await
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

/// Writes every column of an account whose version is still the one read, and raises the version; else the write is lost, and
/// runs again. A version that the caller named is checked in it, upon what it reads.
pub async fn update(tx: &Tx, row: Model) -> Result<Model> {
    let updated = sql::update_read_version!(tx, row)?;
    updated.ok_or_else(sql::lost_race)
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
        .order_by_asc(role_grant::Column::Id)
        .all(db)
        .await?)
}

/// Accounts of these nurses that can log in. One statement.
pub async fn of_nurses(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurses: &[NurseId],
) -> Result<Vec<Model>> {
    if nurses.is_empty() {
        return Ok(Vec::new());
    }
    let theirs = Query::select()
        .column(nurse::Column::AccountId)
        .from(nurse::Entity)
        .and_where(nurse::Column::CommunityId.eq(community))
        .and_where(nurse::Column::Id.is_in(nurses.iter().copied()))
        .and_where(nurse::Column::AccountId.is_not_null())
        .to_owned();
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Status.eq(AccountStatus::Active))
        .filter(Column::Id.in_subquery(theirs))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Accounts of the coordinators whose scope reaches an institution.
pub async fn coordinators_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institution: InstitutionId,
) -> Result<Vec<Model>> {
    reaching(db, community, institution, Role::Coordinator).await
}

/// Accounts of the supervisors whose scope reaches an institution.
pub async fn supervisors_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institution: InstitutionId,
) -> Result<Vec<Model>> {
    reaching(db, community, institution, Role::Supervisor).await
}

/// Accounts of a community that can log in and have a role.
pub async fn with_role(
    db: &impl ConnectionTrait,
    community: CommunityId,
    role: Role,
) -> Result<Vec<Model>> {
    Ok(sql::all(
        db,
        "SELECT a.* FROM account a WHERE a.community_id = $1 AND a.status = 'active' AND EXISTS (
             SELECT 1 FROM role_grant g WHERE g.community_id = a.community_id AND g.account_id = a.id AND g.role = $2)",
        [community.into(), role.as_str().into()],
    )
    .await?)
}

/// Accounts in a role whose scope reaches an institution.
pub async fn reaching(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institution: InstitutionId,
    role: Role,
) -> Result<Vec<Model>> {
    Ok(sql::all(
        db,
        "SELECT DISTINCT a.* FROM account a
         JOIN role_grant g ON g.community_id = a.community_id AND g.account_id = a.id
         JOIN institution_scope s ON s.community_id = g.community_id AND s.institution_id = g.institution_id
         WHERE a.community_id = $1 AND a.status = 'active' AND g.role = $3 AND s.member_id = $2",
        [community.into(), institution.into(), role.as_str().into()],
    )
    .await?)
}

/// Roles of many accounts. One statement.
pub async fn grants_of_all(
    db: &impl ConnectionTrait,
    community: CommunityId,
    accounts: impl IntoIterator<Item = AccountId>,
) -> Result<BTreeMap<AccountId, Vec<role_grant::Model>>> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::CommunityId.eq(community))
        .filter(role_grant::Column::AccountId.is_in(accounts))
        .order_by_asc(role_grant::Column::Id)
        .all(db)
        .await?;
    let mut grants = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        grants.entry(row.account_id).or_default().push(row);
    }
    Ok(grants)
}

/// Takes every role away.
pub async fn clear_grants(tx: &Tx, community: CommunityId, account: AccountId) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM role_grant WHERE community_id = $1 AND account_id = $2",
        [community.into(), account.into()],
    )
    .await?;
    Ok(())
}

/// Administrators who can log in. On PostgreSQL they are locked, so that of two who remove each other the
/// second sees what the first has done; SQLite has one writer.
pub async fn lock_active_admins(tx: &Tx, community: CommunityId) -> Result<Vec<AccountId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: AccountId,
    }
    let lock = match tx.get_database_backend() {
        DatabaseBackend::Postgres => "FOR UPDATE OF a, g",
        _ => "",
    };
    let rows = sql::all::<Row>(
        &**tx,
        format!(
            "SELECT a.id FROM account a
             JOIN role_grant g ON g.community_id = a.community_id AND g.account_id = a.id
             WHERE a.community_id = $1 AND a.status = 'active' AND g.role = 'admin'
             ORDER BY a.id {lock}"
        ),
        [community.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Stores a password's hash and raises the version, so that whoever writes the whole account as it was read before
/// reads it again.
pub async fn set_password_hash(tx: &Tx, account: &Model, hash: &str) -> Result<()> {
    sql::change(
        tx,
        "UPDATE account SET password_hash = $1, version = version + 1 WHERE community_id = $2 AND id = $3",
        [
            hash.into(),
            account.community_id.into(),
            account.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes a TOTP step and raises the version, so that whoever writes the whole account as it was read before does not give the
/// step back; false when that step or a later one was used before.
pub async fn take_totp_step(
    tx: &Tx,
    community: CommunityId,
    account: AccountId,
    step: i64,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE account SET totp_last_step = $1, version = version + 1
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
