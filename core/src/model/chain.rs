//! A challenge chain: a sign-in with further steps.
//!
//! | step | entered by | leads to |
//! |---|---|---|
//! | new password | a right temporary password | what the second factors say, device, tokens |
//! | code | a right password, a choice | device, tokens |
//! | software token | a right password, a choice | device, tokens |
//! | choice | a right password | code, software token |
//! | setup | a right password | secret, code to the new address |
//! | secret | AssociateSoftwareToken, also once more | set up |
//! | set up | VerifySoftwareToken | device, tokens |
//! | code to the new address | an address given in the setup | device, tokens |
//! | proof | `CUSTOM_AUTH` with SRP | what the second factors say, custom |
//! | custom | a function of the pool | custom, or what the second factors say, device, tokens |
//! | device | a remembered device, in place of a second factor or as the last step | tokens |
//! | selection | `USER_AUTH`, signed up | password, SRP, first code, passkey, or what a right password leads to |
//! | password | `USER_AUTH`, a selection | what a right password leads to |
//! | SRP | `USER_AUTH`, a selection | a secret block |
//! | first code | `USER_AUTH`, a selection | tokens |
//! | passkey | `USER_AUTH`, a selection | tokens, or what a risk demands |
//! | signed up | ConfirmSignUp | tokens, a selection |
//!
//! The step of a device is the last one, and lies under the device and the client, where it is found without a Session;
//! it ends with its first proof, right or wrong. In a chain that functions lead, what leads to tokens leads back to them.
//!
//! Each answer that leads on makes older Sessions dead; a chain dies with its time, with the epochs of its user, and
//! with the fifth wrong answer. Wrong answers leave the step and its Session as they are.
//!
//! ## Machine: the challenges after a first factor
//!
//! | challenge | a right answer | a wrong answer | a fifth wrong answer | its time ends | the password changes | a global sign-out |
//! |---|---|---|---|---|---|---|
//! | NEW_PASSWORD_REQUIRED | tokens | NEW_PASSWORD_REQUIRED | NEW_PASSWORD_REQUIRED | over | over | over |
//! | SMS_MFA | tokens | SMS_MFA | over | over | over | over |
//! | EMAIL_OTP | tokens | EMAIL_OTP | over | over | over | over |
//! | SOFTWARE_TOKEN_MFA | tokens | SOFTWARE_TOKEN_MFA | over | over | over | over |
//! | SELECT_MFA_TYPE | EMAIL_OTP | SELECT_MFA_TYPE | SELECT_MFA_TYPE | over | over | over |
//! | MFA_SETUP | MFA_SETUP with a secret | MFA_SETUP | MFA_SETUP | over | over | over |
//! | MFA_SETUP with a secret | MFA_SETUP with a token | MFA_SETUP with a secret | over | over | over | over |
//! | MFA_SETUP with a token | tokens | MFA_SETUP with a token | MFA_SETUP with a token | over | over | over |
//! | CUSTOM_CHALLENGE | tokens | CUSTOM_CHALLENGE | over | over | over | over |
//!
//! An answer of which there is nothing to guess, such as a choice, is not counted when it is wrong.
//!
//! ## Machine: the first factors that a user chooses, and a device
//!
//! | challenge | a right answer | a wrong answer | a fifth wrong answer | its time ends | the password changes | a global sign-out |
//! |---|---|---|---|---|---|---|
//! | SELECT_CHALLENGE | EMAIL_OTP | SELECT_CHALLENGE | SELECT_CHALLENGE | over | over | over |
//! | PASSWORD | tokens | PASSWORD | over | over | over | over |
//! | PASSWORD_SRP | PASSWORD_VERIFIER | PASSWORD_SRP | PASSWORD_SRP | over | over | over |
//! | PASSWORD_VERIFIER | tokens | over | over | over | over | PASSWORD_VERIFIER |
//! | EMAIL_OTP | tokens | EMAIL_OTP | over | over | over | over |
//! | SMS_OTP | tokens | SMS_OTP | over | over | over | over |
//! | WEB_AUTHN | tokens | WEB_AUTHN | over | over | over | over |
//! | a confirmation | tokens | a confirmation | a confirmation | over | over | over |
//! | DEVICE_SRP_AUTH | DEVICE_PASSWORD_VERIFIER | DEVICE_SRP_AUTH | DEVICE_SRP_AUTH | over | over | over |
//! | DEVICE_PASSWORD_VERIFIER | tokens | over | over | over | over | over |
//!
//! A confirmation is the Session of a sign-up whose code was right; it signs in without a challenge. The password proven
//! by SRP has no chain, only a block: a sign-out does not end it, and who proves a password afterwards signs in anew.

use alloc::{string::String, vec::Vec};

use userpool_ports::Timestamp;

use super::{code::Code, device::DeviceId, methods::Aim, sub::Sub, user::Head};
use crate::{cbor::Cbor, engine::Record};

/// A challenge chain; its key names pool, user and chain.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Chain {
    /// The app client.
    #[n(0)]
    pub client: String,
    /// What is asked for now.
    #[n(1)]
    pub step: Step,
    /// Counts the steps; a Session names the one it was given for.
    #[n(2)]
    pub generation: u32,
    /// The credential epoch under which it began.
    #[n(3)]
    pub credential_epoch: u32,
    /// The revocation epoch under which it began.
    #[n(4)]
    pub revocation_epoch: u32,
    /// Wrong answers so far, over all steps.
    #[cbor(n(5), default)]
    pub wrong: u8,
    /// The code that was sent for this step.
    #[n(6)]
    pub code: Option<Code>,
    /// The sealed secret of a software token that waits for its first code; the chain's key is its place.
    #[cbor(n(7), bytes)]
    pub secret: Option<Vec<u8>>,
    /// What the functions of custom challenges have said so far.
    #[n(8)]
    pub custom: Option<Custom>,
    /// The device that the sign-in named.
    #[n(16)]
    pub device: Option<DeviceId>,
    /// Drawn when a device was asked to prove itself: what was made for an earlier such step does not fit this one.
    #[n(17)]
    pub draw: Option<[u8; 16]>,
    /// The challenge that a passkey has to sign.
    #[n(12)]
    pub challenge: Option<[u8; 32]>,
    /// Whether a risk asks for a second factor: one that the user switched off will do.
    #[cbor(n(21), default)]
    pub demanded: bool,
    /// What was shown so far, and the level that was asked for.
    #[n(22)]
    pub aim: Option<Aim>,
}

/// What the functions of custom challenges have said in a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Custom {
    /// The challenges that were answered, oldest first.
    #[n(0)]
    pub answered: Vec<Answered>,
    /// What the function said of the challenge that waits, for the others.
    #[n(1)]
    pub metadata: Option<String>,
    /// The parameters for the function that judges the answer, JSON text, sealed; the chain's key is its place.
    #[cbor(n(2), bytes)]
    pub private: Vec<u8>,
}

/// A challenge of a sign-in led by functions that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Answered {
    /// Whether rightly.
    #[n(0)]
    pub right: bool,
    /// What the function said of it, for the others.
    #[n(1)]
    pub metadata: Option<String>,
    /// The challenge, where it was one that no function makes.
    #[n(2)]
    pub name: Option<String>,
}

impl Answered {
    /// A challenge that no function makes, answered rightly.
    #[must_use]
    pub fn rightly(name: &str) -> Self {
        Self {
            right: true,
            metadata: None,
            name: Some(name.into()),
        }
    }
}

/// The most wrong answers of a chain.
const MAX_WRONG: u8 = 5;

impl Record for Chain {
    const KIND: &'static str = "a challenge chain";
}

impl Chain {
    /// Whether the user is still who began it.
    #[must_use]
    pub fn fits(&self, head: &Head) -> bool {
        self.credential_epoch == head.credential_epoch
            && self.revocation_epoch == head.revocation_epoch
    }

    /// The first step of a chain.
    #[must_use]
    pub fn begun(client: &str, head: &Head, step: Step) -> Self {
        Self {
            client: client.into(),
            step,
            generation: 0,
            credential_epoch: head.credential_epoch,
            revocation_epoch: head.revocation_epoch,
            wrong: 0,
            code: None,
            secret: None,
            custom: None,
            device: None,
            draw: None,
            challenge: None,
            demanded: false,
            aim: None,
        }
    }

    /// What was shown so far, and the level that was asked for.
    #[must_use]
    pub fn aim(&self) -> Aim {
        self.aim.unwrap_or_default()
    }

    /// The next step of the chain, for the user as the last one left the user.
    #[must_use]
    pub fn led_to(&self, step: Step, head: &Head) -> Self {
        Self {
            generation: self.generation.saturating_add(1),
            wrong: self.wrong,
            device: self.device,
            demanded: self.demanded,
            aim: self.aim,
            custom: self.custom.clone(),
            ..Self::begun(&self.client, head, step)
        }
    }

    /// The chain after a wrong answer; `None` where it was the last.
    #[must_use]
    pub fn mistaken(&self) -> Option<Self> {
        let wrong = self.wrong.saturating_add(1);
        (wrong < MAX_WRONG).then(|| Self {
            wrong,
            ..self.clone()
        })
    }
}

/// What a chain asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum Step {
    /// `NEW_PASSWORD_REQUIRED`.
    #[n(0)]
    NewPassword,
    /// `SMS_MFA` or `EMAIL_OTP`, by where the code went.
    #[n(1)]
    Code,
    /// `SOFTWARE_TOKEN_MFA`.
    #[n(2)]
    SoftwareToken,
    /// `SELECT_MFA_TYPE`.
    #[n(3)]
    Choice,
    /// `MFA_SETUP`, nothing done yet.
    #[n(4)]
    Setup,
    /// `MFA_SETUP`, a secret was given out.
    #[n(5)]
    Secret,
    /// `MFA_SETUP`, the software token was verified.
    #[n(6)]
    SetUp,
    /// `EMAIL_OTP` to an address that the user gave in the setup.
    #[n(7)]
    NewAddress,
    /// `CUSTOM_CHALLENGE`.
    #[n(20)]
    Custom,
    /// `DEVICE_SRP_AUTH`, then `DEVICE_PASSWORD_VERIFIER`.
    #[n(22)]
    Device,
    /// `SELECT_CHALLENGE`.
    #[n(30)]
    Select,
    /// `PASSWORD`.
    #[n(31)]
    Password,
    /// `PASSWORD_SRP`.
    #[n(32)]
    PasswordSrp,
    /// `EMAIL_OTP` or `SMS_OTP`, by where the code went.
    #[n(33)]
    FirstCode,
    /// `WEB_AUTHN`.
    #[n(34)]
    Passkey,
    /// Nothing: the code of a sign-up has just confirmed the user.
    #[n(35)]
    SignedUp,
    /// `PASSWORD_VERIFIER`, before custom challenges.
    #[n(36)]
    Proof,
}

impl Step {
    /// Whether it may be asked of somebody who has shown nothing: it may be nobody.
    #[must_use]
    pub const fn is_of_anybody(self) -> bool {
        match self {
            Self::Custom
            | Self::Select
            | Self::Password
            | Self::PasswordSrp
            | Self::FirstCode
            | Self::Passkey
            | Self::SignedUp
            | Self::Proof => true,
            Self::NewPassword
            | Self::Code
            | Self::SoftwareToken
            | Self::Choice
            | Self::Setup
            | Self::Secret
            | Self::SetUp
            | Self::NewAddress
            | Self::Device => false,
        }
    }
}

/// What a Session holds: a reference to a chain and the step it was given for.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Session {
    /// The user.
    #[cbor(n(0), bytes)]
    pub sub: Sub,
    /// The chain.
    #[cbor(n(1), bytes)]
    pub chain: [u8; 16],
    /// The step.
    #[n(2)]
    pub generation: u32,
    /// When the Session ends.
    #[n(3)]
    pub ends: Timestamp,
    /// The device of the chain.
    #[n(16)]
    pub device: Option<DeviceId>,
    /// The name as typed, while no factor was shown: the user may be nobody.
    #[n(4)]
    pub typed: Option<String>,
}
