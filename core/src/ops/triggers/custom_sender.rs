//! `CustomEmailSender` and `CustomSMSSender`: functions that send a pool's messages in its stead.
//!
//! They are asked once what they are told of has landed, and what they answer is nobody's concern: a caller never hears
//! of it, and a message whose function failed stays in the outbox, to be tried again as long as its code lives. The pool
//! itself sends nothing then, and does not ask `CustomMessage` for words.
//!
//! The code is in `request.code`: base64 of a message in the format of the AWS Encryption SDK, under the pool's
//! `KMSKeyID`, with the encryption context `userpool-id`; or the code as it is where the function runs in this process
//! ([`MessageKeys`](crate::engine::MessageKeys)). Its data key is there before anything is written: a key that is not at
//! hand refuses the request.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
};

use serde_json::Value;
use userpool_crypto::{
    base64,
    envelope::{self, DataKey},
    secret::SecretArray,
};
use userpool_ports::{HookCall, Medium, Purpose};

use super::{About, Event, Object, Trigger, attributes, members, told};
use crate::{
    engine::{
        Cx, Refusal, Run, message_keys,
        outbox::{self, Parcel},
    },
    model::user::Head,
};

/// A function that is about to be told of a code.
#[derive(Clone)]
pub(crate) struct Sender {
    trigger: Trigger,
    pool: String,
    function: String,
    /// What tells its draws from those of others.
    label: String,
    /// The event but for the code.
    event: Arc<Value>,
    /// What the code is encrypted under; `None` where it stays in this process.
    key: Option<Arc<DataKey>>,
}

/// The function that sends a pool's messages of a medium, with all that it needs for a code; `None` where there is
/// none. The failure is given, not returned, as that of a message's words is.
///
/// # Errors
/// Stops the run until the data key is there.
pub(super) fn of(
    cx: &mut Cx<'_>,
    about: About<'_>,
    head: &Head,
    attributes_told: &BTreeMap<String, String>,
    (why, medium): (Purpose, Medium),
) -> Run<Option<Result<Sender, Refusal>>> {
    let trigger = trigger(medium);
    if !trigger.is_set(about.pool) {
        return Ok(None);
    }
    cx.once(|cx| {
        let label = format!("{}/{}", trigger.name(), why.as_str());
        let key = match data_key(cx, about, trigger, &label)? {
            Ok(key) => key,
            Err(why) => return Ok(Some(Err(trigger.failed(&why)))),
        };
        let event = event(cx, about, trigger, why, attributes(head, attributes_told));
        Ok(ready(about, trigger, label, event, key).map(Ok))
    })
}

/// The news of an unusual sign-in for the pool's own sender, if it has one; it holds no code.
pub(crate) fn news(
    cx: &mut Cx<'_>,
    about: About<'_>,
    told: impl FnOnce() -> Object,
) -> Option<Parcel> {
    let trigger = Trigger::CustomEmailSender;
    let why = Purpose::AccountTakeOverNotification;
    if !trigger.is_set(about.pool) {
        return None;
    }
    let event = event(cx, about, trigger, why, told());
    let label = format!("{}/{}", trigger.name(), why.as_str());
    let sender = ready(about, trigger, label, event, None)?;
    Some(sender.parcel(cx, Value::Null))
}

/// The trigger that sends in a medium.
fn trigger(medium: Medium) -> Trigger {
    match medium {
        Medium::Email => Trigger::CustomEmailSender,
        Medium::Sms => Trigger::CustomSmsSender,
    }
}

fn ready(
    about: About<'_>,
    trigger: Trigger,
    label: String,
    event: Value,
    key: Option<Arc<DataKey>>,
) -> Option<Sender> {
    let function = about.pool.rules.triggers.get(trigger.name())?;
    Some(Sender {
        trigger,
        pool: about.pool.id.clone(),
        function: function.clone(),
        label,
        event: Arc::new(event),
        key,
    })
}

fn event(
    cx: &Cx<'_>,
    about: About<'_>,
    trigger: Trigger,
    why: Purpose,
    attributes: Object,
) -> Value {
    let form = match trigger {
        Trigger::CustomSmsSender => "customSMSSenderRequestV1",
        _ => "customEmailSenderRequestV1",
    };
    let event = Event {
        version: "1",
        source: format!("{}_{}", trigger.name(), why.as_str()),
        request: members([
            ("type", form.into()),
            ("code", Value::Null),
            ("userAttributes", attributes.into()),
        ]),
        response: Object::new(),
    };
    told(cx, about, event)
}

/// A data key under the pool's key; `None` where the sender runs in this process.
fn data_key(
    cx: &mut Cx<'_>,
    about: About<'_>,
    trigger: Trigger,
    label: &str,
) -> Run<Result<Option<Arc<DataKey>>, String>> {
    let keys = &cx.environment().message_keys;
    let stays = match trigger {
        Trigger::CustomSmsSender => keys.sms_stays,
        _ => keys.email_stays,
    };
    if stays {
        return Ok(Ok(None));
    }
    let Some(id) = &about.pool.rules.message_key else {
        return Ok(Err("the pool has no KMSKeyID".into()));
    };
    let context = message_keys::context(&about.pool.id);
    if let Some(wrapping) = keys.wrapping(id) {
        let plain = SecretArray::new(cx.random(&format!("data key/{label}")));
        let nonce = cx.random(&format!("data key nonce/{label}"));
        let key = envelope::wrap(plain, wrapping, nonce, &context);
        return Ok(Ok(Some(Arc::new(key))));
    }
    let Some(service) = &keys.service else {
        return Ok(Err("the key of the pool's KMSKeyID is not at hand".into()));
    };
    let request = cx.once(|cx| Ok(Arc::new(service.request(id, &context, cx.now()))))?;
    let drawn = match cx.fetch(request.as_ref().clone())? {
        Ok(reply) => message_keys::drawn(&reply),
        Err(_) => Err("it cannot be reached".into()),
    };
    Ok(drawn
        .map(|key| Some(Arc::new(key)))
        .map_err(|why| format!("the key service failed: {why}")))
}

impl Sender {
    /// What the function is told of a code.
    pub fn telling(&self, cx: &mut Cx<'_>, code: &str) -> Parcel {
        let told = match &self.key {
            None => code.into(),
            Some(key) => {
                let id = cx.random(&format!("message id/{}", self.label));
                let context = message_keys::context(&self.pool);
                let message = envelope::encrypt(key, id, &context, code.as_bytes());
                base64::encode(&message)
            }
        };
        self.parcel(cx, told.into())
    }

    fn parcel(&self, cx: &mut Cx<'_>, code: Value) -> Parcel {
        let mut event = Value::clone(&self.event);
        event["request"]["code"] = code;
        Parcel::Event(outbox::Event {
            id: cx.random(&format!("message/{}", self.label)),
            pool: self.pool.clone(),
            call: HookCall {
                trigger: self.trigger.name(),
                function: self.function.clone(),
                event: event.to_string(),
            },
        })
    }
}
