//! Messages to users: texts with their placeholders filled in, and masked destinations.

use alloc::{format, string::String};

use userpool_ports::{Medium, Message, Purpose};
use userpool_wire::idp::{CodeDeliveryDetailsType, DeliveryMediumType};

use super::{
    oauth::{confirm_user, parameters::Parameters},
    triggers::custom_message::Words,
};
use crate::{
    engine::{Cx, outbox::Parcel},
    model::{
        pool::{Pool, PoolRules},
        user::{AliasKind, Head},
    },
};

const CODE_TEXT: &str = "Your verification code is {####}. ";
const CODE_SUBJECT: &str = "Your verification code";
const LINK_TEXT: &str =
    "Please click the link below to verify your email address. {##Verify Email##} ";
const LINK_SUBJECT: &str = "Your verification link";
const FACTOR_TEXT: &str = "Your authentication code is {####}. ";
const FACTOR_SUBJECT: &str = "Your authentication code";
const INVITE_TEXT: &str = "Your username is {username} and temporary password is {####}. ";
const INVITE_SUBJECT: &str = "Your temporary password";

/// What goes out to bring a code to a user's address: a message, or the event of the function that sends it.
pub(crate) fn parcel(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    to: (AliasKind, &str),
    (purpose, words): (Purpose, &Words),
    code: &str,
) -> Parcel {
    match &words.sender {
        Some(sender) => sender.telling(cx, code),
        None => message(cx, pool, head, to, (purpose, words), code).into(),
    }
}

/// A message with a code or temporary password to a user's address.
fn message(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    (contact, destination): (AliasKind, &str),
    (purpose, words): (Purpose, &Words),
    code: &str,
) -> Message {
    let medium = medium(contact);
    let link = words
        .link_of
        .as_ref()
        .map(|client| link(cx, pool, client, &head.username, code));
    let (template, subject) = match (&link, &pool.rules.messages.link) {
        (Some(_), Some(texts)) => (
            texts.body.as_deref().unwrap_or(LINK_TEXT),
            Some(texts.subject.as_deref().unwrap_or(LINK_SUBJECT)),
        ),
        _ => template(&pool.rules, medium, purpose),
    };
    let template = words.body.as_deref().unwrap_or(template);
    let subject = words.subject.as_deref().or(subject);
    // The body of an e-mail is HTML, as templates are; a name is text.
    let (shown_name, shown_code) = match medium {
        Medium::Email => (escape(&head.username), escape(code)),
        Medium::Sms => (head.username.clone(), code.into()),
    };
    Message {
        id: cx.random(&format!(
            "message/{}/{}",
            purpose.as_str(),
            contact.attribute()
        )),
        pool: pool.id.clone(),
        user: head.username.clone(),
        destination: destination.into(),
        medium,
        purpose,
        code: code.into(),
        subject: subject.map(|subject| fill(subject, &head.username, code, None)),
        body: fill(template, &shown_name, &shown_code, link.as_deref()),
    }
}

/// Whether a message brings a link in place of a code: e-mails that confirm a sign-up, where the pool wants them to.
pub(crate) fn has_link(rules: &PoolRules, medium: Medium, purpose: Purpose) -> bool {
    let confirms = matches!(purpose, Purpose::SignUp | Purpose::ResendCode);
    confirms && medium == Medium::Email && rules.messages.link.is_some()
}

/// The address that confirms a sign-up when it is opened.
fn link(cx: &Cx<'_>, pool: &Pool, client: &str, username: &str, code: &str) -> String {
    let own = |(name, value): (&str, &str)| (String::from(name), String::from(value));
    let query = [
        ("client_id", client),
        ("user_name", username),
        ("confirmation_code", code),
    ];
    let query = Parameters::new(query.map(own).into()).to_query();
    let base = cx.environment().base_url.trim_end_matches('/');
    format!("{base}/{}{}?{query}", pool.id, confirm_user::PATH)
}

/// An invitation: a temporary password, with the name to sign in with.
pub(crate) fn invitation(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    name: &str,
    to: (AliasKind, &str),
    words: &Words,
    password: &str,
) -> Parcel {
    if let Some(sender) = &words.sender {
        return sender.telling(cx, password);
    }
    let named = Head {
        username: name.into(),
        ..head.clone()
    };
    let purpose = Purpose::AdminCreateUser;
    let message = message(cx, pool, &named, to, (purpose, words), password);
    Parcel::Message(Message {
        user: head.username.clone(),
        ..message
    })
}

fn template(rules: &PoolRules, medium: Medium, purpose: Purpose) -> (&str, Option<&str>) {
    let texts = &rules.messages;
    match (purpose, medium) {
        (Purpose::Authentication, Medium::Sms) => {
            (texts.authentication.as_deref().unwrap_or(FACTOR_TEXT), None)
        }
        (Purpose::Authentication, Medium::Email) => {
            let email = rules.factors.email.as_ref();
            let text = email.and_then(|email| email.text.as_deref());
            let subject = email.and_then(|email| email.subject.as_deref());
            (
                text.unwrap_or(FACTOR_TEXT),
                Some(subject.unwrap_or(FACTOR_SUBJECT)),
            )
        }
        (Purpose::AdminCreateUser, Medium::Email) => (
            texts.invite_email.as_deref().unwrap_or(INVITE_TEXT),
            Some(texts.invite_subject.as_deref().unwrap_or(INVITE_SUBJECT)),
        ),
        (Purpose::AdminCreateUser, Medium::Sms) => {
            (texts.invite_sms.as_deref().unwrap_or(INVITE_TEXT), None)
        }
        (_, Medium::Email) => (
            texts.email.as_deref().unwrap_or(CODE_TEXT),
            Some(texts.email_subject.as_deref().unwrap_or(CODE_SUBJECT)),
        ),
        (_, Medium::Sms) => (texts.sms.as_deref().unwrap_or(CODE_TEXT), None),
    }
}

/// A text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A text with `{####}` and `{username}` filled in. `{##text##}` becomes a link with that text; where there is none to
/// lead to, the code.
fn fill(template: &str, username: &str, code: &str, link: Option<&str>) -> String {
    let mut text = template
        .replace("{####}", code)
        .replace("{username}", username);
    while let Some(start) = text.find("{##") {
        let Some(end) = text[start..].find("##}") else {
            break;
        };
        let shown = match link {
            Some(to) => {
                let inner = &text[start + 3..start + end];
                format!("<a href=\"{}\">{inner}</a>", escape(to))
            }
            None => code.into(),
        };
        text.replace_range(start..start + end + 3, &shown);
    }
    text
}

/// How messages reach an address of this kind.
pub(crate) fn medium(contact: AliasKind) -> Medium {
    match contact {
        AliasKind::Phone => Medium::Sms,
        AliasKind::Email | AliasKind::PreferredUsername => Medium::Email,
    }
}

/// What a client is told of a delivery.
pub(crate) fn delivery(contact: AliasKind, destination: &str) -> CodeDeliveryDetailsType {
    CodeDeliveryDetailsType {
        destination: Some(mask(contact, destination)),
        delivery_medium: Some(match medium(contact) {
            Medium::Email => DeliveryMediumType::Email,
            Medium::Sms => DeliveryMediumType::Sms,
        }),
        attribute_name: Some(contact.attribute().into()),
    }
}

/// A destination with most of it hidden: `j***@e***`, `+*******0100`.
pub(crate) fn mask(contact: AliasKind, destination: &str) -> String {
    match contact {
        AliasKind::Phone => {
            let last = destination.len().saturating_sub(4);
            let tail = destination.get(last..).unwrap_or_default();
            format!("+*******{tail}")
        }
        AliasKind::Email | AliasKind::PreferredUsername => {
            let (local, domain) = destination.split_once('@').unwrap_or((destination, ""));
            let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
            format!("{}***@{}***", first(local), first(domain))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_masked() {
        assert_eq!(mask(AliasKind::Email, "jane@example.com"), "j***@e***");
        assert_eq!(mask(AliasKind::Phone, "+12065550100"), "+*******0100");
    }

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(escape("<b>&'\""), "&lt;b&gt;&amp;&#39;&quot;");
    }

    #[test]
    fn placeholders_are_filled_in() {
        assert_eq!(
            fill("{username}: {####}.", "jane", "123456", None),
            "jane: 123456."
        );
        assert_eq!(
            fill("Click {##here##} now", "jane", "123456", None),
            "Click 123456 now"
        );
        assert_eq!(
            fill(
                "Click {##here##} now",
                "jane",
                "1",
                Some("https://x/?a=1&b=2")
            ),
            "Click <a href=\"https://x/?a=1&amp;b=2\">here</a> now"
        );
    }
}
