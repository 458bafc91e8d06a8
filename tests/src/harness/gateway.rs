//! The phones of a test: what was sent to them can be read.

use std::sync::{Arc, Mutex};

use jiahu::gateway::{Gateway, GatewayError, Outgoing};

/// Every message that reached a phone.
#[derive(Clone, Debug, Default)]
pub struct Phones(Arc<Mutex<Vec<Outgoing>>>);

impl Phones {
    /// Messages to a phone, oldest first.
    pub fn of(&self, phone: &str) -> Vec<Outgoing> {
        self.0
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
}

#[async_trait::async_trait]
impl Gateway for Phones {
    async fn send(&self, message: &Outgoing) -> Result<(), GatewayError> {
        self.0.lock().expect("not poisoned").push(message.clone());
        Ok(())
    }
}
