//! The phones of a test: what was sent to them can be read, and some may be out of reach.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiahu::gateway::{Gateway, GatewayError, Outgoing};

/// Every message that reached a phone.
#[derive(Clone, Debug, Default)]
pub struct Phones {
    reached: Arc<Mutex<Vec<Outgoing>>>,
    out_of_reach: Arc<Mutex<BTreeMap<String, GatewayError>>>,
}

impl Phones {
    /// Messages to a phone, oldest first.
    pub fn of(&self, phone: &str) -> Vec<Outgoing> {
        self.reached
            .lock()
            .expect("not poisoned")
            .iter()
            .filter(|message| message.phone == phone)
            .cloned()
            .collect()
    }

    /// The newest login code sent to a phone.
    pub fn code(&self, phone: &str) -> String {
        let messages = self.of(phone);
        let text = &messages
            .iter()
            .rfind(|message| message.template == "login_code")
            .expect("a code was sent")
            .text;
        text.split(|c: char| !c.is_ascii_digit())
            .find(|part| part.len() == 6)
            .expect("six digits")
            .to_owned()
    }

    /// From now on nothing reaches a phone, with this answer of the gateway.
    pub fn cut_off(&self, phone: &str, answer: GatewayError) {
        let mut cut = self.out_of_reach.lock().expect("not poisoned");
        cut.insert(phone.to_owned(), answer);
    }

    /// A phone is reached again.
    pub fn mend(&self, phone: &str) {
        let mut cut = self.out_of_reach.lock().expect("not poisoned");
        cut.remove(phone);
    }
}

#[async_trait::async_trait]
impl Gateway for Phones {
    async fn send(&self, message: &Outgoing) -> Result<(), GatewayError> {
        let cut = self.out_of_reach.lock().expect("not poisoned");
        if let Some(answer) = cut.get(&message.phone) {
            return Err(answer.clone());
        }
        self.reached
            .lock()
            .expect("not poisoned")
            .push(message.clone());
        Ok(())
    }
}
