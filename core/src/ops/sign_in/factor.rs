//! Second factors asked for: what follows a right first factor, as a step of a chain.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use userpool_ports::Purpose;
use userpool_wire::idp::ChallengeNameType;

use super::{
    outcome::Outcome,
    session::{self, Link},
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    few,
    model::{
        attempts::{Attempts, Limit},
        chain::{Chain, Step},
        device::DeviceId,
        factors::{Due, Factor, Factors},
        methods::Aim,
        pool::Pool,
        user::{AliasKind, Head, Profile},
    },
    ops::{
        codes, messages,
        parties::Party,
        triggers::{
            About,
            custom_message::{self, Words},
        },
    },
};

/// The word in the hashes of codes of second factors.
pub(crate) const CODE: &str = "authentication";

/// A question about a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// For the code that goes to an address of the user, or to one that shall become the user's.
    Code {
        /// What the address is.
        contact: AliasKind,
        /// Where the code goes.
        destination: String,
        /// `Code` or `NewAddress`.
        step: Step,
    },
    /// For the code of the software token, under the name that the user gave it.
    SoftwareToken(Option<String>),
    /// Which factor it shall be.
    Choice(Vec<Factor>),
    /// To set one up.
    Setup(Vec<Factor>),
}

/// What has to be known before a question is asked.
pub(crate) struct Ready {
    /// The user's attempts once it is asked.
    pub attempts: Attempts,
    /// The device that the sign-in names, as the caller knows it.
    pub device: Option<DeviceId>,
    /// Whether a risk asks for it.
    pub demanded: bool,
    /// What was shown so far, and the level that was asked for, as the caller knows it.
    pub aim: Aim,
    /// How the message with the code reads.
    words: Words,
}

impl Question {
    /// What a user must answer after a right first factor, if anything: a second factor that is due, or one that reaches
    /// the level that was asked for.
    ///
    /// # Errors
    /// `MFAMethodNotFoundException` where a factor must be shown and the user can have none; `NotAuthorizedException`
    /// where none of the user reaches the level.
    pub fn due(
        pool: &Pool,
        profile: &Profile,
        factors: Option<&Factors>,
        aim: Aim,
    ) -> Result<Option<Self>, Refusal> {
        let none = Factors::default();
        let factors = factors.unwrap_or(&none);
        if aim.is_reached() {
            return Self::of(factors.due(pool, profile), profile, factors);
        }
        match Self::of(factors.reaching(pool, profile, aim), profile, factors)? {
            Some(question) => Ok(Some(question)),
            None => Err(out_of_reach()),
        }
    }

    /// What a user must answer where a risk asks for a second factor; `None` where the user has none.
    ///
    /// # Errors
    /// None: it asks for what the user has.
    pub fn demanded(
        pool: &Pool,
        profile: &Profile,
        factors: Option<&Factors>,
    ) -> Result<Option<Self>, Refusal> {
        let none = Factors::default();
        let factors = factors.unwrap_or(&none);
        Self::of(factors.demanded(pool, profile), profile, factors)
    }

    fn of(due: Due, profile: &Profile, factors: &Factors) -> Result<Option<Self>, Refusal> {
        Ok(Some(match due {
            Due::Nothing => return Ok(None),
            Due::One(factor) => Self::about(factor, profile, factors),
            Due::Choice(choice) => Self::Choice(choice),
            Due::Setup(setup) => Self::Setup(setup),
            Due::Impossible => {
                let text = "The user has no second factor and cannot set one up.";
                return Err(Refusal::new(RefusalKind::MfaMethodNotFound, text));
            }
        }))
    }

    /// The question of a factor that the user has.
    pub fn about(factor: Factor, profile: &Profile, factors: &Factors) -> Self {
        match factor.contact() {
            None => {
                let token = factors.token.as_ref();
                Self::SoftwareToken(token.and_then(|token| token.name.clone()))
            }
            Some(contact) => {
                let address = profile.attributes.get(contact.attribute());
                Self::Code {
                    contact,
                    destination: address.cloned().unwrap_or_default(),
                    step: Step::Code,
                }
            }
        }
    }

    /// What has to be known before this is asked of a user who has these attempts. The failure is given, not
    /// returned: after a right password it must keep what that wrote.
    ///
    /// Refusals, in this order: too many codes in the hour, a message trigger.
    ///
    /// # Errors
    /// Stops the run until the trigger answered.
    pub fn ready(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        (head, profile): (&Head, &Profile),
        attempts: Attempts,
    ) -> Run<Result<Ready, Refusal>> {
        let Self::Code { contact, .. } = self else {
            return Ok(Ok(Ready {
                attempts,
                device: None,
                demanded: false,
                aim: Aim::default(),
                words: Words::default(),
            }));
        };
        let Some(attempts) = attempts.used(Limit::SecondFactorCode, cx.now()) else {
            return Ok(Err(too_many()));
        };
        let about = About::of(party, &head.username);
        let sent = (Purpose::Authentication, *contact);
        let words = custom_message::words(cx, about, head, &profile.attributes, sent)?;
        Ok(words.map(|words| Ready {
            attempts,
            device: None,
            demanded: false,
            aim: Aim::default(),
            words,
        }))
    }

    /// Asks, as the first step of a new chain or the next one of a chain; the attempts are written by the caller.
    ///
    /// # Errors
    /// Stops the run until what a code needs is there.
    pub fn ask(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        head: &Head,
        ready: &Ready,
        link: Option<&Link>,
    ) -> Run<Outcome> {
        let pool = &party.pool;
        let sent = match self {
            Self::Code {
                contact,
                destination,
                ..
            } => {
                let to = (*contact, destination.as_str());
                let why = (Purpose::Authentication, &ready.words);
                let ends = session::ends(cx, party);
                Some(codes::send(cx, pool, head, CODE, to, why, ends)?)
            }
            Self::SoftwareToken(_) | Self::Choice(_) | Self::Setup(_) => None,
        };
        let chain = Chain {
            code: sent,
            device: ready.device,
            ..self.chain(party, head, link, ready)
        };
        let session = match link {
            None => session::begin(cx, party, head, &chain)?,
            Some(link) => session::lead_on(cx, party, link, &chain)?,
        };
        let (name, parameters) = self.challenge(head);
        Ok(Outcome::Challenge {
            name,
            parameters: few::gather(
                parameters
                    .into_iter()
                    .map(|(name, value)| (name.into(), value)),
            ),
            session: Some(session),
        })
    }

    fn chain(&self, party: &Party, head: &Head, link: Option<&Link>, ready: &Ready) -> Chain {
        let aim = Some(ready.aim);
        let step = match self {
            Self::Code { step, .. } => *step,
            Self::SoftwareToken(_) => Step::SoftwareToken,
            Self::Choice(_) => Step::Choice,
            Self::Setup(_) => Step::Setup,
        };
        match link {
            None => Chain {
                demanded: ready.demanded,
                aim,
                ..Chain::begun(&party.client.id, head, step)
            },
            Some(link) => Chain {
                aim,
                ..link.chain.led_to(step, head)
            },
        }
    }

    /// The challenge as the API shows it.
    fn challenge(&self, head: &Head) -> (ChallengeNameType, Vec<(&'static str, String)>) {
        let user = ("USER_ID_FOR_SRP", head.username.clone());
        match self {
            Self::Code {
                contact,
                destination,
                ..
            } => {
                let masked = messages::mask(*contact, destination);
                let medium = |medium: &str| {
                    [
                        ("CODE_DELIVERY_DELIVERY_MEDIUM", medium.to_string()),
                        ("CODE_DELIVERY_DESTINATION", masked),
                    ]
                };
                match contact {
                    AliasKind::Phone => {
                        let [medium, destination] = medium("SMS");
                        (
                            ChallengeNameType::SmsMfa,
                            [medium, destination, user].into(),
                        )
                    }
                    AliasKind::Email | AliasKind::PreferredUsername => {
                        (ChallengeNameType::EmailOtp, medium("EMAIL").into())
                    }
                }
            }
            Self::SoftwareToken(name) => {
                let name = name
                    .iter()
                    .map(|name| ("FRIENDLY_DEVICE_NAME", name.clone()));
                (
                    ChallengeNameType::SoftwareTokenMfa,
                    name.chain([user]).collect(),
                )
            }
            Self::Choice(factors) => (
                ChallengeNameType::SelectMfaType,
                [("MFAS_CAN_CHOOSE", listed(factors)), user].into(),
            ),
            Self::Setup(factors) => (
                ChallengeNameType::MfaSetup,
                [("MFAS_CAN_SETUP", listed(factors)), user].into(),
            ),
        }
    }
}

/// Factors as a JSON list in a text.
fn listed(factors: &[Factor]) -> String {
    let names: Vec<&str> = factors.iter().map(|factor| factor.as_str()).collect();
    serde_json::json!(names).to_string()
}

/// The refusal where too many codes were sent, or too many wrong ones given, in the hour.
pub(crate) fn too_many() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "Attempt limit exceeded, please try after some time.",
    )
}

/// The refusal of a level that the user has no factors for.
pub(crate) fn out_of_reach() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "User has no factors for any of the requested authentication levels.",
    )
}
