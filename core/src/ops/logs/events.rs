//! Events of the logs, of the form that the service gives them.

use alloc::{format, vec::Vec};
use core::time::Duration;

use serde_json::json;
use userpool_crypto::srp;

use crate::{
    engine::{
        Cx, Run,
        outbox::{LogEvent, Parcel},
    },
    model::{
        activity::{AuthEvent, EventEnd, EventKind, EventStep, RiskLevel},
        keys,
        logs::LogSource,
        pool::Pool,
        sub::{Sub, uuid_text},
    },
    ops::parties::Party,
};

/// How long an event waits to be taken.
const LIFE: Duration = Duration::from_secs(24 * 3_600);

/// Logs what threat protection saw, where the pool wants that; `sub` is the user's, if there is one.
///
/// # Errors
/// A fault if the event cannot be sealed.
pub(crate) fn auth_event(
    cx: &mut Cx<'_>,
    party: &Party,
    sub: Option<&Sub>,
    event: &AuthEvent,
) -> Run<()> {
    let pool = &party.pool;
    let steps = event.steps.iter().map(|step| match step {
        EventStep::Password => "Password:Success",
        EventStep::WrongPassword => "Password:Failure",
        EventStep::Factor => "Mfa:Success",
        EventStep::WrongFactor => "Mfa:Failure",
    });
    let message = || {
        json!({
            "version": "1",
            "eventId": uuid_text(&event.id),
            "eventType": match event.kind {
                EventKind::SignIn => "SignIn",
                EventKind::SignUp => "SignUp",
                EventKind::ForgotPassword => "ForgotPassword",
                EventKind::PasswordChange => "PasswordChange",
                EventKind::ResendCode => "ResendCode",
            },
            "userSub": sub.map(|sub| format!("{sub}")).unwrap_or_default(),
            "userPoolId": pool.id,
            "clientId": party.client.id,
            "creationDate": srp::format_timestamp(event.at.secs()),
            "eventResponse": match event.end {
                EventEnd::Pass => "Pass",
                EventEnd::Fail => "Fail",
                EventEnd::InProgress => "InProgress",
            },
            "riskLevel": match event.level {
                Some(RiskLevel::Low) => "LOW",
                Some(RiskLevel::Medium) => "MEDIUM",
                Some(RiskLevel::High) => "HIGH",
                None => "",
            },
            "riskDecision": match event.level {
                _ if event.blocked => "BLOCK",
                Some(_) => "ACCOUNT_TAKEOVER",
                None => "PASS",
            },
            "challenges": steps.collect::<Vec<_>>(),
            "deviceName": event.device_name.as_deref().unwrap_or_default(),
            "ipAddress": event.address.as_deref().unwrap_or_default(),
            "compromisedCredentialDetected": if event.breached == Some(true) { "true" } else { "false" },
        })
    };
    let id = format!("log/{}", uuid_text(&event.id));
    post(cx, pool, LogSource::AuthEvents, &id, message)
}

/// Logs that a message was not taken when it was offered, where its pool wants that.
///
/// # Errors
/// Stops the run until the pool is there; a fault if the event cannot be sealed.
pub(crate) fn undelivered(cx: &mut Cx<'_>, pool: &str, medium: &str, user: &str) -> Run<()> {
    let Some(pool) = cx.get::<Pool>(&keys::pool(pool))? else {
        return Ok(());
    };
    let details = || {
        let text = format!("A message by {medium} to the user {user} could not be delivered.");
        json!({"details": text})
    };
    post(cx, &pool, LogSource::Notifications, "log", details)
}

fn post(
    cx: &mut Cx<'_>,
    pool: &Pool,
    source: LogSource,
    id: &str,
    message: impl FnOnce() -> serde_json::Value,
) -> Run<()> {
    let Some(rule) = pool.rules.logs.iter().find(|rule| rule.source == source) else {
        return Ok(());
    };
    let (name, level) = match source {
        LogSource::Notifications => ("USER_NOTIFICATION", "ERROR"),
        LogSource::AuthEvents => ("USER_ACTIVITY", "INFO"),
    };
    let event = json!({
        "eventTimestamp": format!("{}", cx.now().millis()),
        "eventSource": name,
        "logLevel": level,
        "message": message(),
        "logSourceId": {"userPoolId": pool.id},
    });
    let event = LogEvent {
        id: cx.random(id),
        pool: pool.id.clone(),
        destination: rule.arn.clone(),
        text: format!("{event}"),
    };
    let ends = cx.now().after(LIFE);
    cx.post(&Parcel::Log(event), ends)
}
