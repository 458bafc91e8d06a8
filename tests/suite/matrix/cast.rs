//! Who calls.

use std::sync::atomic::AtomicI32;

use entity::enums::Role;
use entity::ids::{InstitutionId, NurseId};
use entity::nurse;
use jiahu::crypto::FieldPlace;
use jiahu_tests::harness::{Client, NurseSpec, Person, Scene, SceneNurse, TestServer, Town};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Somebody with one role.
pub(super) struct Caller {
    pub(super) label: String,
    pub(super) role: Role,
    pub(super) person: Person,
    pub(super) town: Town,
}

/// Insiders, one of each role at the health centre of the scene; strangers of its community, and of another.
pub(super) struct Cast {
    pub(super) scene: Scene,
    pub(super) nurse: SceneNurse,
    pub(super) insiders: Vec<Caller>,
    pub(super) neighbours: Vec<Caller>,
    pub(super) foreigners: Vec<Caller>,
    /// Orders made so far.
    pub(super) orders: AtomicI32,
}

impl Cast {
    pub(super) async fn build(server: &TestServer) -> Self {
        let scene = Scene::build(server).await;
        let nurse = scene.nurse(server, 0, NurseSpec::default()).await;
        let away = Town::build(server, "130432").await;
        let (home, other) = (scene.town.clone(), scene.town.other_centre);
        let mut cast = Self {
            insiders: Vec::new(),
            neighbours: Vec::new(),
            foreigners: Vec::new(),
            nurse,
            scene,
            orders: AtomicI32::new(0),
        };
        for (number, role) in (0_u32..).zip(Role::ALL.iter().copied()) {
            let inside = match role {
                Role::Family => cast.scene.family.clone(),
                Role::Coordinator => cast.scene.coordinator.clone(),
                Role::Nurse => cast.nurse.person.clone(),
                _ => person(server, &home, 100 + number, role, home.centre).await,
            };
            cast.insiders.push(caller("inside", role, inside, &home));
            let near = person(server, &home, 200 + number, role, other).await;
            let far = person(server, &away, 300 + number, role, away.hospital).await;
            if role == Role::Nurse {
                cast.profile(server, &near, &home, other).await;
                cast.profile(server, &far, &away, away.hospital).await;
            }
            cast.neighbours.push(caller("another", role, near, &home));
            cast.foreigners.push(caller("foreign", role, far, &away));
        }
        cast
    }

    /// Makes somebody a nurse who is like the one inside.
    async fn profile(
        &self,
        server: &TestServer,
        person: &Person,
        town: &Town,
        institution: InstitutionId,
    ) {
        let like = nurse::Entity::find()
            .filter(nurse::Column::Id.eq(self.nurse.id))
            .one(server.app.db.reader())
            .await
            .expect("the database answers")
            .expect("a nurse");
        let id = server.app.new_id::<NurseId>();
        let place = FieldPlace {
            table: "nurse",
            column: "name_enc",
            row: id.0,
        };
        let row = nurse::Model {
            community_id: town.community,
            id,
            name_enc: server.app.cipher.seal(place, "护士"),
            institution_id: institution,
            account_id: Some(person.account),
            staff_no: person.phone.clone(),
            licence_no: person.phone.clone(),
            ..like
        };
        nurse::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(server.app.db.reader())
            .await
            .expect("a nurse");
    }

    /// Everybody.
    pub(super) fn all(&self) -> impl Iterator<Item = &Caller> {
        self.insiders.iter().chain(self.strangers())
    }

    /// Those to whom nothing of the scene belongs.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &Caller> {
        self.neighbours.iter().chain(&self.foreigners)
    }

    /// The insider with a role.
    pub(super) fn insider(&self, role: Role) -> &Caller {
        let mut all = self.insiders.iter();
        all.find(|caller| caller.role == role)
            .expect("one of each role")
    }
}

impl Caller {
    /// A client in a session of its own: some operations end the session they are called in.
    pub(super) async fn client(&self, server: &TestServer) -> Client {
        let session = self.town.session(&server.app, self.person.account).await;
        self.person.client.in_session(&server.app, session)
    }

    /// True when the spec lets the role call.
    pub(super) fn is_among(&self, roles: &[String]) -> bool {
        roles.iter().any(|role| role == self.role.as_str())
    }
}

fn caller(label: &str, role: Role, person: Person, town: &Town) -> Caller {
    Caller {
        label: format!("{label} {role}"),
        role,
        person,
        town: town.clone(),
    }
}

async fn person(
    server: &TestServer,
    town: &Town,
    number: u32,
    role: Role,
    institution: InstitutionId,
) -> Person {
    let phone = format!("1380000{number:04}");
    let institution = (role != Role::Family).then_some(institution);
    town.person(server, &phone, role, institution).await
}
