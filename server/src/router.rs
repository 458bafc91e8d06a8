//! Every route, in one list.

use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::api::{
    accounts, address_proposals, adverse_events, alerts, answers, audit, auth, certifications,
    complaints, consents, devices, discharge_feeds, discharges, entitlements, events, exceptions,
    follow_tasks, incidents, indicators, institutions, items, me, messages, nurses, offers, ops,
    orders, patient_duplicates, patient_merges, patients, quotes, readings, rehab, reports,
    rule_sets, scales, sos, sync, visits, work_items,
};
use crate::app::App;
use crate::problem::ProblemDocument;
use crate::spec::Security;
use crate::{extract, pages, spec};

/// Head of the spec.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Jiahu 家护",
        description = "Home nursing for a county: book, match by distance and certificate, visit, prove. \
                       The guide stands in mobile-api-spec/README.md.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Security),
    security(("bearer" = [])),
    tags(
        (name = "auth", description = "Logging in"),
        (name = "me", description = "The caller's own account"),
        (name = "offers", description = "Orders offered to a nurse"),
        (name = "offline", description = "Working without signal: what a phone takes along, tells later and deletes"),
        (name = "exceptions", description = "Arrivals in question"),
        (name = "safety", description = "Adverse events and incidents"),
        (name = "complaints", description = "Complaints about orders"),
        (name = "sos", description = "Nurses who call for help"),
        (name = "visits", description = "Visits, from departure to the closed proof"),
        (name = "alerts", description = "What somebody has to look at now"),
        (name = "patients", description = "Patients, who acts for them, where they live, what is known of their health"),
        (name = "charges", description = "What else pays for care, and what is charged because of it"),
        (name = "consents", description = "Texts that are consented to"),
        (name = "devices", description = "The device register: what a patient carries, and when it is looked at again"),
        (name = "answers", description = "Answers to follow-up: given to a nurse, or by the family through a link"),
        (name = "readings", description = "Numbers measured between visits, such as a weight: told, judged at once, followed over time"),
        (name = "rehabilitation", description = "Rehabilitation at home: plans, exercises, the log, whom to look at"),
        (name = "scales", description = "Scales: what they ask, what was scored, which way it goes"),
        (name = "discharges", description = "Discharges from hospital, and how they come in"),
        (name = "messages", description = "What became of messages to phones"),
        (name = "follow-up", description = "Plans after discharge, and the contacts to be made"),
        (name = "indicators", description = "Indicators of follow-up, and the cases behind each number"),
        (name = "reports", description = "Counts for the nursing department"),
        (name = "institutions", description = "Hospital and health centres, and the items they open"),
        (name = "accounts", description = "Accounts and roles, for administrators"),
        (name = "audit", description = "Who read what, and what happened, for auditors"),
        (name = "events", description = "What happens, live"),
        (name = "items", description = "What can be booked"),
        (name = "rules", description = "Versioned rule files"),
        (name = "orders", description = "Prices, bookings, reviews and the trail of an order"),
        (name = "nurses", description = "The roster: nurses, duty, leave, import"),
        (name = "certifications", description = "Certificates of nurses"),
    )
)]
struct Head;

/// Routes an operation and writes into the spec what its arguments ask of a request.
macro_rules! routes {
    ($($operation:tt)+) => {
        spec::asking(
            utoipa_axum::routes!($($operation)+),
            extract::contract_of($($operation)+),
        )
    };
}

/// The operations, with their documentation.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        // Logging in.
        .routes(routes!(auth::send_code::send_code))
        .routes(routes!(auth::login_with_code::login_with_code))
        .routes(routes!(auth::login_with_password::login_with_password))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::logout::logout))
        .routes(routes!(auth::accept_invite::accept_invite))
        .routes(routes!(auth::confirm_invite::confirm_invite))
        // The caller's own account.
        .routes(routes!(me::get_me::get_me))
        .routes(routes!(me::change_password::change_password))
        .routes(routes!(me::list_sessions::list_sessions))
        .routes(routes!(me::end_session::end_session))
        .routes(routes!(me::list_people::list_people))
        // How an order finds its nurse.
        .routes(routes!(orders::list_candidates::list_candidates))
        .routes(routes!(orders::assign_nurse::assign_nurse))
        .routes(routes!(orders::reassign_nurse::reassign_nurse))
        .routes(routes!(orders::get_position::get_position))
        .routes(routes!(offers::list_offers::list_offers))
        .routes(routes!(offers::accept_offer::accept_offer))
        .routes(routes!(offers::decline_offer::decline_offer))
        // Institutions and the items they open.
        .routes(routes!(institutions::list_institutions::list_institutions))
        .routes(routes!(institutions::create_institution::create_institution))
        .routes(routes!(institutions::get_institution::get_institution))
        .routes(routes!(institutions::change_institution::change_institution))
        .routes(routes!(institutions::list_institution_items::list_institution_items))
        .routes(routes!(institutions::set_institution_item::set_institution_item))
        // Accounts and roles.
        .routes(routes!(accounts::list_accounts::list_accounts))
        .routes(routes!(accounts::create_account::create_account))
        .routes(routes!(accounts::get_account::get_account))
        .routes(routes!(accounts::set_roles::set_roles))
        .routes(routes!(accounts::invite_account::invite_account))
        .routes(routes!(accounts::disable_account::disable_account))
        .routes(routes!(accounts::enable_account::enable_account))
        // For auditors.
        .routes(routes!(audit::list_patient_reads::list_patient_reads))
        .routes(routes!(audit::read_trail::read_trail))
        // The live stream.
        .routes(routes!(events::stream_events::stream_events))
        // What can be booked, and by which rules.
        .routes(routes!(items::list_items::list_items))
        .routes(routes!(items::get_item::get_item))
        .routes(routes!(rule_sets::list_rule_sets::list_rule_sets))
        .routes(routes!(rule_sets::publish_rule_set::publish_rule_set))
        .routes(routes!(rule_sets::get_rule_set::get_rule_set))
        // Orders.
        .routes(routes!(quotes::create_quote::create_quote))
        .routes(routes!(orders::list_orders::list_orders))
        .routes(routes!(orders::create_order::create_order))
        .routes(routes!(orders::get_order::get_order))
        .routes(routes!(orders::reschedule_order::reschedule_order))
        .routes(routes!(orders::cancel_order::cancel_order))
        .routes(routes!(orders::review_order::review_order))
        .routes(routes!(orders::review_charge::review_charge))
        .routes(routes!(orders::list_order_events::list_order_events))
        // The roster.
        .routes(routes!(nurses::list_nurses::list_nurses))
        .routes(routes!(nurses::create_nurse::create_nurse))
        .routes(routes!(nurses::get_my_nurse::get_my_nurse))
        .routes(routes!(nurses::put_my_place::put_my_place))
        .routes(routes!(nurses::import_nurses::import_nurses))
        .routes(routes!(nurses::get_nurse::get_nurse))
        .routes(routes!(nurses::change_nurse::change_nurse))
        .routes(routes!(nurses::set_nurse_duty::set_nurse_duty))
        .routes(routes!(nurses::list_nurse_leave::list_nurse_leave))
        .routes(routes!(nurses::add_nurse_leave::add_nurse_leave))
        .routes(routes!(nurses::remove_nurse_leave::remove_nurse_leave))
        .routes(routes!(certifications::add_certification::add_certification))
        .routes(routes!(certifications::verify_certification::verify_certification))
        .routes(routes!(certifications::revoke_certification::revoke_certification))
        .merge(on_visits())
        .merge(of_patients())
        .merge(after_discharge())
        .merge(safety())
        .merge(of_complaints())
        .merge(between_visits())
}

/// Visits, what was done without signal, and what has to be looked at.
fn on_visits() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // The visit.
        .routes(routes!(visits::list_visits::list_visits))
        .routes(routes!(visits::get_visit::get_visit))
        .routes(routes!(visits::depart::depart))
        .routes(routes!(visits::give_back_visit::give_back_visit))
        .routes(routes!(visits::report_positions::report_positions))
        .routes(routes!(visits::arrive::arrive))
        .routes(routes!(visits::get_screening::get_screening))
        .routes(routes!(visits::screen_visit::screen_visit))
        .routes(routes!(visits::get_badge::get_badge))
        .routes(routes!(visits::check_identity::check_identity))
        .routes(routes!(orders::verify_nurse::verify_nurse))
        .routes(routes!(visits::list_visit_consents::list_visit_consents))
        .routes(routes!(visits::give_consent::give_consent))
        .routes(routes!(visits::withdraw_consent::withdraw_consent))
        .routes(routes!(visits::start_procedure::start_procedure))
        .routes(routes!(visits::record_visit::record_visit))
        .routes(routes!(visits::assess_visit::assess_visit))
        .routes(routes!(visits::finish_visit::finish_visit))
        .routes(routes!(visits::list_photos::list_photos))
        .routes(routes!(visits::add_photo::add_photo))
        .routes(routes!(visits::get_photo::get_photo))
        .routes(routes!(visits::get_photo_thumbnail::get_photo_thumbnail))
        .routes(routes!(visits::sign_visit::sign_visit))
        .routes(routes!(visits::amend_record::amend_record))
        .routes(routes!(visits::return_waste::return_waste))
        .routes(routes!(visits::close_visit::close_visit))
        .routes(routes!(visits::abort_visit::abort_visit))
        .routes(routes!(visits::leave_visit::leave_visit))
        .routes(routes!(sync::get_pack::get_pack))
        .routes(routes!(sync::get_changes::get_changes))
        .routes(routes!(sync::send_batch::send_batch))
        .routes(routes!(work_items::list_work_items::list_work_items))
        .routes(routes!(work_items::get_work_item::get_work_item))
        .routes(routes!(work_items::settle_work_item::settle_work_item))
        .routes(routes!(work_items::retry_work_item::retry_work_item))
        // What has to be looked at.
        .routes(routes!(alerts::list_alerts::list_alerts))
        .routes(routes!(alerts::get_alert::get_alert))
        .routes(routes!(alerts::take_alert::take_alert))
        .routes(routes!(alerts::act_alert::act_alert))
        .routes(routes!(alerts::get_order_draft::get_order_draft))
        .routes(routes!(alerts::close_alert::close_alert))
}

/// Patients and what is known of them.
fn of_patients() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Patients.
        .routes(routes!(patients::create_patient::create_patient))
        .routes(routes!(patients::list_patients::list_patients))
        .routes(routes!(patients::get_patient::get_patient))
        .routes(routes!(patients::change_patient::change_patient))
        .routes(routes!(
            patient_duplicates::list_patient_duplicates::list_patient_duplicates
        ))
        .routes(routes!(
            patient_duplicates::dismiss_patient_duplicate::dismiss_patient_duplicate
        ))
        .routes(routes!(patient_merges::list_patient_merges::list_patient_merges))
        .routes(routes!(patient_merges::merge_patient::merge_patient))
        .routes(routes!(patient_merges::undo_patient_merge::undo_patient_merge))
        .routes(routes!(patients::list_carers::list_carers))
        .routes(routes!(patients::add_carer::add_carer))
        .routes(routes!(patients::end_carer::end_carer))
        .routes(routes!(patients::list_addresses::list_addresses))
        .routes(routes!(patients::get_address::get_address))
        .routes(routes!(patients::add_address::add_address))
        .routes(routes!(patients::change_address::change_address))
        .routes(routes!(patients::remove_address::remove_address))
        .routes(routes!(patients::get_health::get_health))
        .routes(routes!(patients::put_health::put_health))
        .routes(routes!(consents::list_consent_texts::list_consent_texts))
        .routes(routes!(patients::list_patient_consents::list_patient_consents))
        .routes(routes!(patients::give_patient_consent::give_patient_consent))
        .routes(routes!(patients::withdraw_patient_consent::withdraw_patient_consent))
        .routes(routes!(patients::list_kept_apart::list_kept_apart))
        .routes(routes!(patients::keep_apart::keep_apart))
        .routes(routes!(patients::end_keep_apart::end_keep_apart))
        .routes(routes!(patients::list_assessments::list_assessments))
        .routes(routes!(patients::assess_patient::assess_patient))
        .routes(routes!(patients::get_assessment::get_assessment))
        .routes(routes!(patients::list_prescriptions::list_prescriptions))
        .routes(routes!(patients::add_prescription::add_prescription))
        .routes(routes!(patients::withdraw_prescription::withdraw_prescription))
        .routes(routes!(entitlements::list_entitlements::list_entitlements))
        .routes(routes!(entitlements::add_entitlement::add_entitlement))
        .routes(routes!(entitlements::end_entitlement::end_entitlement))
        .routes(routes!(patients::list_admissions::list_admissions))
        .routes(routes!(patients::admit_patient::admit_patient))
        // Indwelling devices.
        .routes(routes!(devices::list_devices::list_devices))
        .routes(routes!(devices::place_device::place_device))
        .routes(routes!(devices::review_device::review_device))
        .routes(routes!(devices::replace_device::replace_device))
        .routes(routes!(devices::remove_device::remove_device))
        .routes(routes!(reports::device_days::device_days))
}

/// Complaints about orders.
fn of_complaints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(complaints::list_complaints::list_complaints))
        .routes(routes!(complaints::file_complaint::file_complaint))
        .routes(routes!(complaints::get_complaint::get_complaint))
        .routes(routes!(complaints::assign_complaint::assign_complaint))
        .routes(routes!(complaints::answer_complaint::answer_complaint))
        .routes(routes!(complaints::appeal_complaint::appeal_complaint))
        .routes(routes!(complaints::close_complaint::close_complaint))
}

/// What is known of a patient between visits.
fn between_visits() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(scales::list_scales::list_scales))
        .routes(routes!(scales::get_scale::get_scale))
        .routes(routes!(scales::score_scale::score_scale))
        .routes(routes!(scales::list_scores::list_scores))
        .routes(routes!(readings::tell_readings::tell_readings))
        .routes(routes!(readings::list_readings::list_readings))
        .routes(routes!(answers::get_answer_form::get_answer_form))
        .routes(routes!(answers::list_answers::list_answers))
        .routes(routes!(answers::answer_follow_task::answer_follow_task))
        .routes(routes!(answers::settle_scales::settle_scales))
        .routes(routes!(answers::send_answer_link::send_answer_link))
        .routes(routes!(answers::open_answer_link::open_answer_link))
        .routes(routes!(answers::answer_by_link::answer_by_link))
        .routes(routes!(rehab::list_exercises::list_exercises))
        .routes(routes!(rehab::add_exercise_picture::add_exercise_picture))
        .routes(routes!(rehab::get_exercise_picture::get_exercise_picture))
        .routes(routes!(rehab::create_plan::create_plan))
        .routes(routes!(rehab::list_plans::list_plans))
        .routes(routes!(rehab::get_plan::get_plan))
        .routes(routes!(rehab::propose_exercise::propose_exercise))
        .routes(routes!(rehab::decide_exercise::decide_exercise))
        .routes(routes!(rehab::log_exercises::log_exercises))
        .routes(routes!(rehab::list_log::list_log))
        .routes(routes!(rehab::see_plan::see_plan))
        .routes(routes!(rehab::stop_plan::stop_plan))
        .routes(routes!(rehab::list_attention::list_attention))
}

/// What follows a stay in hospital.
fn after_discharge() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        // Discharges, and the systems that tell of them.
        .routes(routes!(discharges::list_discharges::list_discharges))
        .routes(routes!(discharges::create_discharge::create_discharge))
        .routes(routes!(discharges::import_discharges::import_discharges))
        .routes(routes!(discharges::get_discharge::get_discharge))
        .routes(routes!(discharges::correct_discharge::correct_discharge))
        .routes(routes!(discharges::cancel_discharge::cancel_discharge))
        .routes(routes!(discharges::tell_discharge::tell_discharge))
        .routes(routes!(discharges::receive_bundle::receive_bundle))
        .routes(routes!(discharge_feeds::list_discharge_feeds::list_discharge_feeds))
        .routes(routes!(discharge_feeds::create_discharge_feed::create_discharge_feed))
        .routes(routes!(discharge_feeds::end_discharge_feed::end_discharge_feed))
        // Contacts.
        .routes(routes!(follow_tasks::list_follow_tasks::list_follow_tasks))
        .routes(routes!(follow_tasks::get_follow_task::get_follow_task))
        .routes(routes!(follow_tasks::record_attempt::record_attempt))
        .routes(routes!(follow_tasks::assign_follow_task::assign_follow_task))
        .routes(routes!(follow_tasks::give_up_follow_task::give_up_follow_task))
        .routes(routes!(follow_tasks::get_follow_up::get_follow_up))
        .routes(routes!(follow_tasks::end_follow_plan::end_follow_plan))
        .routes(routes!(messages::tell_receipt::tell_receipt))
        // How well it goes.
        .routes(routes!(indicators::list_indicators::list_indicators))
        .routes(routes!(indicators::list_indicator_cases::list_indicator_cases))
}

/// What keeps nurses and patients safe.
fn safety() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(visits::raise_sos::raise_sos))
        .routes(routes!(visits::still_fine::still_fine))
        .routes(routes!(visits::send_arrival_code::send_arrival_code))
        .routes(routes!(visits::prove_arrival::prove_arrival))
        .routes(routes!(orders::confirm_arrival::confirm_arrival))
        .routes(routes!(exceptions::list_exceptions::list_exceptions))
        .routes(routes!(exceptions::resolve_exception::resolve_exception))
        .routes(routes!(visits::propose_warning::propose_warning))
        .routes(routes!(patients::get_warning::get_warning))
        .routes(routes!(patients::put_warning::put_warning))
        .routes(routes!(patients::end_warning::end_warning))
        .routes(routes!(patients::get_card::get_card))
        .routes(routes!(patients::replace_card::replace_card))
        .routes(routes!(
            address_proposals::list_address_proposals::list_address_proposals
        ))
        .routes(routes!(
            address_proposals::decide_address_proposal::decide_address_proposal
        ))
        .routes(routes!(sos::list_sos::list_sos))
        .routes(routes!(sos::take_sos::take_sos))
        .routes(routes!(sos::close_sos::close_sos))
        .routes(routes!(
            adverse_events::list_adverse_event_kinds::list_adverse_event_kinds
        ))
        .routes(routes!(
            adverse_events::report_adverse_event::report_adverse_event
        ))
        .routes(routes!(
            adverse_events::list_adverse_events::list_adverse_events
        ))
        .routes(routes!(
            adverse_events::get_adverse_event::get_adverse_event
        ))
        .routes(routes!(
            adverse_events::review_adverse_event::review_adverse_event
        ))
        .routes(routes!(
            adverse_events::close_adverse_event::close_adverse_event
        ))
        .routes(routes!(
            adverse_events::count_adverse_events::count_adverse_events
        ))
        .routes(routes!(incidents::report_incident::report_incident))
        .routes(routes!(incidents::list_incidents::list_incidents))
        .routes(routes!(incidents::get_incident::get_incident))
        .routes(routes!(incidents::review_incident::review_incident))
        .routes(routes!(incidents::close_incident::close_incident))
}

/// Everything the server answers.
pub fn routes(app: App) -> Router {
    let (router, spec) = operations().split_for_parts();
    let spec = spec::finish(spec);
    let docs = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", spec);
    router
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .with_state(app)
        .merge(docs)
        .merge(pages::routes())
}

/// The spec as checked in.
pub fn spec() -> utoipa::openapi::OpenApi {
    let (_, spec) = operations().split_for_parts();
    spec::finish(spec)
}

/// The text of `mobile-api-spec/openapi.json`.
#[expect(clippy::missing_panics_doc, reason = "a spec is plain JSON")]
pub fn spec_json() -> String {
    let mut text = spec().to_pretty_json().expect("a spec is plain JSON");
    text.push('\n');
    text
}
