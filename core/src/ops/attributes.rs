//! Attribute values: what the schema allows, and what a client may write.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use userpool_crypto::calendar::Civil;
use userpool_wire::idp::AttributeType;

use super::user_type;
use crate::{
    engine::{Refusal, RefusalKind},
    model::{
        client::Client,
        pool::Pool,
        schema::{AttributeKind, AttributeRule},
    },
};

/// The longest value, in bytes.
const MAX_VALUE: usize = 2_048;
/// Attributes that no client may write.
const NEVER_WRITABLE: [&str; 3] = ["sub", "email_verified", "phone_number_verified"];

/// Who writes attributes.
#[derive(Clone, Copy)]
pub(crate) enum Writer<'a> {
    /// An app client, for its user.
    Client(&'a Client),
    /// An administrator.
    Administrator,
}

/// The attributes of a new user.
///
/// # Errors
/// Refuses, in this order: an attribute outside the schema, one that the writer may not write, a bad value.
pub(crate) fn of_new_user(
    pool: &Pool,
    writer: Writer<'_>,
    given: &[AttributeType],
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut attributes = BTreeMap::new();
    for attribute in given {
        let Some(rule) = rule(pool, &attribute.name) else {
            let text = format!(
                "Attributes did not conform to the schema: Type for attribute {{{}}} could not be determined",
                attribute.name
            );
            return Err(Refusal::new(RefusalKind::InvalidParameter, text));
        };
        may_write(writer, rule)?;
        if rule.name == "sub" {
            return Err(unauthorized_attribute());
        }
        let Some(value) = attribute.value.as_ref().map(|value| value.as_str()) else {
            continue;
        };
        if value.is_empty() {
            continue;
        }
        check_value(rule, value)?;
        attributes.insert(rule.name.clone(), value.to_string());
    }
    Ok(attributes)
}

/// Refuses where a required attribute is missing.
///
/// # Errors
/// `InvalidParameterException` that names every one, a line each.
pub(crate) fn check_required(
    pool: &Pool,
    attributes: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let missing: Vec<&str> = required(pool)
        .filter(|name| !attributes.contains_key(*name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut text = String::from("Attributes did not conform to the schema: ");
    for name in missing {
        text.push_str(&format!("{name}: The attribute is required\n"));
    }
    Err(Refusal::new(RefusalKind::InvalidParameter, text))
}

/// The attributes that a user must have, without `sub`, which each has.
pub(crate) fn required(pool: &Pool) -> impl Iterator<Item = &str> {
    let rules = pool.rules.schema.iter();
    rules
        .filter(|rule| rule.required && rule.name != "sub")
        .map(|rule| rule.name.as_str())
}

/// A change of attributes: new values, and names to remove.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub set: BTreeMap<String, String>,
    pub remove: Vec<String>,
}

/// Reads a change of a user's attributes; an empty value removes.
///
/// # Errors
/// Refuses, in this order: an attribute outside the schema, one that the writer may not write, one that may
/// not change, a bad value.
pub(crate) fn of_update(
    pool: &Pool,
    writer: Writer<'_>,
    given: &[AttributeType],
) -> Result<Change, Refusal> {
    let mut change = Change::default();
    for attribute in given {
        let Some(rule) = rule(pool, &attribute.name) else {
            let text = format!(
                "user.{}: Attribute does not exist in the schema.\n",
                attribute.name
            );
            return Err(Refusal::new(RefusalKind::InvalidParameter, text));
        };
        may_write(writer, rule)?;
        if !rule.mutable {
            return Err(fixed_attribute(rule));
        }
        match attribute
            .value
            .as_ref()
            .map(|value| value.as_str())
            .filter(|value| !value.is_empty())
        {
            Some(value) => {
                check_value(rule, value)?;
                change.set.insert(rule.name.clone(), value.to_string());
            }
            None => {
                check_removable(rule)?;
                change.remove.push(rule.name.clone());
            }
        }
    }
    Ok(change)
}

/// Refuses another value for an attribute that may not change and has one.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_mutable(
    pool: &Pool,
    given: &[AttributeType],
    present: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let fixed = given
        .iter()
        .filter_map(|attribute| rule(pool, &attribute.name))
        .find(|rule| !rule.mutable && present.contains_key(&rule.name));
    fixed.map_or(Ok(()), |rule| Err(fixed_attribute(rule)))
}

/// Checks the names of attributes to delete.
///
/// # Errors
/// Refuses, in this order: unknown names (all told, a line each), one that the writer may not write, one that
/// may not change or must be there.
pub(crate) fn of_deletion(
    pool: &Pool,
    writer: Writer<'_>,
    names: &[String],
) -> Result<(), Refusal> {
    let unknown: Vec<&String> = names
        .iter()
        .filter(|name| rule(pool, name).is_none())
        .collect();
    if !unknown.is_empty() {
        let mut text = String::from("Invalid user attributes: ");
        for name in unknown {
            text.push_str(&format!(
                "user.{name}: Attribute does not exist in the schema.\n"
            ));
        }
        return Err(Refusal::new(RefusalKind::InvalidParameter, text));
    }
    for rule in names.iter().filter_map(|name| rule(pool, name)) {
        may_write(writer, rule)?;
        if !rule.mutable {
            return Err(fixed_attribute(rule));
        }
        check_removable(rule)?;
    }
    Ok(())
}

/// Whether a client may read an attribute. Without a list it reads all standard ones; never developers' own.
pub(crate) fn may_read(client: &Client, name: &str) -> bool {
    if name.starts_with("dev:") {
        return false;
    }
    match &client.read {
        // No list has it, because no schema has.
        Some(_) if name == user_type::IDENTITIES => true,
        Some(names) => names.iter().any(|listed| listed == name),
        None => !is_custom(name),
    }
}

/// The rule of an attribute.
pub(crate) fn rule<'p>(pool: &'p Pool, name: &str) -> Option<&'p AttributeRule> {
    pool.rules.schema.iter().find(|rule| rule.name == name)
}

fn is_custom(name: &str) -> bool {
    name.starts_with("custom:") || name.starts_with("dev:")
}

fn may_write(writer: Writer<'_>, rule: &AttributeRule) -> Result<(), Refusal> {
    let Writer::Client(client) = writer else {
        return Ok(());
    };
    let listed = match &client.write {
        Some(names) => rule.required || names.contains(&rule.name),
        None => !is_custom(&rule.name),
    };
    if listed && !rule.developer_only && !NEVER_WRITABLE.contains(&rule.name.as_str()) {
        return Ok(());
    }
    Err(unauthorized_attribute())
}

fn unauthorized_attribute() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "A client attempted to write unauthorized attribute",
    )
}

fn fixed_attribute(rule: &AttributeRule) -> Refusal {
    let text = format!("user.{}: Attribute cannot be updated.\n", rule.name);
    Refusal::new(RefusalKind::InvalidParameter, text)
}

fn check_removable(rule: &AttributeRule) -> Result<(), Refusal> {
    if rule.required {
        let text = format!(
            "user.{}: Attribute cannot be deleted, it is required.\n",
            rule.name
        );
        return Err(Refusal::new(RefusalKind::InvalidParameter, text));
    }
    Ok(())
}

/// Checks a value against its rule.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_value(rule: &AttributeRule, value: &str) -> Result<(), Refusal> {
    match rule.name.as_str() {
        "email" if !is_email(value) => {
            return Err(Refusal::new(
                RefusalKind::InvalidParameter,
                "Invalid email address format.",
            ));
        }
        "phone_number" if !is_phone(value) => {
            return Err(Refusal::new(
                RefusalKind::InvalidParameter,
                "Invalid phone number format.",
            ));
        }
        _ => {}
    }
    if value.len() > MAX_VALUE {
        return Err(nonconforming(
            &rule.name,
            "String attributes cannot have a length of more than 2048",
        ));
    }
    match &rule.kind {
        AttributeKind::Text { min, max } => {
            let length = value.chars().count() as u64;
            if min.is_some_and(|min| length < min.into()) {
                return Err(nonconforming(
                    &rule.name,
                    "String must be longer than the minimum length",
                ));
            }
            if max.is_some_and(|max| length > max.into()) {
                return Err(nonconforming(
                    &rule.name,
                    "String must not be longer than the maximum length",
                ));
            }
            if rule.name == "birthdate" && !is_date(value) {
                return Err(nonconforming(
                    &rule.name,
                    "Birthdate must be of the form YYYY-MM-DD",
                ));
            }
            Ok(())
        }
        AttributeKind::Number { min, max } => match value.parse::<i64>() {
            Ok(number) if min.is_some_and(|min| number < min) => Err(nonconforming(
                &rule.name,
                "Number is less than the minimum value",
            )),
            Ok(number) if max.is_some_and(|max| number > max) => Err(nonconforming(
                &rule.name,
                "Number is greater than the maximum value",
            )),
            Ok(_) => Ok(()),
            Err(_) => Err(nonconforming(&rule.name, "Attribute value is not a number")),
        },
        AttributeKind::Boolean => match value {
            "true" | "false" => Ok(()),
            _ => Err(nonconforming(
                &rule.name,
                "Attribute value must be true or false",
            )),
        },
        AttributeKind::DateTime => Ok(()),
    }
}

fn nonconforming(name: &str, reason: &str) -> Refusal {
    let text = format!("Attributes did not conform to the schema: {name}: {reason}\n");
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// Whether a text has the form of an e-mail address: one `@` with something around it, a dot-free or dotted
/// domain without empty parts, no blanks.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !local.contains('@')
        && !domain.is_empty()
        && domain.split('.').all(|part| !part.is_empty())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && text.len() <= MAX_VALUE
}

/// Whether a text has the form of a phone number: `+` and 1 to 15 digits (ITU-T E.164).
pub(crate) fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a text is a day of the calendar, `YYYY-MM-DD`. The year 0000 says that the year is left out (OpenID Connect
/// Core 1.0 §5.1).
pub(crate) fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u16>().ok())?
    };
    let mut civil = || {
        Some(Civil {
            year: number(4)?.into(),
            month: number(2)?.try_into().ok()?,
            day: number(2)?.try_into().ok()?,
            hour: 0,
            minute: 0,
            second: 0,
        })
    };
    civil().and_then(Civil::to_unix).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_form() {
        for good in ["a@b", "jane.doe+x@example.co.uk", "é@ü.de"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "@b", "a@", "a@b.", "a@.b", "a b@c", "a@@b", "a\n@b",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(is_phone("+12065550100"));
        for bad in ["", "+", "12065550100", "+1206555010000000", "+1 206"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["1990-02-28", "2000-02-29", "0000-02-29", "1999-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "1990-02-30",
            "1900-02-29",
            "1990-00-01",
            "1990-13-01",
            "1990-01-00",
            "1990-04-31",
            "1990/02/28",
            "90-02-28",
            "1990-2-28",
            "1990-02-28-",
            "+990-02-28",
            "yesterday!",
            "",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
