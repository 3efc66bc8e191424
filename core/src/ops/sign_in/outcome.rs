//! Where one request of a sign-in leads: tokens, or a challenge.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use userpool_wire::idp::{
    AdminInitiateAuthResponse, AdminRespondToAuthChallengeResponse, AuthenticationResultType,
    ChallengeNameType, InitiateAuthResponse, RespondToAuthChallengeResponse,
};

use crate::{engine::Fault, few, model::sub::Sub};

/// Where one request of a sign-in leads.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// Signed in.
    Tokens(AuthenticationResultType),
    /// Signed in at the login pages, with a session of this id.
    PageSession(Sub, [u8; 16]),
    /// A further question.
    Challenge {
        /// What is asked.
        name: ChallengeNameType,
        /// What the client needs for the answer.
        parameters: BTreeMap<String, String>,
        /// What it sends back with the answer.
        session: Option<String>,
    },
    /// A question about a first factor, one of several.
    Among {
        /// The first factors that the user may choose.
        available: Vec<ChallengeNameType>,
        /// The question.
        challenge: Box<Self>,
    },
}

impl Outcome {
    /// The same question, to be answered with a Session.
    pub fn with_session(self, session: String) -> Self {
        match self {
            Self::Challenge {
                name, parameters, ..
            } => Self::Challenge {
                name,
                parameters,
                session: Some(session),
            },
            other => other,
        }
    }

    /// A challenge by its protocol name.
    pub fn challenge<const N: usize>(
        name: &str,
        parameters: [(&str, String); N],
        session: Option<String>,
    ) -> Self {
        Self::Challenge {
            name: ChallengeNameType::from_wire(name).unwrap_or_default(),
            parameters: few::gather(
                parameters
                    .into_iter()
                    .map(|(name, value)| (name.into(), value)),
            ),
            session,
        }
    }
}

macro_rules! into_reply {
    ($($reply:ident),*) => {
        $(impl TryFrom<Outcome> for $reply {
            type Error = Fault;

            fn try_from(outcome: Outcome) -> Result<Self, Fault> {
                Ok(match outcome {
                    Outcome::Tokens(result) => Self {
                        authentication_result: Some(result),
                        challenge_parameters: Some(BTreeMap::new().into()),
                        ..Self::default()
                    },
                    Outcome::PageSession(..) => {
                        return Err(Fault::new("a sign-in by the API, which ends with tokens"));
                    }
                    Outcome::Challenge { name, parameters, session } => Self {
                        challenge_name: Some(name),
                        challenge_parameters: Some(parameters.into()),
                        session: session.map(Into::into),
                        ..Self::default()
                    },
                    Outcome::Among { available, challenge } => Self {
                        available_challenges: Some(available),
                        ..Self::try_from(*challenge)?
                    },
                })
            }
        })*
    };
}

into_reply!(
    InitiateAuthResponse,
    AdminInitiateAuthResponse,
    RespondToAuthChallengeResponse,
    AdminRespondToAuthChallengeResponse
);
