//! Acts as requests: the real codes, tokens and Sessions in the place of the numbers of acts.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use userpool_core::engine::PasswordInput;
use userpool_crypto::{base64, integer::parse_hex, secret::SecretBytes, srp, totp};
use userpool_tests::{
    authenticator::{Credential, PRESENT},
    passkeys::PARTY,
};
use userpool_webauthn::key::Algorithm;

use super::{
    hooks,
    known::{Challenge, Known},
    settings,
    worker::Worker,
};
use crate::{
    act::{
        Act, Answer, At, Bearer, By, Code, Context, Factor, First, Of, Password, Renewal, Signed,
        Totp, Typed, Values, Way, Wish,
    },
    rules::{AGENTS, DEVICES, PASSWORDS, SAID, ZONE},
};

/// The body of a request; `None` where something that it needs was never learned, or is by chance the same as
/// something else.
pub fn body(act: &Act, known: &Known, worker: &Worker, (now, count): (u64, u32)) -> Option<Value> {
    let by = Maker {
        known,
        worker,
        now,
        count,
    };
    let pool = || json!({"UserPoolId": known.pool});
    let of = |typed: &Typed| Some(json!({"UserPoolId": known.pool, "Username": by.typed(*typed)?}));
    let client = |client: &usize| json!({"ClientId": known.clients[*client]});
    let access = |bearer: &Bearer| Some(json!({"AccessToken": by.bearer(*bearer)?}));
    Some(match act {
        Act::SignUp {
            client: id,
            name,
            password,
            values,
        } => with(
            client(id),
            by.with_password(
                json!({"Username": name, "UserAttributes": attributes(values)}),
                "Password",
                *password,
            )?,
        ),
        Act::ConfirmSignUp {
            client: id,
            typed,
            code,
            force,
        } => with(
            client(id),
            json!({
            "Username": by.typed(*typed)?, "ConfirmationCode": by.code(*code)?, "ForceAliasCreation": force}),
        ),
        Act::ResendConfirmationCode { client: id, typed }
        | Act::ForgotPassword { client: id, typed } => {
            with(client(id), json!({"Username": by.typed(*typed)?}))
        }
        Act::SignIn {
            client: id,
            typed,
            password,
            way,
        } => {
            let parameters =
                json!({"USERNAME": by.typed(*typed)?, "PASSWORD": by.password(*password)?});
            let (flow, pool) = match way {
                Way::User => ("USER_PASSWORD_AUTH", json!({})),
                Way::Administrator => ("ADMIN_USER_PASSWORD_AUTH", pool()),
            };
            with(
                with(client(id), pool),
                json!({"AuthFlow": flow, "AuthParameters": parameters}),
            )
        }
        Act::SrpBegin { client: id, typed } => with(
            client(id),
            json!({"AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": by.typed(*typed)?, "SRP_A": worker.a_public()}}),
        ),
        Act::SrpAnswer {
            client: id,
            block,
            password,
        } => with(
            client(id),
            json!({
            "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": by.proof(*block, *password)?}),
        ),
        Act::UserAuth {
            client: id,
            typed,
            first,
        } => {
            let mut parameters = by.first(*first)?;
            parameters["USERNAME"] = json!(by.typed(*typed)?);
            if *first != First::Open {
                parameters["PREFERRED_CHALLENGE"] = json!(first.word());
            }
            with(
                client(id),
                json!({"AuthFlow": "USER_AUTH", "AuthParameters": parameters}),
            )
        }
        Act::CustomBegin {
            client: id,
            typed,
            srp,
        } => {
            let mut parameters = json!({"USERNAME": by.typed(*typed)?});
            if *srp {
                parameters["CHALLENGE_NAME"] = json!("SRP_A");
                parameters["SRP_A"] = json!(worker.a_public());
            }
            with(
                client(id),
                json!({"AuthFlow": "CUSTOM_AUTH", "AuthParameters": parameters}),
            )
        }
        Act::Respond {
            client: id,
            typed,
            session,
            answer,
        } => {
            let (name, mut responses) = by.answer(answer, *session)?;
            responses["USERNAME"] = json!(by.typed(*typed)?);
            with(
                client(id),
                json!({"ChallengeName": name, "ChallengeResponses": responses,
                "Session": known.sessions.get(session)?}),
            )
        }
        Act::Refresh {
            client: id,
            token,
            renewal: Renewal::Flow,
        } => with(
            client(id),
            json!({
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": known.refresh.get(token)?}}),
        ),
        Act::Refresh {
            client: id,
            token,
            renewal: Renewal::Operation,
        } => with(
            client(id),
            json!({"RefreshToken": known.refresh.get(token)?}),
        ),
        Act::Revoke { client: id, token } => {
            with(client(id), json!({"Token": known.refresh.get(token)?}))
        }
        Act::GlobalSignOut(bearer) | Act::GetUser(bearer) | Act::DeleteUser(bearer) => {
            access(bearer)?
        }
        Act::ConfirmForgotPassword {
            client: id,
            typed,
            code,
            password,
        } => with(
            client(id),
            json!({
            "Username": by.typed(*typed)?, "ConfirmationCode": by.code(*code)?, "Password": by.password(*password)?}),
        ),
        Act::ChangePassword {
            bearer,
            previous,
            proposed,
        } => with(
            access(bearer)?,
            by.with_password(
                json!({"ProposedPassword": by.password(*proposed)?}),
                "PreviousPassword",
                *previous,
            )?,
        ),
        Act::UpdateAttributes { bearer, values } => with(
            access(bearer)?,
            json!({"UserAttributes": attributes(values)}),
        ),
        Act::DeleteAttributes { bearer, names } => {
            with(access(bearer)?, json!({"UserAttributeNames": names}))
        }
        Act::GetCode { bearer, kind } => {
            with(access(bearer)?, json!({"AttributeName": kind.attribute()}))
        }
        Act::Verify { bearer, kind, code } => with(
            access(bearer)?,
            json!({
            "AttributeName": kind.attribute(), "Code": by.code(*code)?}),
        ),
        Act::Associate(who) => by.who(*who)?,
        Act::VerifyToken(who, totp) => with(by.who(*who)?, json!({"UserCode": by.totp(*totp)?})),
        Act::Prefer(bearer, wishes) => with(access(bearer)?, preferences(wishes)),
        Act::AdminPrefer(typed, wishes) => with(of(typed)?, preferences(wishes)),
        Act::AdminCreateUser {
            name,
            password,
            values,
            force,
            quiet,
        } => {
            let mut body = with(
                pool(),
                json!({"Username": name, "UserAttributes": attributes(values),
                "ForceAliasCreation": force}),
            );
            if *quiet {
                body["MessageAction"] = json!("SUPPRESS");
            }
            by.with_password(body, "TemporaryPassword", *password)?
        }
        Act::AdminInviteAgain { typed, password } => {
            let body = with(of(typed)?, json!({"MessageAction": "RESEND"}));
            by.with_password(body, "TemporaryPassword", *password)?
        }
        Act::AdminDeleteSoftwareToken(typed)
        | Act::AdminConfirmSignUp(typed)
        | Act::AdminGetUser(typed)
        | Act::AdminEnableUser(typed)
        | Act::AdminDisableUser(typed)
        | Act::AdminResetUserPassword(typed)
        | Act::AdminUserGlobalSignOut(typed)
        | Act::AdminDeleteUser(typed)
        | Act::ListGroupsForUser(typed) => of(typed)?,
        Act::AdminSetUserPassword {
            typed,
            password,
            permanent,
        } => with(
            of(typed)?,
            json!({"Password": by.password(*password)?, "Permanent": permanent}),
        ),
        Act::AdminUpdateAttributes { typed, values } => {
            with(of(typed)?, json!({"UserAttributes": attributes(values)}))
        }
        Act::AdminDeleteAttributes { typed, names } => {
            with(of(typed)?, json!({"UserAttributeNames": names}))
        }
        Act::CreateGroup(name, precedence) => {
            let mut body = with(pool(), json!({"GroupName": name}));
            if let Some(precedence) = precedence {
                body["Precedence"] = json!(precedence);
            }
            body
        }
        Act::DeleteGroup(name) | Act::ListUsersInGroup(name) => {
            with(pool(), json!({"GroupName": name}))
        }
        Act::AddToGroup(name, typed) | Act::RemoveFromGroup(name, typed) => {
            with(of(typed)?, json!({"GroupName": name}))
        }
        Act::ListUsers => pool(),
        Act::From(device, act) => {
            let mut body = body(act, known, worker, (now, count))?;
            let key = json!(known.devices.get(device)?.key);
            for parameters in ["AuthParameters", "ChallengeResponses"] {
                if body[parameters].is_object() {
                    body[parameters]["DEVICE_KEY"] = key.clone();
                }
            }
            if matches!(
                **act,
                Act::Refresh {
                    renewal: Renewal::Operation,
                    ..
                }
            ) {
                body["DeviceKey"] = key;
            }
            body
        }
        Act::Server(act) => with(body(act, known, worker, (now, count))?, pool()),
        Act::Saying(said, act) => {
            let context = context(*said, act.operation().starts_with("Admin"));
            with(body(act, known, worker, (now, count))?, context)
        }
        Act::ListEvents(typed) => of(typed)?,
        Act::Feedback {
            typed,
            event: (list, event),
            valid,
            token,
        } => {
            let event = known.events.get(&(*list, *event))?;
            let value = if *valid { "Valid" } else { "Invalid" };
            let named = json!({"EventId": event, "FeedbackValue": value});
            let mut body = with(of(typed)?, named);
            if let Some(token) = token {
                let event = known.events.get(&(*list, *token))?;
                body["FeedbackToken"] = json!(known.notices.get(event)?);
            }
            body
        }
        Act::ConfirmDevice(bearer, device) => {
            let device = known.devices.get(device)?;
            let config = worker.device_config(&device.group, &device.key);
            let named = json!({"DeviceKey": device.key, "DeviceSecretVerifierConfig": config});
            with(access(bearer)?, named)
        }
        Act::GetDevice(whose, device) | Act::ForgetDevice(whose, device) => {
            let key = json!({"DeviceKey": known.devices.get(device)?.key});
            with(by.of(whose)?, key)
        }
        Act::ListDevices(whose) | Act::ListSessions(whose) => by.of(whose)?,
        Act::UpdateDevice(whose, device, word) => {
            let mut body = with(
                by.of(whose)?,
                json!({"DeviceKey": known.devices.get(device)?.key}),
            );
            if let Some(remembered) = word {
                let word = if *remembered {
                    "remembered"
                } else {
                    "not_remembered"
                };
                body["DeviceRememberedStatus"] = json!(word);
            }
            body
        }
        Act::DeviceBegin {
            client: id,
            typed,
            device,
            session,
        } => {
            let responses = json!({"USERNAME": by.typed(*typed)?, "SRP_A": worker.a_public(),
                "DEVICE_KEY": known.devices.get(device)?.key});
            let body = with(client(id), json!({"ChallengeName": "DEVICE_SRP_AUTH"}));
            by.with_session(body, responses, *session)?
        }
        Act::DeviceProve {
            client: id,
            typed,
            device,
            block,
            session,
            right,
        } => {
            let mut responses = by.device_proof(*device, *block, *right)?;
            responses["USERNAME"] = json!(by.typed(*typed)?);
            let body = with(
                client(id),
                json!({"ChallengeName": "DEVICE_PASSWORD_VERIFIER"}),
            );
            by.with_session(body, responses, *session)?
        }
        Act::RevokeSession(whose, grant) => {
            let id = known.session_id(*grant)?;
            with(by.of(whose)?, json!({"SessionId": id}))
        }
        Act::SetSessions(tracked, most) => {
            let word = if *tracked { "ENABLED" } else { "DISABLED" };
            with(
                pool(),
                json!({"UserSessionTracking": word, "TokenSession": {"MaxPerUser": most}}),
            )
        }
        Act::GetSessions => pool(),
        Act::SetClientSession(id, minutes) => with(
            with(pool(), client(id)),
            json!({"SSOSession": {"MaxValidityMinutes": minutes}}),
        ),
        Act::GetClientSession(id) => with(pool(), client(id)),
        Act::SignedUp {
            client: id,
            typed,
            session,
        } => with(
            client(id),
            json!({"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": by.typed(*typed)?},
                "Session": known.sessions.get(session)?}),
        ),
        Act::StartPasskey(bearer) | Act::ListPasskeys(bearer) => access(bearer)?,
        Act::CompletePasskey(bearer, start, key, signed) => {
            let mut options = known.options.get(start)?.clone();
            if *signed == Signed::ToAnother {
                options["challenge"] = json!(base64::encode_url(&[7; 32]));
            }
            let credential = by
                .credential(*key, *signed)
                .created(&options, origin(*signed));
            with(access(bearer)?, json!({"Credential": credential}))
        }
        Act::DeletePasskey(bearer, key) => {
            let id = base64::encode_url(&by.credential(*key, Signed::Again).id);
            with(access(bearer)?, json!({"CredentialId": id}))
        }
        Act::GetFactors(whose) => by.of(whose)?,
        Act::SetSettings(whose, on) => {
            let text = json!({"DeliveryMedium": "SMS", "AttributeName": "phone_number"});
            let options = if *on { json!([text]) } else { json!([]) };
            with(by.of(whose)?, json!({"MFAOptions": options}))
        }
        Act::Set(setting) => settings::body(setting, known)?,
        Act::Wait(_) | Act::Upkeep | Act::Move(_) => return None,
    })
}

struct Maker<'a> {
    known: &'a Known,
    worker: &'a Worker,
    now: u64,
    count: u32,
}

impl Maker<'_> {
    fn typed(&self, typed: Typed) -> Option<String> {
        match typed {
            Typed::Text(text) => Some(text.into()),
            Typed::Id(at) => self.known.subs.get(&at).cloned(),
        }
    }

    fn password(&self, password: Password) -> Option<String> {
        match password {
            Password::Known(index) => Some(PASSWORDS[index].into()),
            Password::Drawn(at) => self.known.codes.get(&(at, 0)).cloned(),
        }
    }

    /// A body with a password, if one is given.
    fn with_password(
        &self,
        mut body: Value,
        member: &str,
        password: Option<Password>,
    ) -> Option<Value> {
        if let Some(password) = password {
            body[member] = json!(self.password(password)?);
        }
        Some(body)
    }

    /// A code; none that two messages share by chance, as the model takes them for different.
    fn code(&self, code: Code) -> Option<String> {
        match code {
            Code::Sent(at, index) => {
                let text = self.known.codes.get(&(at, index))?;
                let same = self
                    .known
                    .codes
                    .values()
                    .filter(|other| *other == text)
                    .count();
                (same == 1 && [6, 8].contains(&text.len())).then(|| text.clone())
            }
            Code::Wrong => {
                let mut codes = (100_000..).map(|number: u32| number.to_string());
                codes.find(|code| !self.known.codes.values().any(|other| other == code))
            }
        }
    }

    fn totp(&self, totp: Totp) -> Option<String> {
        let step = self.now / 30;
        let around =
            |secret: &Vec<u8>| [step - 1, step, step + 1].map(|step| totp::code_at(secret, step));
        let mut good = self.known.secrets.values().flat_map(around);
        match totp {
            Totp::Of(at, ahead) => {
                let code = totp::code_at(
                    self.known.secrets.get(&at)?,
                    step.checked_add_signed(ahead)?,
                );
                let same = good.filter(|other| *other == code).count();
                (same == usize::from(ahead.abs() <= 1)).then_some(code)
            }
            Totp::Wrong => (!good.any(|code| code == "314159")).then(|| "314159".into()),
        }
    }

    fn bearer(&self, bearer: Bearer) -> Option<&String> {
        match bearer {
            Bearer::Access(at) => self.known.access.get(&at),
            Bearer::Id(at) => self.known.id.get(&at),
        }
    }

    fn who(&self, by: By) -> Option<Value> {
        Some(match by {
            By::Token(bearer) => json!({"AccessToken": self.bearer(bearer)?}),
            By::Session(at) => json!({"Session": self.known.sessions.get(&at)?}),
        })
    }

    fn of(&self, of: &Of) -> Option<Value> {
        Some(match of {
            Of::User(bearer) => json!({"AccessToken": self.bearer(*bearer)?}),
            Of::Admin(typed) => {
                json!({"UserPoolId": self.known.pool, "Username": self.typed(*typed)?})
            }
        })
    }

    fn with_session(&self, body: Value, responses: Value, session: Option<At>) -> Option<Value> {
        let mut body = with(body, json!({"ChallengeResponses": responses}));
        if let Some(session) = session {
            body["Session"] = json!(self.known.sessions.get(&session)?);
        }
        Some(body)
    }

    /// The proof of a device for a block.
    fn device_proof(&self, device: At, block: At, right: bool) -> Option<Value> {
        let device = self.known.devices.get(&device)?;
        let challenge = self.known.challenges.get(&block)?;
        let password = self.worker.device_password();
        let input = PasswordInput {
            pool_name: device.group.clone(),
            user_id: device.key.clone(),
            password: SecretBytes::new(if right { password } else { b"another".to_vec() }),
            salt: salt(&challenge.salt)?,
        };
        let (timestamp, signature) = self.signed(&input, challenge, &device.group, &device.key)?;
        Some(
            json!({"DEVICE_KEY": device.key, "PASSWORD_CLAIM_SECRET_BLOCK": challenge.block,
            "PASSWORD_CLAIM_SIGNATURE": signature, "TIMESTAMP": timestamp}),
        )
    }

    /// A time, and the signature of it with the key of SRP.
    fn signed(
        &self,
        input: &PasswordInput,
        challenge: &Challenge,
        group: &str,
        user: &str,
    ) -> Option<(String, String)> {
        let key = self.worker.client_key(input, &challenge.b_public);
        let timestamp = srp::format_timestamp(i64::try_from(self.now).ok()?);
        let opened = base64::decode(&challenge.block)?;
        let key = key.as_slice().try_into().ok()?;
        let claim = srp::claim(key, group, user, &opened, &timestamp);
        Some((timestamp, base64::encode(&claim)))
    }

    /// The proof of a password for a block.
    fn proof(&self, block: At, password: Password) -> Option<Value> {
        let challenge = self.known.challenges.get(&block)?;
        let (_, pool_name) = self.known.pool.split_once('_')?;
        let input = PasswordInput {
            pool_name: pool_name.into(),
            user_id: challenge.user_id.clone(),
            password: SecretBytes::new(self.password(password)?.into_bytes()),
            salt: salt(&challenge.salt)?,
        };
        let user = &challenge.user_id;
        let (timestamp, signature) = self.signed(&input, challenge, pool_name, user)?;
        Some(
            json!({"USERNAME": user, "PASSWORD_CLAIM_SECRET_BLOCK": challenge.block,
            "PASSWORD_CLAIM_SIGNATURE": signature, "TIMESTAMP": timestamp}),
        )
    }

    /// What comes along with a first factor.
    fn first(&self, first: First) -> Option<Value> {
        Some(match first {
            First::Password(Some(password)) => json!({"PASSWORD": self.password(password)?}),
            First::Srp(true) => json!({"SRP_A": self.worker.a_public()}),
            First::Password(None)
            | First::Srp(false)
            | First::Code(_)
            | First::Passkey
            | First::Open => json!({}),
        })
    }

    /// A credential about to sign; the software of the authenticator counts by the requests that there were.
    fn credential(&self, key: u8, signed: Signed) -> Credential {
        let mut credential = credential(key).clone();
        credential.counter = match signed {
            Signed::Again => 1,
            _ => self.count,
        };
        if signed == Signed::Rightly(false) {
            credential.flags = PRESENT;
        }
        credential
    }

    fn answer(&self, answer: &Answer, session: At) -> Option<(&'static str, Value)> {
        Some(match answer {
            Answer::NewPassword(password) => (
                "NEW_PASSWORD_REQUIRED",
                json!({"NEW_PASSWORD": self.password(*password)?}),
            ),
            Answer::Code(Factor::Sms, code) => {
                ("SMS_MFA", json!({"SMS_MFA_CODE": self.code(*code)?}))
            }
            Answer::Code(_, code) => ("EMAIL_OTP", json!({"EMAIL_OTP_CODE": self.code(*code)?})),
            Answer::Totp(totp) => (
                "SOFTWARE_TOKEN_MFA",
                json!({"SOFTWARE_TOKEN_MFA_CODE": self.totp(*totp)?}),
            ),
            Answer::Choice(factor) => ("SELECT_MFA_TYPE", json!({"ANSWER": factor.word()})),
            Answer::Select(first) => {
                let mut responses = self.first(*first)?;
                responses["ANSWER"] = json!(first.word());
                ("SELECT_CHALLENGE", responses)
            }
            Answer::Password(password) => {
                ("PASSWORD", json!({"PASSWORD": self.password(*password)?}))
            }
            Answer::Srp => ("PASSWORD_SRP", json!({"SRP_A": self.worker.a_public()})),
            Answer::FirstSms(code) => ("SMS_OTP", json!({"SMS_OTP_CODE": self.code(*code)?})),
            Answer::Passkey(key, signed) => {
                let asked = self.known.options.get(&session);
                let another = json!({"challenge": base64::encode_url(&[7; 32])});
                let options = match signed {
                    Signed::ToAnother => &another,
                    _ => asked.unwrap_or(&another),
                };
                let credential = self.credential(*key, *signed);
                let answer = credential.gotten(options, origin(*signed));
                ("WEB_AUTHN", json!({"CREDENTIAL": answer.to_string()}))
            }
            Answer::SetUp => ("MFA_SETUP", json!({})),
            Answer::Address(address) => ("MFA_SETUP", json!({"EMAIL": address})),
            Answer::Custom(right) => {
                let answer = if *right { hooks::RIGHT } else { hooks::WRONG };
                ("CUSTOM_CHALLENGE", json!({"ANSWER": answer}))
            }
        })
    }
}

/// What a request says of where its user is.
fn context(said: Context, server: bool) -> Value {
    let address = SAID[said.address];
    let data = said.device.map(|device| {
        let data = json!({"DeviceId": DEVICES[device], "ClientTimezone": ZONE});
        let payload = json!({"contextData": data}).to_string();
        base64::encode(json!({"payload": payload}).to_string().as_bytes())
    });
    let mut context = json!({"IpAddress": address});
    if let Some(data) = data {
        context["EncodedData"] = json!(data);
    }
    if !server {
        return json!({"UserContextData": context});
    }
    let agent = |agent: usize| json!({"headerName": "User-Agent", "headerValue": AGENTS[agent]});
    let headers: Vec<Value> = said.agent.into_iter().map(agent).collect();
    let more = json!({"ServerName": "model", "ServerPath": "/", "HttpHeaders": headers});
    json!({"ContextData": with(context, more)})
}

/// The page on which an authenticator is asked.
fn origin(signed: Signed) -> &'static str {
    match signed {
        Signed::Elsewhere => "https://example.net",
        _ => "https://login.example.org",
    }
}

/// The credentials in play, and one more.
static CREDENTIALS: LazyLock<Vec<Credential>> = LazyLock::new(|| {
    let made = |key: u8| {
        let algorithm = match key {
            0 => Algorithm::Es256,
            _ => Algorithm::EdDsa,
        };
        Credential::new(PARTY, algorithm, [key; 32])
    };
    (0..5).map(made).collect()
});

/// One of the credentials in play.
#[must_use]
pub fn credential(key: u8) -> &'static Credential {
    &CREDENTIALS[usize::from(key)]
}

/// A salt from hexadecimal digits, with the zeros in front that the text may leave out.
fn salt(text: &str) -> Option<[u8; 16]> {
    let bytes = parse_hex(text, 64)?;
    let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut salt = [0; 16];
    salt[16_usize.checked_sub(bytes.len())?..].copy_from_slice(&bytes);
    Some(salt)
}

pub(super) fn with(mut body: Value, members: Value) -> Value {
    if let (Value::Object(body), Value::Object(members)) = (&mut body, members) {
        body.extend(members);
    }
    body
}

fn attributes(values: &Values) -> Value {
    let attribute = |(name, value): &(&str, &str)| json!({"Name": name, "Value": value});
    values.iter().map(attribute).collect()
}

fn preferences(wishes: &[Wish]) -> Value {
    let mut settings = Map::new();
    for wish in wishes {
        let member = match wish.factor {
            Some(Factor::Sms) => "SMSMfaSettings",
            Some(Factor::Token) => "SoftwareTokenMfaSettings",
            Some(Factor::Email) => "EmailMfaSettings",
            None => "WebAuthnMfaSettings",
        };
        let mut setting = Map::new();
        if let Some(on) = wish.on {
            setting.insert("Enabled".into(), json!(on));
        }
        if let Some(preferred) = wish.preferred {
            setting.insert("PreferredMfa".into(), json!(preferred));
        }
        settings.insert(member.into(), setting.into());
    }
    settings.into()
}
