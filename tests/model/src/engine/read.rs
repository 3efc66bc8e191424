//! Replies in the form of the model, and what they bring.

use serde_json::Value;
use userpool_crypto::{base32, base64};

use super::{
    known::{Challenge, ClientDevice, Known},
    request::credential,
    settings,
};
use crate::act::{Act, At};

/// What a reply tells; what it brings is learned.
pub fn told(at: At, act: &Act, reply: &str, known: &mut Known) -> String {
    let reply: Value = serde_json::from_str(reply).unwrap_or(Value::Null);
    if let Some(session) = reply["Session"].as_str() {
        known.secret.add(session);
        known.sessions.insert(at, session.into());
    }
    match act.plain() {
        Act::SignUp { .. } => {
            known.learn_sub(at, text(&reply["UserSub"]));
            let confirmed = reply["UserConfirmed"] == Value::Bool(true);
            let delivery = &reply["CodeDeliveryDetails"];
            let delivery = if delivery.is_null() {
                "none".into()
            } else {
                delivery_of(delivery)
            };
            format!("{}confirmed {delivery}", if confirmed { "" } else { "un" })
        }
        Act::SignIn { .. }
        | Act::SrpBegin { .. }
        | Act::SrpAnswer { .. }
        | Act::CustomBegin { .. }
        | Act::UserAuth { .. }
        | Act::Respond { .. }
        | Act::DeviceBegin { .. }
        | Act::SignedUp { .. }
        | Act::DeviceProve { .. }
        | Act::Refresh { .. } => sign_in(
            at,
            &reply,
            known,
            matches!(act.plain(), Act::Refresh { .. }),
        ),
        Act::Set(setting) => settings::told(at, setting, &reply, known),
        Act::StartPasskey(_) => {
            let options = reply["CredentialCreationOptions"].clone();
            let known_before = list(&options["excludeCredentials"]).count();
            known.options.insert(at, options);
            format!("options {known_before} known")
        }
        Act::ListPasskeys(_) => {
            let mut passkeys: Vec<String> = list(&reply["Credentials"]).map(passkey).collect();
            passkeys.sort();
            passkeys.join("; ")
        }
        Act::ListEvents(_) => {
            let mut told = Vec::new();
            for (index, event) in list(&reply["AuthEvents"]).enumerate() {
                let id = text(&event["EventId"]).into();
                known.events.insert((at, index), id);
                told.push(noted(event));
            }
            told.join("; ")
        }
        Act::GetFactors(_) => {
            let name = called(text(&reply["Username"]), known);
            let first = list(&reply["ConfiguredUserAuthFactors"]).map(|it| text(it).to_owned());
            format!("{name}{} first={}", factors(&reply), join(first, ","))
        }
        Act::ConfirmDevice(..) => format!("confirmed asks={}", reply["UserConfirmationNecessary"]),
        Act::GetDevice(..) => device(&reply["Device"], known),
        Act::ListDevices(_) => {
            let mut devices: Vec<(Option<At>, String)> = list(&reply["Devices"])
                .map(|it| (known.device_of(text(&it["DeviceKey"])), device(it, known)))
                .collect();
            devices.sort();
            join(devices.into_iter().map(|(_, device)| device), "; ")
        }
        Act::ListSessions(_) => join(list(&reply["Sessions"]).map(|it| session(it, known)), "; "),
        Act::SetSessions(..) | Act::GetSessions => format!(
            "{} {}",
            text(&reply["UserSessionTracking"]),
            reply["TokenSession"]["MaxPerUser"]
        ),
        Act::SetClientSession(..) | Act::GetClientSession(_) => {
            reply["SSOSession"]["MaxValidityMinutes"].to_string()
        }
        Act::GetUser(_) => {
            let (name, attributes) = person(&reply, "UserAttributes", known);
            format!("{name} {attributes}{}", factors(&reply))
        }
        Act::AdminGetUser(_) => {
            format!(
                "{}{}",
                user(&reply, "UserAttributes", known),
                factors(&reply)
            )
        }
        Act::AdminCreateUser { .. } => {
            if let Some(sub) = sub(&reply["User"], "Attributes") {
                known.learn_sub(at, &sub);
            }
            user(&reply["User"], "Attributes", known)
        }
        Act::AdminInviteAgain { .. } => user(&reply["User"], "Attributes", known),
        Act::ListUsers => {
            let mut users: Vec<(Option<At>, String)> = list(&reply["Users"])
                .map(|it| {
                    let at = sub(it, "Attributes").and_then(|sub| known.user_of(&sub));
                    (at, user(it, "Attributes", known))
                })
                .collect();
            users.sort();
            join(users.into_iter().map(|(_, user)| user), "; ")
        }
        Act::ListUsersInGroup(_) => {
            let mut users: Vec<At> = list(&reply["Users"])
                .filter_map(|it| sub(it, "Attributes").and_then(|sub| known.user_of(&sub)))
                .collect();
            users.sort_unstable();
            join(users.into_iter().map(|at| format!("#{at}")), ",")
        }
        Act::ListGroupsForUser(_) => join(
            list(&reply["Groups"]).map(|group| text(&group["GroupName"]).to_owned()),
            ",",
        ),
        Act::ResendConfirmationCode { .. } | Act::ForgotPassword { .. } | Act::GetCode { .. } => {
            delivery_of(&reply["CodeDeliveryDetails"])
        }
        Act::UpdateAttributes { .. } => join(
            list(&reply["CodeDeliveryDetailsList"]).map(delivery_of),
            "; ",
        ),
        Act::Associate(_) => {
            known.secret.add(text(&reply["SecretCode"]));
            if let Some(secret) = base32::decode(text(&reply["SecretCode"])) {
                known.secrets.insert(at, secret);
            }
            format!("secret{}", with_session(&reply))
        }
        Act::VerifyToken(..) if reply["Status"] == "SUCCESS" => {
            format!("verified{}", with_session(&reply))
        }
        _ => String::new(),
    }
}

fn with_session(reply: &Value) -> &'static str {
    if reply["Session"].is_string() {
        " session"
    } else {
        ""
    }
}

/// An event as it is shown.
fn noted(event: &Value) -> String {
    let (risk, context) = (&event["EventRisk"], &event["EventContextData"]);
    let step = |step: &Value| {
        let (name, response) = (&step["ChallengeName"], &step["ChallengeResponse"]);
        format!("{} {}", text(name), text(response))
    };
    let feedback = &event["EventFeedback"];
    let space = if feedback.is_object() { " " } else { "" };
    format!(
        "{} {} {} {} {} {:?} [{}] {} {} {} {}{space}{}",
        text(&event["EventType"]).replace('_', ""),
        seconds(&event["CreationDate"]),
        text(&event["EventResponse"]),
        text(&risk["RiskDecision"]),
        text(&risk["RiskLevel"]),
        risk["CompromisedCredentialsDetected"].as_bool(),
        join(list(&event["ChallengeResponses"]).map(step), ","),
        text(&context["IpAddress"]),
        text(&context["DeviceName"]),
        text(&context["Timezone"]),
        text(&feedback["FeedbackValue"]),
        text(&feedback["Provider"])
    )
}

/// A passkey as it is shown.
fn passkey(passkey: &Value) -> String {
    let id = base64::decode_url(text(&passkey["CredentialId"]));
    let key = (0..5).find(|key| Some(&credential(*key).id) == id.as_ref());
    format!("{} {}", key.unwrap_or(9), seconds(&passkey["CreatedAt"]))
}

/// A device as it is shown.
fn device(device: &Value, known: &Known) -> String {
    let attribute = |name: &str| {
        let mut all = list(&device["DeviceAttributes"]);
        let found = all.find(|it| it["Name"] == name);
        found.map_or("", |it| text(&it["Value"]))
    };
    let id = known.device_of(text(&device["DeviceKey"])).unwrap_or(0);
    let dates = [
        "DeviceCreateDate",
        "DeviceLastModifiedDate",
        "DeviceLastAuthenticatedDate",
    ];
    let dates = join(dates.iter().map(|name| seconds(&device[*name])), " ");
    let remembered = attribute("dev:device_remembered_status");
    let space = if remembered.is_empty() { "" } else { " " };
    format!(
        "#{id} {dates} {}{space}{remembered}",
        attribute("last_ip_used")
    )
}

/// A session as it is shown; who was never told of it does not know its number.
fn session(session: &Value, known: &Known) -> String {
    let id = known.grant_of(text(&session["SessionId"]));
    let id = id.map_or_else(|| "?????".into(), |at| format!("{at:05}"));
    let client = text(&session["ClientId"]);
    let client = known.clients.iter().position(|it| it == client);
    format!(
        "#{id} at {} {} {} {} {}",
        client.unwrap_or(9),
        seconds(&session["CreateDate"]),
        seconds(&session["LastActiveDate"]),
        text(&session["LastIPAddress"]),
        session["IsCurrentSession"]
    )
}

fn seconds(date: &Value) -> String {
    (date.as_f64().unwrap_or_default() as u64).to_string()
}

fn sign_in(at: At, reply: &Value, known: &mut Known, renews: bool) -> String {
    let result = &reply["AuthenticationResult"];
    if result.is_object() {
        return tokens(at, result, known, renews);
    }
    let parameters = &reply["ChallengeParameters"];
    let name = text(&reply["ChallengeName"]);
    let more = match name {
        "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => {
            text(&parameters["CODE_DELIVERY_DESTINATION"]).to_owned()
        }
        "SELECT_MFA_TYPE" => words(&parameters["MFAS_CAN_CHOOSE"]),
        "MFA_SETUP" => words(&parameters["MFAS_CAN_SETUP"]),
        "WEB_AUTHN" => {
            let options = text(&parameters["CREDENTIAL_REQUEST_OPTIONS"]);
            let options = serde_json::from_str(options).unwrap_or(Value::Null);
            known.options.insert(at, options);
            String::new()
        }
        "PASSWORD_VERIFIER" | "DEVICE_PASSWORD_VERIFIER" => {
            let challenge = Challenge {
                user_id: text(&parameters["USER_ID_FOR_SRP"]).into(),
                salt: text(&parameters["SALT"]).into(),
                b_public: text(&parameters["SRP_B"]).into(),
                block: text(&parameters["SECRET_BLOCK"]).into(),
            };
            known.challenges.insert(at, challenge);
            String::new()
        }
        _ => String::new(),
    };
    let space = if more.is_empty() { "" } else { " " };
    let among = join(
        list(&reply["AvailableChallenges"]).map(|it| text(it).to_owned()),
        ",",
    );
    let before = if among.is_empty() { "" } else { " among " };
    format!("challenge {name}{space}{more}{before}{among}")
}

/// What tokens say of whom they are for: both of the same.
fn tokens(at: At, result: &Value, known: &mut Known, renews: bool) -> String {
    let (access, id) = (text(&result["AccessToken"]), text(&result["IdToken"]));
    let (in_access, in_id) = (claims(access), claims(id));
    known.secret.add(access);
    known.secret.add(id);
    known.access.insert(at, access.into());
    known.id.insert(at, id.into());
    let refresh = match result["RefreshToken"].as_str() {
        Some(token) => {
            known.secret.add(token);
            known.refresh.insert(at, token.into());
            "refresh"
        }
        None => "no refresh",
    };
    let new = &result["NewDeviceMetadata"];
    if new.is_object() {
        let device = ClientDevice {
            key: text(&new["DeviceKey"]).into(),
            group: text(&new["DeviceGroupKey"]).into(),
        };
        known.devices.insert(at, device);
    }
    let new = if new.is_object() { " new device" } else { "" };
    if !renews {
        known.grants.insert(at, text(&in_access["event_id"]).into());
    }
    let on = match in_access["device_key"].as_str() {
        Some(key) => format!(" on #{}", known.device_of(key).unwrap_or(0)),
        None => String::new(),
    };
    let groups = |claims: &Value| {
        join(
            list(&claims["cognito:groups"]).map(|it| text(it).to_owned()),
            ",",
        )
    };
    if in_access["sub"] != in_id["sub"]
        || in_access["username"] != in_id["cognito:username"]
        || groups(&in_access) != groups(&in_id)
        || in_access["token_use"] != "access"
        || in_id["token_use"] != "id"
    {
        return format!("tokens that disagree: {in_access} {in_id}");
    }
    let name = called(text(&in_access["username"]), known);
    format!(
        "tokens {name} groups=[{}] {refresh}{on}{new}",
        groups(&in_access)
    )
}

/// The claims of a token.
#[must_use]
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).and_then(base64::decode_url);
    payload
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or(Value::Null)
}

fn called(name: &str, known: &mut Known) -> String {
    let is_id = name.len() == 36 && name.split('-').count() == 5;
    match is_id.then(|| known.user_of(name)).flatten() {
        Some(at) => format!("#{at}"),
        None => name.into(),
    }
}

fn sub(user: &Value, member: &str) -> Option<String> {
    let found = list(&user[member]).find(|attribute| attribute["Name"] == "sub")?;
    Some(text(&found["Value"]).into())
}

/// Name and attributes of a user.
fn person(user: &Value, member: &str, known: &mut Known) -> (String, String) {
    let mut shown = String::new();
    for attribute in list(&user[member]) {
        let (name, value) = (text(&attribute["Name"]), text(&attribute["Value"]));
        let value = if name == "sub" {
            called(value, known)
        } else {
            value.into()
        };
        let space = if shown.is_empty() { "" } else { " " };
        shown.push_str(&format!("{space}{name}={value}"));
    }
    (called(text(&user["Username"]), known), shown)
}

fn user(user: &Value, member: &str, known: &mut Known) -> String {
    let (name, attributes) = person(user, member, known);
    let enabled = if user["Enabled"] == Value::Bool(true) {
        "enabled"
    } else {
        "disabled"
    };
    format!(
        "{name} {} {enabled} {attributes}",
        text(&user["UserStatus"])
    )
}

fn factors(reply: &Value) -> String {
    let on = join(
        list(&reply["UserMFASettingList"]).map(|it| text(it).to_owned()),
        ",",
    );
    format!(
        " on=[{on}] preferred={}",
        text(&reply["PreferredMfaSetting"])
    )
}

fn delivery_of(delivery: &Value) -> String {
    let part = |name: &str| text(&delivery[name]);
    format!(
        "{} {} {}",
        part("DeliveryMedium"),
        part("Destination"),
        part("AttributeName")
    )
}

/// A list that stands in a text.
fn words(value: &Value) -> String {
    let listed: Vec<String> = serde_json::from_str(text(value)).unwrap_or_default();
    listed.join(",")
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn join(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}
