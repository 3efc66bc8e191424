//! What somebody does in a history. Nothing here is a secret: a code, token or Session is called by the number of the
//! act that brought it forth.

mod setting;

pub use setting::Setting;

use crate::rules::{EMAILS, NAMES, PASSWORDS, PHONES, PREFERRED};

/// The number of an act in its history.
pub type At = u32;

/// A name as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Typed {
    /// A name, address or preferred name.
    Text(&'static str),
    /// The id of the user whom an act made.
    Id(At),
}

/// A password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Password {
    /// One of those in play.
    Known(usize),
    /// The temporary one that an act drew.
    Drawn(At),
}

impl Password {
    /// Whether it fits the policy.
    #[must_use]
    pub fn fits_policy(self) -> bool {
        self != Self::Known(PASSWORDS.len() - 1)
    }
}

/// A code as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The one in the message of an act: the first or second message.
    Sent(At, usize),
    /// One that was never sent.
    Wrong,
}

/// A code of a software token as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Totp {
    /// The code of the secret that an act gave out, so many steps from now.
    Of(At, i64),
    /// One that fits no secret.
    Wrong,
}

/// An access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// The one that an act brought.
    Access(At),
    /// The ID token that an act brought, which is none.
    Id(At),
}

/// A second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// A text message.
    Sms,
    /// A software token.
    Token,
    /// An e-mail.
    Email,
}

impl Factor {
    /// Every one, in the order of lists.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Token, Self::Email];

    /// The protocol's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "SMS_MFA",
            Self::Token => "SOFTWARE_TOKEN_MFA",
            Self::Email => "EMAIL_OTP",
        }
    }
}

/// What is wished for a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which; `None` for passkeys that are both factors.
    pub factor: Option<Factor>,
    /// On or off.
    pub on: Option<bool>,
    /// Preferred or not.
    pub preferred: Option<bool>,
}

/// What a user is called and reached by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// The preferred name.
    Preferred,
}

impl Kind {
    /// Every one, in the order in which names are looked for.
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::Preferred];

    /// The attribute.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone_number",
            Self::Preferred => "preferred_username",
        }
    }

    /// The attribute that says whether it is verified.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::Phone => "phone_number_verified",
            Self::Preferred => "",
        }
    }

    /// The kind of an address by its form.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if EMAILS.contains(&text) {
            Some(Self::Email)
        } else if PHONES.contains(&text) {
            Some(Self::Phone)
        } else {
            None
        }
    }
}

/// Attributes with their values; an empty value removes.
pub type Values = Vec<(&'static str, &'static str)>;

/// How a sign-in begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `USER_PASSWORD_AUTH`.
    User,
    /// `ADMIN_USER_PASSWORD_AUTH`.
    Administrator,
}

/// How tokens are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// `REFRESH_TOKEN_AUTH`.
    Flow,
    /// GetTokensFromRefreshToken.
    Operation,
}

/// A first factor that is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The password, given at once or when it is asked for.
    Password(Option<Password>),
    /// SRP, begun at once or when it is asked for.
    Srp(bool),
    /// A code to an address.
    Code(Kind),
    /// A passkey.
    Passkey,
    /// None: what there is to choose from.
    Open,
}

/// How an authenticator answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// As it should, with a counter that rises; whether it has verified the user.
    Rightly(bool),
    /// To a challenge that nobody asked.
    ToAnother,
    /// On a page of somebody else.
    Elsewhere,
    /// With the counter of the last time.
    Again,
}

/// What a request says of where its user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The address.
    pub address: usize,
    /// The software, as an administrator's server passes it on.
    pub agent: Option<usize>,
    /// The device, as scripts in browsers tell it.
    pub device: Option<usize>,
}

/// Whose devices, sessions or factors a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those of a user who is signed in.
    User(Bearer),
    /// Those of a user, for an administrator.
    Admin(Typed),
}

/// An answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A new password.
    NewPassword(Password),
    /// The code of a text message or an e-mail.
    Code(Factor, Code),
    /// The code of a software token.
    Totp(Totp),
    /// The choice among factors.
    Choice(Factor),
    /// The choice of a first factor.
    Select(First),
    /// The end of a setup.
    SetUp,
    /// An address in a setup.
    Address(&'static str),
    /// The answer to a custom challenge.
    Custom(bool),
    /// The password that was asked for.
    Password(Password),
    /// The beginning of SRP that was asked for.
    Srp,
    /// The code of a text message as the first factor.
    FirstSms(Code),
    /// The signature of a credential.
    Passkey(u8, Signed),
}

/// Who asks for a software token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A user who is signed in.
    Token(Bearer),
    /// A user in the middle of a sign-in.
    Session(At),
}

impl Of {
    /// The name of the operation, as users and as administrators have it.
    const fn either(self, user: &'static str, administrator: &'static str) -> &'static str {
        match self {
            Self::User(_) => user,
            Self::Admin(_) => administrator,
        }
    }
}

/// What somebody does.
#[expect(
    missing_docs,
    reason = "the members of an act are those of its request"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// SignUp.
    SignUp {
        client: usize,
        name: &'static str,
        password: Option<Password>,
        values: Values,
    },
    /// ConfirmSignUp.
    ConfirmSignUp {
        client: usize,
        typed: Typed,
        code: Code,
        force: bool,
    },
    /// ResendConfirmationCode.
    ResendConfirmationCode { client: usize, typed: Typed },
    /// InitiateAuth or AdminInitiateAuth with a password.
    SignIn {
        client: usize,
        typed: Typed,
        password: Password,
        way: Way,
    },
    /// InitiateAuth with `USER_SRP_AUTH`.
    SrpBegin { client: usize, typed: Typed },
    /// InitiateAuth with `USER_AUTH`.
    UserAuth {
        client: usize,
        typed: Typed,
        first: First,
    },
    /// RespondToAuthChallenge with `PASSWORD_VERIFIER`.
    SrpAnswer {
        client: usize,
        block: At,
        password: Password,
    },
    /// InitiateAuth with `CUSTOM_AUTH`.
    CustomBegin {
        client: usize,
        typed: Typed,
        /// Whether it begins with `SRP_A`.
        srp: bool,
    },
    /// RespondToAuthChallenge.
    Respond {
        client: usize,
        typed: Typed,
        session: At,
        answer: Answer,
    },
    /// InitiateAuth with `REFRESH_TOKEN_AUTH`, or GetTokensFromRefreshToken.
    Refresh {
        client: usize,
        token: At,
        renewal: Renewal,
    },
    /// RevokeToken.
    Revoke { client: usize, token: At },
    /// GlobalSignOut.
    GlobalSignOut(Bearer),
    /// GetUser.
    GetUser(Bearer),
    /// ForgotPassword.
    ForgotPassword { client: usize, typed: Typed },
    /// ConfirmForgotPassword.
    ConfirmForgotPassword {
        client: usize,
        typed: Typed,
        code: Code,
        password: Password,
    },
    /// ChangePassword.
    ChangePassword {
        bearer: Bearer,
        previous: Option<Password>,
        proposed: Password,
    },
    /// UpdateUserAttributes.
    UpdateAttributes { bearer: Bearer, values: Values },
    /// DeleteUserAttributes.
    DeleteAttributes {
        bearer: Bearer,
        names: Vec<&'static str>,
    },
    /// GetUserAttributeVerificationCode.
    GetCode { bearer: Bearer, kind: Kind },
    /// VerifyUserAttribute.
    Verify {
        bearer: Bearer,
        kind: Kind,
        code: Code,
    },
    /// DeleteUser.
    DeleteUser(Bearer),
    /// AssociateSoftwareToken.
    Associate(By),
    /// VerifySoftwareToken.
    VerifyToken(By, Totp),
    /// SetUserMFAPreference.
    Prefer(Bearer, Vec<Wish>),
    /// AdminSetUserMFAPreference.
    AdminPrefer(Typed, Vec<Wish>),
    /// AdminDeleteSoftwareToken.
    AdminDeleteSoftwareToken(Typed),
    /// AdminCreateUser.
    AdminCreateUser {
        name: &'static str,
        password: Option<Password>,
        values: Values,
        force: bool,
        quiet: bool,
    },
    /// AdminCreateUser with `RESEND`.
    AdminInviteAgain {
        typed: Typed,
        password: Option<Password>,
    },
    /// AdminConfirmSignUp.
    AdminConfirmSignUp(Typed),
    /// AdminGetUser.
    AdminGetUser(Typed),
    /// AdminEnableUser.
    AdminEnableUser(Typed),
    /// AdminDisableUser.
    AdminDisableUser(Typed),
    /// AdminSetUserPassword.
    AdminSetUserPassword {
        typed: Typed,
        password: Password,
        permanent: bool,
    },
    /// AdminResetUserPassword.
    AdminResetUserPassword(Typed),
    /// AdminUpdateUserAttributes.
    AdminUpdateAttributes { typed: Typed, values: Values },
    /// AdminDeleteUserAttributes.
    AdminDeleteAttributes {
        typed: Typed,
        names: Vec<&'static str>,
    },
    /// AdminUserGlobalSignOut.
    AdminUserGlobalSignOut(Typed),
    /// AdminDeleteUser.
    AdminDeleteUser(Typed),
    /// CreateGroup.
    CreateGroup(&'static str, Option<i64>),
    /// DeleteGroup.
    DeleteGroup(&'static str),
    /// AdminAddUserToGroup.
    AddToGroup(&'static str, Typed),
    /// AdminRemoveUserFromGroup.
    RemoveFromGroup(&'static str, Typed),
    /// AdminListGroupsForUser.
    ListGroupsForUser(Typed),
    /// ListUsersInGroup.
    ListUsersInGroup(&'static str),
    /// ListUsers.
    ListUsers,
    /// A request of a sign-in that names the device which an act gave out.
    From(At, Box<Act>),
    /// A request of a sign-in, by an administrator's server.
    Server(Box<Act>),
    /// A request that says where its user is.
    Saying(Context, Box<Act>),
    /// AdminListUserAuthEvents.
    ListEvents(Typed),
    /// AdminUpdateAuthEventFeedback or UpdateAuthEventFeedback, of an event in a list that an act brought.
    Feedback {
        typed: Typed,
        /// The act that brought the list, and the event in it.
        event: (At, usize),
        valid: bool,
        /// The event whose token is shown; `None` where an administrator speaks.
        token: Option<usize>,
    },
    /// ConfirmDevice.
    ConfirmDevice(Bearer, At),
    /// GetDevice, AdminGetDevice.
    GetDevice(Of, At),
    /// ListDevices, AdminListDevices.
    ListDevices(Of),
    /// ForgetDevice, AdminForgetDevice.
    ForgetDevice(Of, At),
    /// UpdateDeviceStatus, AdminUpdateDeviceStatus: whether it is remembered.
    UpdateDevice(Of, At, Option<bool>),
    /// RespondToAuthChallenge with `DEVICE_SRP_AUTH`.
    DeviceBegin {
        client: usize,
        typed: Typed,
        device: At,
        session: Option<At>,
    },
    /// RespondToAuthChallenge with `DEVICE_PASSWORD_VERIFIER`.
    DeviceProve {
        client: usize,
        typed: Typed,
        device: At,
        block: At,
        session: Option<At>,
        right: bool,
    },
    /// ListUserSessions, AdminListUserSessions.
    ListSessions(Of),
    /// RevokeUserSession, AdminRevokeUserSession: the session whose tokens an act brought first.
    RevokeSession(Of, At),
    /// SetUserPoolSessionConfiguration: whether sessions are tracked, and how many a user has at most.
    SetSessions(bool, u8),
    /// GetUserPoolSessionConfiguration.
    GetSessions,
    /// SetUserPoolClientSessionConfiguration, in minutes.
    SetClientSession(usize, u32),
    /// GetUserPoolClientSessionConfiguration.
    GetClientSession(usize),
    /// InitiateAuth with `USER_AUTH` and the Session of a sign-up that an act confirmed.
    SignedUp {
        client: usize,
        typed: Typed,
        session: At,
    },
    /// StartWebAuthnRegistration.
    StartPasskey(Bearer),
    /// CompleteWebAuthnRegistration: the answer of a credential to the options of an act.
    CompletePasskey(Bearer, At, u8, Signed),
    /// ListWebAuthnCredentials.
    ListPasskeys(Bearer),
    /// DeleteWebAuthnCredential.
    DeletePasskey(Bearer, u8),
    /// GetUserAuthFactors, AdminGetUserAuthFactors.
    GetFactors(Of),
    /// SetUserSettings, AdminSetUserSettings: text messages on or off.
    SetSettings(Of, bool),
    /// Something about settings.
    Set(Setting),
    /// Time goes by, in seconds.
    Wait(u64),
    /// Everybody goes to another place.
    Move(usize),
    /// The engine clears up behind itself: a job and a sweep.
    Upkeep,
}

impl Act {
    /// The name that is typed, if one is.
    pub fn typed_mut(&mut self) -> Option<&mut Typed> {
        match self {
            Self::ConfirmSignUp { typed, .. }
            | Self::ResendConfirmationCode { typed, .. }
            | Self::SignIn { typed, .. }
            | Self::SrpBegin { typed, .. }
            | Self::CustomBegin { typed, .. }
            | Self::UserAuth { typed, .. }
            | Self::Respond { typed, .. }
            | Self::ForgotPassword { typed, .. }
            | Self::ConfirmForgotPassword { typed, .. }
            | Self::AdminPrefer(typed, _)
            | Self::AdminDeleteSoftwareToken(typed)
            | Self::AdminInviteAgain { typed, .. }
            | Self::AdminConfirmSignUp(typed)
            | Self::AdminGetUser(typed)
            | Self::AdminEnableUser(typed)
            | Self::AdminDisableUser(typed)
            | Self::AdminSetUserPassword { typed, .. }
            | Self::AdminResetUserPassword(typed)
            | Self::AdminUpdateAttributes { typed, .. }
            | Self::AdminDeleteAttributes { typed, .. }
            | Self::AdminUserGlobalSignOut(typed)
            | Self::AdminDeleteUser(typed)
            | Self::AddToGroup(_, typed)
            | Self::RemoveFromGroup(_, typed)
            | Self::ListGroupsForUser(typed)
            | Self::DeviceBegin { typed, .. }
            | Self::DeviceProve { typed, .. }
            | Self::GetDevice(Of::Admin(typed), _)
            | Self::ListDevices(Of::Admin(typed))
            | Self::ForgetDevice(Of::Admin(typed), _)
            | Self::UpdateDevice(Of::Admin(typed), ..)
            | Self::ListSessions(Of::Admin(typed))
            | Self::RevokeSession(Of::Admin(typed), _)
            | Self::GetFactors(Of::Admin(typed))
            | Self::SetSettings(Of::Admin(typed), _)
            | Self::SignedUp { typed, .. }
            | Self::ListEvents(typed)
            | Self::Feedback { typed, .. } => Some(typed),
            Self::From(_, act) | Self::Server(act) | Self::Saying(_, act) => act.typed_mut(),
            _ => None,
        }
    }

    /// The request itself, whatever it names and whoever sends it.
    #[must_use]
    pub fn plain(&self) -> &Self {
        match self {
            Self::From(_, act) | Self::Server(act) | Self::Saying(_, act) => act.plain(),
            act => act,
        }
    }

    /// The device that the request names.
    #[must_use]
    pub fn device(&self) -> Option<At> {
        match self {
            Self::From(device, _)
            | Self::DeviceProve { device, .. }
            | Self::DeviceBegin { device, .. } => Some(*device),
            Self::Server(act) | Self::Saying(_, act) => act.device(),
            _ => None,
        }
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::SignUp { .. } => "SignUp",
            Self::ConfirmSignUp { .. } => "ConfirmSignUp",
            Self::ResendConfirmationCode { .. } => "ResendConfirmationCode",
            Self::SignIn { way: Way::User, .. }
            | Self::SrpBegin { .. }
            | Self::CustomBegin { .. }
            | Self::UserAuth { .. }
            | Self::Refresh {
                renewal: Renewal::Flow,
                ..
            } => "InitiateAuth",
            Self::SignIn {
                way: Way::Administrator,
                ..
            } => "AdminInitiateAuth",
            Self::SrpAnswer { .. } | Self::Respond { .. } => "RespondToAuthChallenge",
            Self::Refresh {
                renewal: Renewal::Operation,
                ..
            } => "GetTokensFromRefreshToken",
            Self::Revoke { .. } => "RevokeToken",
            Self::GlobalSignOut(_) => "GlobalSignOut",
            Self::GetUser(_) => "GetUser",
            Self::ForgotPassword { .. } => "ForgotPassword",
            Self::ConfirmForgotPassword { .. } => "ConfirmForgotPassword",
            Self::ChangePassword { .. } => "ChangePassword",
            Self::UpdateAttributes { .. } => "UpdateUserAttributes",
            Self::DeleteAttributes { .. } => "DeleteUserAttributes",
            Self::GetCode { .. } => "GetUserAttributeVerificationCode",
            Self::Verify { .. } => "VerifyUserAttribute",
            Self::DeleteUser(_) => "DeleteUser",
            Self::Associate(_) => "AssociateSoftwareToken",
            Self::VerifyToken(..) => "VerifySoftwareToken",
            Self::Prefer(..) => "SetUserMFAPreference",
            Self::AdminPrefer(..) => "AdminSetUserMFAPreference",
            Self::AdminDeleteSoftwareToken(_) => "AdminDeleteSoftwareToken",
            Self::AdminCreateUser { .. } | Self::AdminInviteAgain { .. } => "AdminCreateUser",
            Self::AdminConfirmSignUp(_) => "AdminConfirmSignUp",
            Self::AdminGetUser(_) => "AdminGetUser",
            Self::AdminEnableUser(_) => "AdminEnableUser",
            Self::AdminDisableUser(_) => "AdminDisableUser",
            Self::AdminSetUserPassword { .. } => "AdminSetUserPassword",
            Self::AdminResetUserPassword(_) => "AdminResetUserPassword",
            Self::AdminUpdateAttributes { .. } => "AdminUpdateUserAttributes",
            Self::AdminDeleteAttributes { .. } => "AdminDeleteUserAttributes",
            Self::AdminUserGlobalSignOut(_) => "AdminUserGlobalSignOut",
            Self::AdminDeleteUser(_) => "AdminDeleteUser",
            Self::CreateGroup(..) => "CreateGroup",
            Self::DeleteGroup(_) => "DeleteGroup",
            Self::AddToGroup(..) => "AdminAddUserToGroup",
            Self::RemoveFromGroup(..) => "AdminRemoveUserFromGroup",
            Self::ListGroupsForUser(_) => "AdminListGroupsForUser",
            Self::ListUsersInGroup(_) => "ListUsersInGroup",
            Self::ListUsers => "ListUsers",
            Self::From(_, act) | Self::Saying(_, act) => act.operation(),
            Self::ListEvents(_) => "AdminListUserAuthEvents",
            Self::Feedback { token: None, .. } => "AdminUpdateAuthEventFeedback",
            Self::Feedback { .. } => "UpdateAuthEventFeedback",
            Self::Server(act) => match act.operation() {
                "InitiateAuth" => "AdminInitiateAuth",
                "RespondToAuthChallenge" => "AdminRespondToAuthChallenge",
                other => other,
            },
            Self::ConfirmDevice(..) => "ConfirmDevice",
            Self::GetDevice(of, _) => of.either("GetDevice", "AdminGetDevice"),
            Self::ListDevices(of) => of.either("ListDevices", "AdminListDevices"),
            Self::ForgetDevice(of, _) => of.either("ForgetDevice", "AdminForgetDevice"),
            Self::UpdateDevice(of, ..) => {
                of.either("UpdateDeviceStatus", "AdminUpdateDeviceStatus")
            }
            Self::DeviceBegin { .. } | Self::DeviceProve { .. } => "RespondToAuthChallenge",
            Self::ListSessions(of) => of.either("ListUserSessions", "AdminListUserSessions"),
            Self::RevokeSession(of, _) => of.either("RevokeUserSession", "AdminRevokeUserSession"),
            Self::SetSessions(..) => "SetUserPoolSessionConfiguration",
            Self::GetSessions => "GetUserPoolSessionConfiguration",
            Self::SetClientSession(..) => "SetUserPoolClientSessionConfiguration",
            Self::GetClientSession(_) => "GetUserPoolClientSessionConfiguration",
            Self::SignedUp { .. } => "InitiateAuth",
            Self::StartPasskey(_) => "StartWebAuthnRegistration",
            Self::CompletePasskey(..) => "CompleteWebAuthnRegistration",
            Self::ListPasskeys(_) => "ListWebAuthnCredentials",
            Self::DeletePasskey(..) => "DeleteWebAuthnCredential",
            Self::GetFactors(of) => of.either("GetUserAuthFactors", "AdminGetUserAuthFactors"),
            Self::SetSettings(of, _) => of.either("SetUserSettings", "AdminSetUserSettings"),
            Self::Set(setting) => setting.operation(),
            Self::Wait(_) => "(time)",
            Self::Move(_) => "(place)",
            Self::Upkeep => "(upkeep)",
        }
    }
}

impl Act {
    /// The flow or challenge, of a request of a sign-in.
    #[must_use]
    pub fn challenge(&self) -> Option<&'static str> {
        Some(match self.plain() {
            Self::SignIn { .. } => "USER_PASSWORD_AUTH",
            Self::SrpBegin { .. } => "USER_SRP_AUTH",
            Self::CustomBegin { srp: false, .. } => "CUSTOM_AUTH",
            Self::CustomBegin { srp: true, .. } => "CUSTOM_AUTH with SRP_A",
            Self::UserAuth { first, .. } => match first {
                First::Password(Some(_)) => "USER_AUTH with PASSWORD",
                First::Password(None) => "USER_AUTH for PASSWORD",
                First::Srp(true) => "USER_AUTH with PASSWORD_SRP",
                First::Srp(false) => "USER_AUTH for PASSWORD_SRP",
                First::Code(Kind::Phone) => "USER_AUTH for SMS_OTP",
                First::Code(_) => "USER_AUTH for EMAIL_OTP",
                First::Passkey => "USER_AUTH for WEB_AUTHN",
                First::Open => "USER_AUTH",
            },
            Self::SignedUp { .. } => "USER_AUTH after ConfirmSignUp",
            Self::Refresh { .. } => "REFRESH_TOKEN_AUTH",
            Self::SrpAnswer { .. } => "PASSWORD_VERIFIER",
            Self::DeviceBegin { .. } => "DEVICE_SRP_AUTH",
            Self::DeviceProve { .. } => "DEVICE_PASSWORD_VERIFIER",
            Self::Respond { answer, .. } => match answer {
                Answer::NewPassword(_) => "NEW_PASSWORD_REQUIRED",
                Answer::Code(Factor::Sms, _) => "SMS_MFA",
                Answer::Code(..) => "EMAIL_OTP",
                Answer::Totp(_) => "SOFTWARE_TOKEN_MFA",
                Answer::Choice(_) => "SELECT_MFA_TYPE",
                Answer::Select(_) => "SELECT_CHALLENGE",
                Answer::SetUp | Answer::Address(_) => "MFA_SETUP",
                Answer::Custom(_) => "CUSTOM_CHALLENGE",
                Answer::Password(_) => "PASSWORD",
                Answer::Srp => "PASSWORD_SRP",
                Answer::FirstSms(_) => "SMS_OTP",
                Answer::Passkey(..) => "WEB_AUTHN",
            },
            _ => return None,
        })
    }

    /// Whether it is no request.
    #[must_use]
    pub const fn is_timeless(&self) -> bool {
        matches!(self, Self::Wait(_) | Self::Upkeep | Self::Move(_))
    }
}

/// Every text that may be typed as a name.
#[must_use]
pub fn texts() -> Vec<&'static str> {
    [&NAMES[..], &EMAILS, &PHONES, &PREFERRED].concat()
}
