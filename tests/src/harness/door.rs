//! What happens at the door before a procedure may begin.

use jiahu::domain::seed;
use serde_json::{Value, json};

use super::client::Client;
use crate::answers;

/// Asks the screening again on a visit, as its nurse, with answers that nothing stands against; gives the answer.
pub async fn screened(nurse: &Client, visit: &str) -> Value {
    let path = format!("/v1/visits/{visit}/screening");
    let asked = nurse.get(&path).await.expect(200);
    let body = json!({ "answers": good_answers(&asked["questions"]) });
    nurse.post(&path, body).await.expect(200)
}

/// Answers that nothing stands against.
pub fn good_answers(questions: &Value) -> Value {
    answers::answer(seed::catalogue(), questions, false, &mut rand::rng())
}
