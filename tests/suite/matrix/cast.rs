//! Who calls.

use std::sync::atomic::{AtomicU32, Ordering};

use entity::enums::{Role, Sex};
use entity::ids::{InstitutionId, NurseId};
use entity::nurse;
use jiahu::crypto::FieldPlace;
use jiahu::domain::roles::needs_institution;
use jiahu_tests::harness::{
    Client, Fixtures, NurseSpec, PatientTraits, Person, Scene, SceneNurse, TestServer, Town,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::sample::Places;

/// Somebody with one role.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) label: String,
    pub(super) role: Role,
    pub(super) person: Person,
    pub(super) town: Town,
    /// Things of the caller's own kind of people: a patient, a nurse.
    pub(super) owns: Places,
}

/// Insiders, one of each role at the health centre of the scene; strangers of its community, and of another.
pub(super) struct Cast {
    pub(super) scene: Scene,
    pub(super) nurse: SceneNurse,
    pub(super) insiders: Vec<Caller>,
    pub(super) neighbours: Vec<Caller>,
    pub(super) foreigners: Vec<Caller>,
    /// Things made so far.
    made: AtomicU32,
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
            made: AtomicU32::new(0),
        };
        for (number, role) in (0_u32..).zip(Role::ALL.iter().copied()) {
            let inside = match role {
                Role::Family => cast.scene.family.clone(),
                Role::Coordinator => cast.scene.coordinator.clone(),
                Role::Nurse => cast.nurse.person.clone(),
                _ => person(server, &home, 100 + number, role, home.centre).await,
            };
            let near = person(server, &home, 200 + number, role, other).await;
            let far = person(server, &away, 300 + number, role, away.hospital).await;
            cast.insiders.push(caller("inside", role, inside, &home));
            cast.neighbours.push(caller("another", role, near, &home));
            cast.foreigners.push(caller("foreign", role, far, &away));
        }
        // She works where the nurse of the scene does, and has nothing to do with her patients.
        let colleague = person(server, &home, 400, Role::Nurse, home.centre).await;
        cast.profile(server, &colleague, &home, home.centre).await;
        cast.neighbours = cast.at_home(server, cast.neighbours.clone(), other).await;
        cast.foreigners = cast
            .at_home(server, cast.foreigners.clone(), away.hospital)
            .await;
        let colleague = caller("colleague", Role::Nurse, colleague, &home);
        cast.neighbours.push(colleague);
        cast
    }

    /// The same people with an institution's nurse and patient of their own.
    async fn at_home(
        &self,
        server: &TestServer,
        mut people: Vec<Caller>,
        institution: InstitutionId,
    ) -> Vec<Caller> {
        let with = |role| {
            people
                .iter()
                .find(|one| one.role == role)
                .expect("one of each")
        };
        let (family, nurse) = (with(Role::Family), with(Role::Nurse));
        let town = &family.town;
        let traits = PatientTraits {
            name: "张大明",
            sex: Sex::Male,
            born: "1945-03-04",
            institution,
        };
        let fixtures = Fixtures::new(server, town);
        let patient = fixtures.patient_with(&family.person, traits).await;
        fixtures.carer(patient, family.person.account, true).await;
        let nurse = self.profile(server, &nurse.person, town, institution).await;
        let owns = Places::from([
            ("patient_id".to_owned(), patient.to_string()),
            ("nurse_id".to_owned(), nurse.to_string()),
        ]);
        for one in &mut people {
            one.owns = owns.clone();
        }
        people
    }

    /// Makes somebody a nurse who is like the one inside.
    async fn profile(
        &self,
        server: &TestServer,
        person: &Person,
        town: &Town,
        institution: InstitutionId,
    ) -> NurseId {
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
        id
    }

    /// A number that nothing made for a test has yet.
    pub(super) fn next(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
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
        owns: Places::new(),
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
    let institution = needs_institution(role).then_some(institution);
    town.person(server, &phone, role, institution).await
}
