//! What users do on the login pages: sign in, answer what is asked, sign up, confirm, and get a new password.
//!
//! Each is the operation of the API of the same name, so that lockout, policies, triggers and second factors are the
//! same ones; the pages prove the app client themselves, and a sign-in ends with a session of the pages.
//!
//! | module | subject |
//! |---|---|
//! | `account` | sign-up, its confirmation, and a new password by a code |
//! | `proof` | a password that is proven and not sent |
//! | `sign_in` | a sign-in from its first form to its end |

mod account;
mod proof;
mod sign_in;

pub(super) use account::confirm;
pub(super) use proof::may_prove;

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use userpool_crypto::secret_hash::secret_hash;

use super::{Endpoint, authorize::Problem, parameters::Parameters, place::Place, request};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    ops::parties::{self, Party},
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
    /// Begins to prove a password, which stays in the browser (SRP): a question by the name of [`VERIFIER`].
    BeginProof {
        /// The name.
        username: String,
        /// The public value of the browser, in hexadecimal digits.
        srp_a: String,
    },
    /// Signs in by the proof of a password.
    Prove {
        /// The name.
        username: String,
        /// The proof.
        proof: Proof,
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

/// The proof that a password is known.
#[derive(Clone)]
pub struct Proof {
    /// The secret block that came with the public value of the server.
    pub block: String,
    /// The signature under the key that both sides arrived at.
    pub signature: String,
    /// When it was made.
    pub timestamp: String,
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

/// The question for the proof of a password, by its protocol name.
pub const VERIFIER: &str = "PASSWORD_VERIFIER";

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
        let party = request.party.clone().wanting(&request.levels);
        self.act.run(cx, &party).map(Ok)
    }
}
impl Act {
    fn run(&self, cx: &mut Cx<'_>, party: &Party) -> Run<Submitted> {
        match self {
            Self::SignIn { username, password } => {
                sign_in::by_password(cx, party, username, password)
            }
            Self::BeginProof { username, srp_a } => proof::begin(cx, party, username, srp_a),
            Self::Prove { username, proof } => proof::judge(cx, party, username, proof),
            Self::Begin { username, passkey } => sign_in::begin(cx, party, username, *passkey),
            Self::Answer {
                question,
                session,
                responses,
            } => sign_in::answer(cx, party, question, session, responses),
            Self::Secret { session } => sign_in::secret(cx, session),
            Self::SetUp {
                username,
                session,
                code,
            } => sign_in::set_up(cx, party, username, session, code),
            Self::SignUp {
                username,
                password,
                attributes,
            } => account::sign_up(cx, party, username, password, attributes),
            Self::Confirm { username, code } => confirm(cx, party, username, code),
            Self::Resend { username } => account::resend(cx, party, username),
            Self::Forgot { username } => account::forgot(cx, party, username),
            Self::Reset {
                username,
                code,
                password,
            } => account::reset(cx, party, username, code, password),
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
    if let Some(hash) = client_proof(cx, party, username)? {
        parameters.insert("SECRET_HASH".into(), hash);
    }
    Ok(())
}

/// The `SECRET_HASH` of a client that has a secret: its pages know it.
fn client_proof(cx: &mut Cx<'_>, party: &Party, username: &str) -> Run<Option<String>> {
    let proof = cx.once(|cx| {
        let secrets = parties::client_secrets(cx, &party.client)?;
        let secret = secrets.first();
        Ok(Arc::new(secret.map(|secret| {
            secret_hash(secret, username, &party.client.id)
        })))
    })?;
    Ok(Option::clone(&proof))
}
