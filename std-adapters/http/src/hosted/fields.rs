//! What a form held, as what the engine is told.

use std::collections::BTreeMap;

use userpool::oauth::pages::{Act, Proof, Question};
use userpool::oauth::parameters::Parameters;

use super::html::{PASSKEY, SET_UP};
use super::views::View;

/// What stands before the name of an attribute in a form.
const ATTRIBUTE: &str = "attribute.";
/// The longest value of a form that is handed on.
const MAX_VALUE: usize = 8_192;

/// The fields of a form.
pub(super) struct Fields(Parameters);

impl Fields {
    pub fn new(form: Parameters) -> Self {
        Self(form)
    }

    /// A field; empty where it is absent or too long.
    pub fn value(&self, name: &str) -> String {
        let found = self.0.first(name).filter(|value| value.len() <= MAX_VALUE);
        found.unwrap_or_default().to_owned()
    }

    /// A code as it was typed or pasted.
    pub fn code(&self, name: &str) -> String {
        self.value(name).trim().to_owned()
    }

    pub fn username(&self) -> String {
        self.value("username")
    }

    /// The question that the form answers.
    pub fn question(&self) -> Option<&str> {
        self.0.first("question")
    }

    pub fn attributes(&self) -> BTreeMap<String, String> {
        let given = self.0.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(ATTRIBUTE)?;
            (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        });
        given.collect()
    }

    /// A password, its proof, or the answer to a question.
    pub fn sign_in(&self) -> Act {
        let username = self.username();
        let session = self.value("session");
        match self.question() {
            None if self.0.first("with").is_some() => Act::Begin {
                username,
                passkey: self.0.first("with") == Some("passkey"),
            },
            None if self.0.first("block").is_some() => Act::Prove {
                username,
                proof: Proof {
                    block: self.value("block"),
                    signature: self.value("signature"),
                    timestamp: self.value("timestamp"),
                },
            },
            None => Act::SignIn {
                username,
                password: self.value("password"),
            },
            Some(SET_UP) => Act::SetUp {
                username,
                session,
                code: self.code("answer"),
            },
            Some(question) => Act::Answer {
                question: question.to_owned(),
                session,
                responses: self.responses(question),
            },
        }
    }

    /// The answer to a question, as `ChallengeResponses` have it.
    fn responses(&self, question: &str) -> BTreeMap<String, String> {
        let mut responses = BTreeMap::from([("USERNAME".to_owned(), self.username())]);
        let name = match question {
            "NEW_PASSWORD_REQUIRED" => {
                responses.insert("NEW_PASSWORD".to_owned(), self.value("NEW_PASSWORD"));
                let attributes = self.attributes().into_iter();
                responses.extend(
                    attributes.map(|(name, value)| (format!("userAttributes.{name}"), value)),
                );
                return responses;
            }
            "MFA_SETUP" => "EMAIL",
            "SMS_MFA" => "SMS_MFA_CODE",
            "EMAIL_OTP" => "EMAIL_OTP_CODE",
            "SMS_OTP" => "SMS_OTP_CODE",
            PASSKEY => "CREDENTIAL",
            "SOFTWARE_TOKEN_MFA" => "SOFTWARE_TOKEN_MFA_CODE",
            _ => "ANSWER",
        };
        responses.insert(name.to_owned(), self.code("answer"));
        responses
    }

    /// The question again whose answer was refused, where its Session is good for another; else the sign-in begins
    /// anew.
    pub fn again(&self, error: &str) -> View {
        let (username, session) = (self.username(), self.value("session"));
        let name = self.value("question");
        match (error, name.as_str()) {
            ("InvalidPasswordException", "NEW_PASSWORD_REQUIRED")
            | (
                "CodeMismatchException",
                "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" | "SOFTWARE_TOKEN_MFA",
            ) => {
                let sent = ("CODE_DELIVERY_DESTINATION".to_owned(), self.value("sent"));
                let question = Question {
                    name,
                    parameters: BTreeMap::from([sent]),
                    session,
                };
                View::Question(question, username)
            }
            ("EnableSoftwareTokenMFAException", SET_UP) => View::Secret {
                secret: self.value("secret"),
                session,
                username,
            },
            _ => View::SignIn(String::new()),
        }
    }
}
