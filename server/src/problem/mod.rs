//! What a caller is told when something is wrong: RFC 9457 problem documents with a stable code,
//! in Chinese and English. Texts stand in [`codes`]; who renders them is `middleware::problems`.

mod codes;

pub use codes::Code;
use entity::enums::Language;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Values for the `{name}` places of a text.
pub type Params = Vec<(&'static str, String)>;

/// A refusal meant for the caller: what was wrong, where, and what to do.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    params: Params,
    fields: Vec<(String, Code, Params)>,
    members: Map<String, Value>,
    /// Seconds after which a retry makes sense, sent as `Retry-After`.
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// A problem with the text of its code.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            params: Vec::new(),
            fields: Vec::new(),
            members: Map::new(),
            retry_after_s: None,
        }
    }

    /// Fills `{name}` in the code's text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// Names a field that is wrong, by its JSON path (`items[0].code`).
    #[must_use]
    pub fn field(mut self, path: impl Into<String>, code: Code) -> Self {
        self.fields.push((path.into(), code, Vec::new()));
        self
    }

    /// Names a field that is wrong and fills its text.
    #[must_use]
    pub fn field_with(mut self, path: impl Into<String>, code: Code, params: Params) -> Self {
        self.fields.push((path.into(), code, params));
        self
    }

    /// Adds an extension member that a program can read.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Tells when to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The first field's code with its values, else its own: what is told where there is room for one.
    pub fn first(&self) -> (Code, Params) {
        match self.fields.first() {
            Some((_, code, params)) => (*code, params.clone()),
            None => (self.code, self.params.clone()),
        }
    }

    /// The text of an extension member.
    pub fn text_of(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str)
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The full text in one language, for those who read no document.
    pub fn detail(&self, language: Language) -> String {
        fill(self.code.detail(language), &self.params)
    }

    /// The document in one language.
    pub fn document(&self, language: Language, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("urn:jiahu:problem:{}", self.code.as_str()),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            title: self.code.title(language).to_owned(),
            detail: self.detail(language),
            request_id: request_id.to_owned(),
            errors: self
                .fields
                .iter()
                .map(|(path, code, params)| FieldProblem {
                    field: path.clone(),
                    code: code.as_str().to_owned(),
                    message: fill(code.detail(language), params),
                })
                .collect(),
            members: self.members.clone(),
        }
    }
}

impl Code {
    /// The full text in one language, its places filled.
    pub fn text(self, language: Language, params: &[(&'static str, String)]) -> String {
        fill(self.detail(language), params)
    }
}

/// Puts parameters into a text: `{name}` becomes the value.
fn fill(text: &str, params: &[(&'static str, String)]) -> String {
    params.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// RFC 9457 problem document, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// `urn:jiahu:problem:<code>`.
    #[serde(rename = "type")]
    #[schema(example = "urn:jiahu:problem:order_gone")]
    kind: String,
    /// HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// Stable code; programs decide by this.
    #[schema(example = "order_gone")]
    code: String,
    /// Short text in the caller's language.
    title: String,
    /// What was wrong and what to do, in the caller's language.
    detail: String,
    /// Id of the request, to quote when asking for help.
    request_id: String,
    /// Fields that are wrong, when there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// Further members that depend on the code.
    #[serde(flatten)]
    #[schema(additional_properties = true, value_type = Object)]
    members: Map<String, Value>,
}

/// One field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON path of the field, `items[0]`.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// Text in the caller's language.
    pub message: String,
}
