//! `jiahu community`.

use clap::Subcommand;
use entity::enums::{InstitutionKind, SubjectKind};
use entity::ids::CommunityId;
use entity::{community, institution};
use jiahu::app::App;
use jiahu::domain::event::EventKind;
use jiahu::domain::phone::Phone;
use jiahu::domain::place::Point;
use jiahu::error::Result;
use jiahu::store::event::NewEvent;
use jiahu::wire::Text;
use jiahu::{in_write, store};
use serde_json::json;

use super::outcome::{Failure, Outcome};
use super::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Community {
    #[command(subcommand)]
    command: CommunityCommand,
}

#[derive(Debug, Subcommand)]
enum CommunityCommand {
    /// Create a community with its lead hospital and the rule files that come with the program
    ///
    /// Nobody has approved those files: the nursing department publishes its own versions. Nor is the hospital
    /// marked as approved for nursing at home: a supervisor does that.
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// Code that people log in with, such as the county's 130431
    #[arg(long, value_parser = code)]
    code: String,
    /// Chinese name of the community
    #[arg(long, value_name = "NAME", value_parser = name)]
    name_zh: String,
    /// English name of the community
    #[arg(long, value_name = "NAME", value_parser = name)]
    name_en: String,
    /// Longitude of the lead hospital, WGS-84 degrees
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    lng: f64,
    /// Latitude of the lead hospital, WGS-84 degrees
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true)]
    lat: f64,
    /// Chinese name of the lead hospital
    #[arg(long, value_name = "NAME", value_parser = name)]
    hospital_zh: String,
    /// English name of the lead hospital
    #[arg(long, value_name = "NAME", value_parser = name)]
    hospital_en: String,
    /// Phone of the lead hospital for the public
    #[arg(long, value_name = "PHONE", value_parser = Phone::parse)]
    hospital_phone: Phone,
    /// Number of the lead hospital's practice licence
    #[arg(long, value_name = "NUMBER", value_parser = name)]
    hospital_licence: String,
    /// Code of the lead hospital [default: the community's]
    #[arg(long, value_name = "CODE", value_parser = code)]
    hospital_code: Option<String>,
}

fn code(text: &str) -> std::result::Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("a code has 1 to 32 letters, digits, - or _".to_owned())
    }
}

fn name(text: &str) -> std::result::Result<String, String> {
    Text::<1, 64>::parse(text)
        .map(Text::into_string)
        .map_err(|_| "must have 1 to 64 characters, none of them a control character".to_owned())
}

impl Community {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let CommunityCommand::Create(new) = self.command;
        let point = Point::new(new.lng, new.lat).map_err(Failure::because)?;
        let app = settings.app().await?;
        create(&app, &new, point).await?;
        println!("Community {} created with its lead hospital.", new.code);
        println!(
            "Next: jiahu admin create --community {} --name NAME --phone PHONE",
            new.code
        );
        Ok(())
    }
}

async fn create(app: &App, new: &Create, point: Point) -> Result<()> {
    in_write!(app.db, "create_community", |tx| {
        let id = app.new_id::<CommunityId>();
        store::community::insert(tx, community_of(app, new, id, point)).await?;
        let hospital = hospital_of(app, new, id, point);
        store::institution::insert(tx, hospital.clone()).await?;
        let added = NewEvent::new(
            EventKind::InstitutionAdded,
            SubjectKind::Institution,
            hospital.id.0,
            None,
        );
        let added = added
            .institution(hospital.id)
            .payload(json!({ "code": hospital.code, "parent_id": null }));
        store::event::append(tx, app, id, added).await?;
        store::rule_set::publish_seed(tx, app, id).await?;
        let published = NewEvent::new(
            EventKind::RulesPublished,
            SubjectKind::Community,
            id.0,
            None,
        );
        store::event::append(tx, app, id, published.payload(json!({ "seed": true }))).await
    })
}

fn community_of(app: &App, new: &Create, id: CommunityId, point: Point) -> community::Model {
    community::Model {
        id,
        code: new.code.clone(),
        name_zh: new.name_zh.clone(),
        name_en: new.name_en.clone(),
        lng: point.lng(),
        lat: point.lat(),
        created_at: app.now(),
    }
}

fn hospital_of(app: &App, new: &Create, id: CommunityId, point: Point) -> institution::Model {
    institution::Model {
        community_id: id,
        id: app.new_id(),
        parent_id: None,
        kind: InstitutionKind::LeadHospital,
        code: new
            .hospital_code
            .clone()
            .unwrap_or_else(|| new.code.clone()),
        name_zh: new.hospital_zh.clone(),
        name_en: new.hospital_en.clone(),
        phone: new.hospital_phone.reveal().to_owned(),
        lng: point.lng(),
        lat: point.lat(),
        practice_licence: new.hospital_licence.clone(),
        home_care_approved: false,
        active: true,
        version: 1,
        created_at: app.now(),
    }
}
