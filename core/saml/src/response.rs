//! Responses to requests for a sign-in, and such as nobody asked for (saml-profiles-2.0-os §4.1.4 and §4.1.5).

use alloc::{string::String, vec::Vec};

use roxmltree::{Document, Node};
use userpool_crypto::secret::SecretBytes;

use crate::{
    Refused, encrypted,
    encrypted::WrappedKey,
    metadata::Metadata,
    signature, time,
    time::SKEW,
    xml::{
        self,
        namespace::{ASSERTION, PROTOCOL},
    },
};

/// The longest response in base64, in characters.
pub const MAX: usize = 100_000;
/// The longest name of a user.
const NAME: usize = 2_048;

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/// What a response has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider that it has to come from.
    pub provider: &'a Metadata,
    /// For whom it has to be: the name of this service.
    pub service: &'a str,
    /// Where it has to have been sent: the address that it came to.
    pub address: &'a str,
    /// What it answers.
    pub asked: Asked<'a>,
    /// Now, in seconds since 1970 began.
    pub now: i64,
}

/// What a response answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// The request with this id.
    Request(&'a str),
    /// Nothing: the provider began. The assertion may be so many seconds old.
    Nothing {
        /// The age of the assertion, in seconds.
        at_most: i64,
    },
    /// Nothing, or a request of somebody else whom the user gave the response to. The assertion may be so many seconds
    /// old.
    Others {
        /// The age of the assertion, in seconds.
        at_most: i64,
    },
}

/// What a provider says of a user. The caller takes each assertion once, and remembers its id until
/// [`SignedIn::ends`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedIn {
    /// The id of the assertion: unique for the provider.
    pub assertion: String,
    /// When the assertion cannot be used any more, in seconds since 1970 began.
    pub ends: i64,
    /// The name of the user at the provider.
    pub name: Name,
    /// The session at the provider, of the first statement of a sign-in.
    pub session: Option<String>,
    /// The attributes in their order, each name once, with all its values.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The name of a user at a provider (saml-core-2.0-os §2.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Name {
    /// The name.
    pub value: String,
    /// What kind of name it is.
    pub format: Option<String>,
    /// Whose name it is.
    pub qualifier: Option<String>,
    /// For whom it is a name.
    pub service_qualifier: Option<String>,
}

/// Checks a response, as the parameter `SAMLResponse` of a form holds it.
///
/// Refused, in this order: what is too large or malformed, of another version, a failure, without exactly one
/// assertion or with an encrypted one, a wrong signature, nothing signed; then, of the response, another destination,
/// issuer or request; then, of the assertion, another version, issuer, no name, no bearer, another recipient, request
/// or time, another audience or an unknown condition, and no statement of a sign-in.
///
/// # Errors
/// Says which check failed. For logs: browsers are told less.
pub fn check(expected: &Expected<'_>, form: &str) -> Result<SignedIn, Refused> {
    let text = unpack(form)?;
    let document = xml::parse(&text, MAX)?;
    let response = read_response(&document)?;
    let (assertion, form) = only_assertion(response)?;
    if form == Form::Encrypted {
        return Err(Refused::Encrypted);
    }
    let keys = expected.provider.keys()?;
    let signed = signature::check(&document, [response, assertion], &keys)?;
    if signed == [false, false] {
        return Err(Refused::Unsigned);
    }
    check_envelope(expected, response)?;
    read_assertion(expected, assertion)
}

/// The key of a response whose assertion is encrypted, wrapped for this service; `None` where it is not encrypted.
///
/// # Errors
/// As [`check`], as far as it looks without a key: nothing is signed by anybody yet.
pub fn wrapped_key(form: &str) -> Result<Option<WrappedKey>, Refused> {
    let text = unpack(form)?;
    let document = xml::parse(&text, MAX)?;
    let (assertion, form) = only_assertion(read_response(&document)?)?;
    match form {
        Form::Plain => Ok(None),
        Form::Encrypted => WrappedKey::of(assertion).map(Some),
    }
}

/// Checks a response whose assertion is encrypted, with the key that was wrapped for this service.
///
/// The signature of the response is one of the encrypted form; the one of the assertion, of what is in it. One of the
/// two is enough, and each that is there has to be right.
///
/// # Errors
/// As [`check`], and where the key opens nothing.
pub fn check_encrypted(
    expected: &Expected<'_>,
    form: &str,
    key: &SecretBytes,
) -> Result<SignedIn, Refused> {
    let text = unpack(form)?;
    let document = xml::parse(&text, MAX)?;
    let response = read_response(&document)?;
    let (encrypted, form) = only_assertion(response)?;
    if form == Form::Plain {
        return Err(Refused::Assertions);
    }
    let keys = expected.provider.keys()?;
    let [of_response] = signature::check(&document, [response], &keys)?;
    check_envelope(expected, response)?;
    let plain = encrypted::open(encrypted, key, of_response)?;
    let plain = String::from_utf8(plain).map_err(|_| Refused::Decryption)?;

    // In its place, so that it means what it meant to whoever encrypted it.
    let mut opened = text.clone();
    opened.replace_range(encrypted.range(), &plain);
    let document = xml::parse(&opened, MAX)?;
    let response = read_response(&document)?;
    let (assertion, form) = only_assertion(response)?;
    if form == Form::Encrypted {
        return Err(Refused::Encrypted);
    }
    let [_, own] = signature::find(&document, [response, assertion])?;
    let of_assertion = signature::check_one(assertion, own, &keys)?;
    if !of_response && !of_assertion {
        return Err(Refused::Unsigned);
    }
    read_assertion(expected, assertion)
}

/// The document of a form.
fn unpack(form: &str) -> Result<String, Refused> {
    if form.len() > MAX {
        return Err(Refused::TooLarge);
    }
    let bytes = xml::decode(form).ok_or(Refused::Malformed)?;
    String::from_utf8(bytes).map_err(|_| Refused::Malformed)
}

/// The response that a document is, unless it is a failure.
fn read_response<'a, 'i: 'a>(document: &'a Document<'i>) -> Result<Node<'a, 'i>, Refused> {
    let response = document.root_element();
    if !xml::is(response, PROTOCOL, "Response") {
        return Err(Refused::Malformed);
    }
    check_version(response)?;
    check_status(response)?;
    Ok(response)
}

/// Checks what stands around the assertion.
fn check_envelope(expected: &Expected<'_>, response: Node<'_, '_>) -> Result<(), Refused> {
    let destination = response.attribute("Destination");
    if destination.is_some_and(|destination| destination != expected.address) {
        return Err(Refused::Destination);
    }
    if let Some(issuer) = xml::at_most_one(response, ASSERTION, "Issuer")? {
        check_issuer(issuer, expected.provider)?;
    }
    match response.attribute("InResponseTo") {
        Some(id) => check_answers(expected.asked, Some(id)),
        None => Ok(()),
    }
}

/// Refuses what is not of SAML 2.0 or has no id.
pub(crate) fn check_version(node: Node<'_, '_>) -> Result<(), Refused> {
    if node.attribute("Version") != Some("2.0") {
        return Err(Refused::Version);
    }
    match node.attribute("ID") {
        None | Some("") => Err(Refused::Malformed),
        Some(_) => Ok(()),
    }
}

/// Refuses what the provider calls a failure (saml-core-2.0-os §3.2.2).
pub(crate) fn check_status(response: Node<'_, '_>) -> Result<(), Refused> {
    let status = xml::one(response, PROTOCOL, "Status")?;
    let code = xml::one(status, PROTOCOL, "StatusCode")?;
    match code.attribute("Value") {
        Some(SUCCESS) => Ok(()),
        _ => Err(Refused::Status),
    }
}

/// Refuses messages of others (saml-core-2.0-os §2.2.5).
pub(crate) fn check_issuer(issuer: Node<'_, '_>, provider: &Metadata) -> Result<(), Refused> {
    let is_entity = matches!(issuer.attribute("Format"), None | Some(ENTITY));
    if is_entity && xml::trimmed(issuer)? == provider.entity_id {
        Ok(())
    } else {
        Err(Refused::Issuer)
    }
}

/// How the assertion of a response stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Encrypted,
}

/// The one assertion of a response: no other is anywhere in it.
fn only_assertion<'a, 'i: 'a>(response: Node<'a, 'i>) -> Result<(Node<'a, 'i>, Form), Refused> {
    // Whatever its namespace: nothing that somebody might take for an assertion is beside it.
    let mut assertions = response.descendants().filter(|node| {
        node.is_element() && matches!(node.tag_name().name(), "Assertion" | "EncryptedAssertion")
    });
    let (Some(only), None) = (assertions.next(), assertions.next()) else {
        return Err(Refused::Assertions);
    };
    if only.parent() != Some(response) {
        return Err(Refused::Assertions);
    }
    if xml::is(only, ASSERTION, "Assertion") {
        Ok((only, Form::Plain))
    } else if xml::is(only, ASSERTION, "EncryptedAssertion") {
        Ok((only, Form::Encrypted))
    } else {
        Err(Refused::Assertions)
    }
}

fn read_assertion(expected: &Expected<'_>, assertion: Node<'_, '_>) -> Result<SignedIn, Refused> {
    check_version(assertion)?;
    check_issuer(xml::one(assertion, ASSERTION, "Issuer")?, expected.provider)?;
    if let Asked::Nothing { at_most } | Asked::Others { at_most } = expected.asked {
        let made = moment(assertion, "IssueInstant")?.ok_or(Refused::Malformed)?;
        if expected.now.saturating_sub(made) > at_most {
            return Err(Refused::Expired);
        }
        if made.saturating_sub(expected.now) > SKEW {
            return Err(Refused::NotYetValid);
        }
    }
    let subject = xml::at_most_one(assertion, ASSERTION, "Subject")?.ok_or(Refused::NameId)?;
    let name = read_name(subject)?;
    let confirmed = check_confirmations(expected, subject)?;
    let conditions = check_conditions(expected, assertion)?;
    let (session, session_ends) = read_statements(expected, assertion)?;
    let ends = [conditions, session_ends]
        .into_iter()
        .flatten()
        .fold(confirmed, i64::min);
    Ok(SignedIn {
        assertion: assertion.attribute("ID").unwrap_or_default().into(),
        ends: ends.saturating_add(SKEW),
        name,
        session,
        attributes: read_attributes(assertion)?,
    })
}

/// The name of the user. One with characters of four bytes is refused, as the service does.
fn read_name(subject: Node<'_, '_>) -> Result<Name, Refused> {
    if xml::children(subject, ASSERTION, "EncryptedID")
        .next()
        .is_some()
    {
        return Err(Refused::Encrypted);
    }
    name_in(subject)
}

/// The one name of a user in an element.
pub(crate) fn name_in(element: Node<'_, '_>) -> Result<Name, Refused> {
    let node = xml::at_most_one(element, ASSERTION, "NameID")?.ok_or(Refused::NameId)?;
    let value = xml::text(node)?;
    // Neither kept nor dropped: blanks around a name would make one user of two, or two of one.
    let is_usable = !value.is_empty()
        && value.len() <= NAME
        && value.trim() == value
        && !value
            .chars()
            .any(|char| char.len_utf8() > 3 || char.is_control());
    if !is_usable {
        return Err(Refused::NameId);
    }
    let own = |name: &str| node.attribute(name).map(Into::into);
    Ok(Name {
        value,
        format: own("Format"),
        qualifier: own("NameQualifier"),
        service_qualifier: own("SPNameQualifier"),
    })
}

/// Finds a confirmation for bearers that fits, and tells when it ends (saml-profiles-2.0-os §4.1.4.2 and §4.1.4.3).
fn check_confirmations(expected: &Expected<'_>, subject: Node<'_, '_>) -> Result<i64, Refused> {
    let mut end = Err(Refused::Confirmation);
    for confirmation in xml::children(subject, ASSERTION, "SubjectConfirmation") {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        end = check_bearer(expected, confirmation);
        if end.is_ok() {
            break;
        }
    }
    end
}

fn check_bearer(expected: &Expected<'_>, confirmation: Node<'_, '_>) -> Result<i64, Refused> {
    let data = xml::at_most_one(confirmation, ASSERTION, "SubjectConfirmationData")?
        .ok_or(Refused::Confirmation)?;
    if data.attribute("Recipient") != Some(expected.address) {
        return Err(Refused::Recipient);
    }
    check_answers(expected.asked, data.attribute("InResponseTo"))?;
    let ends = check_period(data, expected.now)?;
    ends.ok_or(Refused::Confirmation)
}

/// Checks conditions, and tells when they end (saml-core-2.0-os §2.5.1).
fn check_conditions(
    expected: &Expected<'_>,
    assertion: Node<'_, '_>,
) -> Result<Option<i64>, Refused> {
    let conditions =
        xml::at_most_one(assertion, ASSERTION, "Conditions")?.ok_or(Refused::Audience)?;
    let ends = check_period(conditions, expected.now)?;
    let mut is_for_us = false;
    for condition in conditions.children().filter(Node::is_element) {
        if xml::is(condition, ASSERTION, "AudienceRestriction") {
            // Each restriction has to hold; one holds where any of its audiences is right (§2.5.1.4).
            let mut fits = false;
            for audience in xml::children(condition, ASSERTION, "Audience") {
                fits |= xml::trimmed(audience)? == expected.service;
            }
            if !fits {
                return Err(Refused::Audience);
            }
            is_for_us = true;
        } else if !["OneTimeUse", "ProxyRestriction"]
            .iter()
            .any(|known| xml::is(condition, ASSERTION, known))
        {
            return Err(Refused::Condition);
        }
    }
    if is_for_us {
        Ok(ends)
    } else {
        Err(Refused::Audience)
    }
}

/// The session of the first statement of a sign-in, and when it ends (saml-core-2.0-os §2.7.2).
fn read_statements(
    expected: &Expected<'_>,
    assertion: Node<'_, '_>,
) -> Result<(Option<String>, Option<i64>), Refused> {
    let statement = xml::children(assertion, ASSERTION, "AuthnStatement")
        .next()
        .ok_or(Refused::Statement)?;
    let ends = moment(statement, "SessionNotOnOrAfter")?;
    if ends.is_some_and(|ends| expected.now >= ends.saturating_add(SKEW)) {
        return Err(Refused::Expired);
    }
    Ok((statement.attribute("SessionIndex").map(Into::into), ends))
}

/// The attributes (saml-core-2.0-os §2.7.3). Elements in a value are read as the text in them; a name that comes again
/// adds its values to the first.
fn read_attributes(assertion: Node<'_, '_>) -> Result<Vec<(String, Vec<String>)>, Refused> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for statement in xml::children(assertion, ASSERTION, "AttributeStatement") {
        if xml::children(statement, ASSERTION, "EncryptedAttribute")
            .next()
            .is_some()
        {
            return Err(Refused::Encrypted);
        }
        for attribute in xml::children(statement, ASSERTION, "Attribute") {
            let name = attribute.attribute("Name").ok_or(Refused::Malformed)?;
            let values = xml::children(attribute, ASSERTION, "AttributeValue").map(|value| {
                let texts = value.descendants().filter(Node::is_text);
                texts.filter_map(|text| text.text()).collect()
            });
            match out.iter_mut().find(|known| known.0 == name) {
                Some(known) => known.1.extend(values),
                None => out.push((name.into(), values.collect())),
            }
        }
    }
    Ok(out)
}

fn check_answers(asked: Asked<'_>, id: Option<&str>) -> Result<(), Refused> {
    match (asked, id) {
        (Asked::Request(asked), Some(id)) if asked == id => Ok(()),
        (Asked::Nothing { .. }, None) | (Asked::Others { .. }, _) => Ok(()),
        _ => Err(Refused::InResponseTo),
    }
}

/// Checks the period of an element, and tells when it ends.
fn check_period(node: Node<'_, '_>, now: i64) -> Result<Option<i64>, Refused> {
    let (begins, ends) = (moment(node, "NotBefore")?, moment(node, "NotOnOrAfter")?);
    if begins.is_some_and(|begins| now.saturating_add(SKEW) < begins) {
        return Err(Refused::NotYetValid);
    }
    if ends.is_some_and(|ends| now >= ends.saturating_add(SKEW)) {
        return Err(Refused::Expired);
    }
    Ok(ends)
}

pub(crate) fn moment(node: Node<'_, '_>, name: &str) -> Result<Option<i64>, Refused> {
    node.attribute(name).map(time::read).transpose()
}
