//! What users do on the login pages: sign in, answer what is asked, sign up, confirm, and get a new password.
//!
//! Each is the operation of the API of the same name, so that lockout, policies, triggers and second factors are the
//! same ones; the pages prove the app client themselves, and a sign-in ends with a session of the pages.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_crypto::secret_hash::secret_hash;
use userpool_wire::idp::{
    AssociateSoftwareTokenRequest, AttributeType, ChallengeNameType, ConfirmForgotPasswordRequest,
    ConfirmSignUpRequest, ForgotPasswordRequest, ResendConfirmationCodeRequest, SignUpRequest,
    VerifySoftwareTokenRequest,
};

use super::{Endpoint, authorize::Problem, parameters::Parameters, place::Place, request, session};
use crate::{
    engine::{Cx, Fault, Refusal, RefusalKind, Run},
    ops::{
        mfa,
        parties::{self, Party},
        sign_in::{outcome::Outcome, password, proven, respond, user_auth},
        sign_up,
        users::{confirm_forgot_password, forgot_password},
    },
};

/// A form of a login page that was sent.
#[derive(Clone)]
pub struct Submit {
    /// Where it came to.
    pub place: Place,
    /// The query of its page, that of the authorization request.
    pub query: Parameters,
    /// What the user did.
    pub act: Act,
}

/// What a user does on a login page. It holds secrets, so there is no `Debug`.
#[derive(Clone)]
pub enum Act {
    /// Signs in by a password.
    SignIn {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
    /// Signs in without a password: by a passkey, or by what the user may choose.
    Begin {
        /// The name.
        username: String,
        /// Whether by a passkey, if the user has one.
        passkey: bool,
    },
    /// Answers a question of a sign-in.
    Answer {
        /// The question, by its protocol name.
        question: String,
        /// What came with it.
        session: String,
        /// The answer, by the names of `ChallengeResponses`.
        responses: BTreeMap<String, String>,
    },
    /// Wants the secret of an authenticator app, in a sign-in that asks for one.
    Secret {
        /// What came with the question.
        session: String,
    },
    /// Shows that the authenticator app has the secret, and goes on.
    SetUp {
        /// The name.
        username: String,
        /// What came with the secret.
        session: String,
        /// The code that the app shows.
        code: String,
    },
    /// Signs up.
    SignUp {
        /// The name.
        username: String,
        /// The password.
        password: String,
        /// The attributes.
        attributes: BTreeMap<String, String>,
    },
    /// Confirms a sign-up with a code.
    Confirm {
        /// The name.
        username: String,
        /// The code.
        code: String,
    },
    /// Has the code of a sign-up sent again.
    Resend {
        /// The name.
        username: String,
    },
    /// Asks for a code for a new password.
    Forgot {
        /// The name.
        username: String,
    },
    /// Sets a new password by a code.
    Reset {
        /// The name.
        username: String,
        /// The code.
        code: String,
        /// The new password.
        password: String,
    },
}

/// What followed from a form.
#[derive(Clone)]
pub enum Submitted {
    /// The user is signed in; this is the text of the cookie.
    SignedIn(String),
    /// A further question.
    Asked(Question),
    /// The secret of an authenticator app, and what goes back with its first code.
    Secret {
        /// The secret, in base32.
        secret: String,
        /// What goes back.
        session: String,
    },
    /// A code was sent, to this place as far as it may be shown.
    Sent(Option<String>),
    /// It is done.
    Done,
}

/// The parameter of a question that lists the first factors that the user may choose, as JSON text.
pub const AVAILABLE: &str = "AVAILABLE_CHALLENGES";

/// A question of a sign-in.
#[derive(Clone)]
pub struct Question {
    /// Its protocol name.
    pub name: String,
    /// What comes with it.
    pub parameters: BTreeMap<String, String>,
    /// What goes back with the answer.
    pub session: String,
}

impl Endpoint for Submit {
    type Reply = Result<Submitted, Problem>;

    /// Problems are those of the authorization request; refused is what the operation of the API refuses.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<Submitted, Problem>> {
        let request = match request::read(cx, &self.place, &self.query)? {
            Ok(request) => request,
            Err(problem) => return Ok(Err(problem)),
        };
        if !request.offers.own {
            let text = "Users of this client come from its identity providers.";
            return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
        }
        self.act.run(cx, &request.party).map(Ok)
    }
}

impl Act {
    fn run(&self, cx: &mut Cx<'_>, party: &Party) -> Run<Submitted> {
        match self {
            Self::SignIn { username, password } => {
                let mut parameters = BTreeMap::new();
                parameters.insert("USERNAME".to_string(), username.clone());
                parameters.insert("PASSWORD".to_string(), password.clone());
                prove(cx, party, username, &mut parameters)?;
                let outcome = password::judge(cx, &party.clone().at_pages(), Some(&parameters))?;
                submitted(cx, party, outcome)
            }
            Self::Begin { username, passkey } => begin(cx, party, username, *passkey),
            Self::Answer {
                question,
                session,
                responses,
            } => answer(cx, party, question, session, responses),
            Self::Secret { session } => {
                let request = AssociateSoftwareTokenRequest {
                    session: Some(session.clone().into()),
                    ..AssociateSoftwareTokenRequest::default()
                };
                let reply = mfa::associate_software_token::associate_software_token(cx, &request)?;
                Ok(Submitted::Secret {
                    secret: reply
                        .secret_code
                        .map(|it| it.as_str().into())
                        .unwrap_or_default(),
                    session: reply
                        .session
                        .map(|it| it.as_str().into())
                        .unwrap_or_default(),
                })
            }
            Self::SetUp {
                username,
                session,
                code,
            } => {
                let next = cx.once(|cx| {
                    let request = VerifySoftwareTokenRequest {
                        session: Some(session.clone().into()),
                        user_code: code.clone().into(),
                        ..VerifySoftwareTokenRequest::default()
                    };
                    let reply = mfa::verify_software_token::verify_software_token(cx, &request)?;
                    // What follows reads what this wrote.
                    cx.land()?;
                    Ok(Arc::new(reply.session))
                })?;
                let next = next
                    .as_ref()
                    .as_ref()
                    .map_or("", |session| session.as_str());
                let mut responses = BTreeMap::new();
                responses.insert("USERNAME".to_string(), username.clone());
                answer(cx, party, "MFA_SETUP", next, &responses)
            }
            Self::SignUp {
                username,
                password,
                attributes,
            } => {
                let given = attributes.iter().map(|(name, value)| AttributeType {
                    name: name.clone(),
                    value: Some(value.clone().into()),
                });
                let request = SignUpRequest {
                    client_id: party.client.id.clone().into(),
                    secret_hash: proof(cx, party, username)?.map(Into::into),
                    username: username.clone().into(),
                    password: Some(password.clone().into()),
                    user_attributes: Some(given.collect::<Vec<_>>()),
                    ..SignUpRequest::default()
                };
                let reply = sign_up::sign_up::sign_up(cx, &request)?;
                if reply.user_confirmed {
                    return Ok(Submitted::Done);
                }
                Ok(Submitted::Sent(reply.code_delivery_details.and_then(
                    |it| it.destination.map(|it| it.as_str().into()),
                )))
            }
            Self::Confirm { username, code } => {
                let request = ConfirmSignUpRequest {
                    client_id: party.client.id.clone().into(),
                    secret_hash: proof(cx, party, username)?.map(Into::into),
                    username: username.clone().into(),
                    confirmation_code: code.clone().into(),
                    ..ConfirmSignUpRequest::default()
                };
                sign_up::confirm_sign_up::confirm_sign_up(cx, &request)?;
                Ok(Submitted::Done)
            }
            Self::Resend { username } => {
                let request = ResendConfirmationCodeRequest {
                    client_id: party.client.id.clone().into(),
                    secret_hash: proof(cx, party, username)?.map(Into::into),
                    username: username.clone().into(),
                    ..ResendConfirmationCodeRequest::default()
                };
                let reply =
                    sign_up::resend_confirmation_code::resend_confirmation_code(cx, &request)?;
                Ok(Submitted::Sent(reply.code_delivery_details.and_then(
                    |it| it.destination.map(|it| it.as_str().into()),
                )))
            }
            Self::Forgot { username } => {
                let request = ForgotPasswordRequest {
                    client_id: party.client.id.clone().into(),
                    secret_hash: proof(cx, party, username)?.map(Into::into),
                    username: username.clone().into(),
                    ..ForgotPasswordRequest::default()
                };
                let reply = forgot_password::forgot_password(cx, &request)?;
                Ok(Submitted::Sent(reply.code_delivery_details.and_then(
                    |it| it.destination.map(|it| it.as_str().into()),
                )))
            }
            Self::Reset {
                username,
                code,
                password,
            } => {
                let request = ConfirmForgotPasswordRequest {
                    client_id: party.client.id.clone().into(),
                    secret_hash: proof(cx, party, username)?.map(Into::into),
                    username: username.clone().into(),
                    confirmation_code: code.clone().into(),
                    password: password.clone().into(),
                    ..ConfirmForgotPasswordRequest::default()
                };
                confirm_forgot_password::confirm_forgot_password(cx, &request)?;
                Ok(Submitted::Done)
            }
        }
    }
}

fn begin(cx: &mut Cx<'_>, party: &Party, username: &str, passkey: bool) -> Run<Submitted> {
    if !party.client.flows.user_auth {
        return Err(proven::unsupported("USER_AUTH").into());
    }
    let mut parameters = BTreeMap::new();
    parameters.insert("USERNAME".to_string(), username.to_string());
    if passkey {
        let wanted = ChallengeNameType::WebAuthn.as_str().to_string();
        parameters.insert("PREFERRED_CHALLENGE".to_string(), wanted);
    }
    prove(cx, party, username, &mut parameters)?;
    let party = party.clone().at_pages();
    let outcome = user_auth::begin(cx, &party, Some(&parameters), None)?;
    submitted(cx, &party, outcome)
}

fn answer(
    cx: &mut Cx<'_>,
    party: &Party,
    question: &str,
    session: &str,
    responses: &BTreeMap<String, String>,
) -> Run<Submitted> {
    let Some(name) = ChallengeNameType::from_wire(question) else {
        return Err(proven::unsupported("The question").into());
    };
    let known = [
        ChallengeNameType::NewPasswordRequired,
        ChallengeNameType::SmsMfa,
        ChallengeNameType::EmailOtp,
        ChallengeNameType::SmsOtp,
        ChallengeNameType::WebAuthn,
        ChallengeNameType::SelectChallenge,
        ChallengeNameType::SoftwareTokenMfa,
        ChallengeNameType::SelectMfaType,
        ChallengeNameType::MfaSetup,
    ];
    if !known.contains(&name) {
        return Err(proven::unsupported(name.as_str()).into());
    }
    let username = responses.get("USERNAME").cloned().unwrap_or_default();
    let mut responses = responses.clone();
    prove(cx, party, &username, &mut responses)?;
    let party = party.clone().at_pages();
    let outcome = respond::respond(cx, &party, name, Some(&responses), Some(session))?;
    submitted(cx, &party, outcome)
}

fn submitted(cx: &mut Cx<'_>, party: &Party, outcome: Outcome) -> Run<Submitted> {
    match outcome {
        Outcome::PageSession(sub, id) => {
            let text = session::seal(cx, &party.pool.id, &sub, &id);
            Ok(Submitted::SignedIn(text))
        }
        Outcome::Challenge {
            name,
            parameters,
            session,
        } => Ok(Submitted::Asked(Question {
            name: name.as_str().into(),
            parameters,
            session: session.unwrap_or_default(),
        })),
        Outcome::Among {
            available,
            challenge,
        } => {
            let mut submitted = submitted(cx, party, *challenge)?;
            if let Submitted::Asked(question) = &mut submitted {
                let names: Vec<&str> = available.iter().map(|factor| factor.as_str()).collect();
                let names = serde_json::Value::from(names).to_string();
                question.parameters.insert(AVAILABLE.into(), names);
            }
            Ok(submitted)
        }
        Outcome::Tokens(_) => {
            Err(Fault::new("a sign-in at the pages that ended with tokens").into())
        }
    }
}

/// Adds the proof of the client to what a sign-in is told.
fn prove(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    parameters: &mut BTreeMap<String, String>,
) -> Run<()> {
    if let Some(proof) = proof(cx, party, username)? {
        parameters.insert("SECRET_HASH".into(), proof);
    }
    Ok(())
}

/// The `SECRET_HASH` of a client that has a secret: its pages know it.
fn proof(cx: &mut Cx<'_>, party: &Party, username: &str) -> Run<Option<String>> {
    let proof = cx.once(|cx| {
        let secrets = parties::client_secrets(cx, &party.client)?;
        let secret = secrets.first();
        Ok(Arc::new(secret.map(|secret| {
            secret_hash(secret, username, &party.client.id)
        })))
    })?;
    Ok(Option::clone(&proof))
}
