//! The rows of Jiahu: sea-orm entities, typed ids, text enums. No rules and no HTTP here.
//!
//! A column ending in `_enc` holds a sealed value (`v1:kid:nonce:ciphertext`), one ending in `_hash`
//! a keyed or plain hash; the meaning of each table stands in docs/DATABASE.md.

#![expect(
    missing_docs,
    reason = "columns are described once, in docs/DATABASE.md"
)]

pub mod enums;
pub mod ids;

pub mod account;
pub mod address;
pub mod address_proposal;
pub mod address_warning;
pub mod admission;
pub mod alert;
pub mod answer_link;
pub mod answer_sheet;
pub mod arrival_code;
pub mod arrival_exception;
pub mod assessment;
pub mod care_order;
pub mod carer;
pub mod certification;
pub mod community;
pub mod complaint;
pub mod consent;
pub mod contact_attempt;
pub mod death_notice;
pub mod device;
pub mod device_visit;
pub mod discharge;
pub mod discharge_feed;
pub mod entitlement;
pub mod event;
pub mod exercise_picture;
pub mod follow_plan;
pub mod follow_task;
pub mod follow_task_plan;
pub mod follow_task_skip;
pub mod health_fact;
pub mod idempotency;
pub mod institution;
pub mod institution_item;
pub mod institution_scope;
pub mod invite;
pub mod job;
pub mod login_code;
pub mod message;
pub mod nurse;
pub mod nurse_duty;
pub mod nurse_leave;
pub mod nurse_reach;
pub mod nurse_refusal;
pub mod offer;
pub mod order_charge;
pub mod order_item;
pub mod patient;
pub mod patient_card;
pub mod patient_duplicate;
pub mod patient_merge;
pub mod patient_merge_row;
pub mod patient_read;
pub mod prescription;
pub mod rate_counter;
pub mod reading;
pub mod refresh_token;
pub mod rehab_exercise;
pub mod rehab_log;
pub mod rehab_plan;
pub mod role_grant;
pub mod rule_set;
pub mod safety_report;
pub mod scale_score;
pub mod session;
pub mod sos_alarm;
pub mod sync_action;
pub mod visit;
pub mod visit_amendment;
pub mod visit_identity;
pub mod visit_photo;
pub mod visit_position;
pub mod visit_screening;
pub mod visit_signature;
pub mod visit_waste;
pub mod visit_watch;
