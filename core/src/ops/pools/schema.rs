//! The attributes of a pool: the twenty standard ones, and what a request may change or add.

use alloc::{format, string::String, string::ToString, vec::Vec};

use userpool_wire::idp::{
    AttributeDataType, NumberAttributeConstraintsType, SchemaAttributeType,
    StringAttributeConstraintsType,
};

use super::invalid;
use crate::{
    engine::Refusal,
    model::schema::{AttributeKind, AttributeRule},
};

/// The most custom attributes of a pool.
const MAX_CUSTOM: usize = 50;
/// What the service says of a required attribute that is not one of the standard ones.
const NOT_REQUIRED: &str = "Required custom attributes are not supported currently.";
/// The greatest length of a value.
const MAX_LENGTH: u32 = 2_048;

/// The standard attributes in the order in which the API shows them.
pub(super) fn standard() -> Vec<AttributeRule> {
    let text = |min, max| AttributeKind::Text {
        min: Some(min),
        max: Some(max),
    };
    let plain = || text(0, MAX_LENGTH);
    let kinds = [
        ("sub", text(1, MAX_LENGTH)),
        ("name", plain()),
        ("given_name", plain()),
        ("family_name", plain()),
        ("middle_name", plain()),
        ("nickname", plain()),
        ("preferred_username", plain()),
        ("profile", plain()),
        ("picture", plain()),
        ("website", plain()),
        ("email", plain()),
        ("email_verified", AttributeKind::Boolean),
        ("gender", plain()),
        ("birthdate", text(10, 10)),
        ("zoneinfo", plain()),
        ("locale", plain()),
        ("phone_number", plain()),
        ("phone_number_verified", AttributeKind::Boolean),
        ("address", plain()),
        (
            "updated_at",
            AttributeKind::Number {
                min: Some(0),
                max: None,
            },
        ),
    ];
    kinds
        .into_iter()
        .map(|(name, kind)| AttributeRule {
            required: name == "sub",
            mutable: name != "sub",
            name: name.into(),
            kind,
            developer_only: false,
        })
        .collect()
}

/// The schema of a new pool: the standard attributes as the request changes them, then its custom ones.
///
/// # Errors
/// Refuses, entry by entry: an entry without a name; of a standard attribute another type or one for
/// administrators alone; a flag of an address that is required; bounds that do not fit; and what [`add`] refuses.
pub(super) fn new(given: &[SchemaAttributeType]) -> Result<Vec<AttributeRule>, Refusal> {
    let mut schema = standard();
    for entry in given {
        let name = name(entry)?;
        match schema
            .iter_mut()
            .find(|rule| rule.name == name && !name.contains(':'))
        {
            Some(rule) => change(rule, entry)?,
            None => add(&mut schema, entry)?,
        }
    }
    Ok(schema)
}

/// Adds a custom attribute.
///
/// # Errors
/// Refuses, in this order: no name, no type, a required attribute, bounds that do not fit, a name that the
/// pool has already, too many attributes.
pub(super) fn add(
    schema: &mut Vec<AttributeRule>,
    entry: &SchemaAttributeType,
) -> Result<(), Refusal> {
    let name = name(entry)?;
    let developer_only = entry.developer_only_attribute == Some(true);
    let Some(data_type) = entry.attribute_data_type else {
        return Err(invalid(
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ));
    };
    if entry.required == Some(true) {
        return Err(invalid(NOT_REQUIRED));
    }
    let full_name = if developer_only {
        format!("dev:custom:{name}")
    } else {
        format!("custom:{name}")
    };
    let kind = match data_type {
        AttributeDataType::String => text_kind(name, entry, (None, None))?,
        AttributeDataType::Number => number_kind(name, entry, (None, None))?,
        AttributeDataType::Boolean => AttributeKind::Boolean,
        AttributeDataType::DateTime => AttributeKind::DateTime,
    };
    if schema.iter().any(|rule| rule.name == full_name) {
        return Err(invalid(format!(
            "{full_name}: Existing attribute already has name {full_name}."
        )));
    }
    if schema.len() >= standard().len() + MAX_CUSTOM {
        return Err(invalid(format!(
            "A user pool can have at most {MAX_CUSTOM} custom attributes."
        )));
    }
    schema.push(AttributeRule {
        name: full_name,
        kind,
        required: false,
        mutable: entry.mutable.unwrap_or(true),
        developer_only,
    });
    Ok(())
}

/// An attribute as the API shows it.
pub(super) fn shown(rule: &AttributeRule) -> SchemaAttributeType {
    let mut shown = SchemaAttributeType {
        name: Some(rule.name.clone()),
        developer_only_attribute: Some(rule.developer_only),
        mutable: Some(rule.mutable),
        required: Some(rule.required),
        ..SchemaAttributeType::default()
    };
    let data_type = match &rule.kind {
        AttributeKind::Text { min, max } => {
            shown.string_attribute_constraints = Some(StringAttributeConstraintsType {
                min_length: min.map(|min| min.to_string()),
                max_length: max.map(|max| max.to_string()),
            });
            AttributeDataType::String
        }
        AttributeKind::Number { min, max } => {
            shown.number_attribute_constraints = Some(NumberAttributeConstraintsType {
                min_value: min.map(|min| min.to_string()),
                max_value: max.map(|max| max.to_string()),
            });
            AttributeDataType::Number
        }
        AttributeKind::Boolean => AttributeDataType::Boolean,
        AttributeKind::DateTime => AttributeDataType::DateTime,
    };
    shown.attribute_data_type = Some(data_type);
    shown
}

fn name(entry: &SchemaAttributeType) -> Result<&str, Refusal> {
    entry
        .name
        .as_deref()
        .ok_or_else(|| invalid("Name is required for each schema attribute."))
}

/// Changes a standard attribute. The `sub` takes no change: it is always there and never changes. Nobody has to say
/// that an address is verified: no client may, so that nobody could sign up. The service takes `email_verified` of a
/// schema for a custom attribute (the AWS CDK found it out, pull request 14699), and the other's name for too long.
fn change(rule: &mut AttributeRule, entry: &SchemaAttributeType) -> Result<(), Refusal> {
    let same_type = entry
        .attribute_data_type
        .is_none_or(|given| Some(given) == shown(rule).attribute_data_type);
    if !same_type || entry.developer_only_attribute == Some(true) {
        return Err(invalid(format!(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {}",
            rule.name
        )));
    }
    if rule.name == "sub" {
        return Ok(());
    }
    let is_flag = rule.kind == AttributeKind::Boolean;
    if is_flag && entry.required == Some(true) {
        return Err(invalid(NOT_REQUIRED));
    }
    rule.kind = match rule.kind {
        AttributeKind::Text { min, max } => text_kind(&rule.name, entry, (min, max))?,
        AttributeKind::Number { min, max } => number_kind(&rule.name, entry, (min, max))?,
        AttributeKind::Boolean => AttributeKind::Boolean,
        AttributeKind::DateTime => AttributeKind::DateTime,
    };
    rule.required = entry.required.unwrap_or(rule.required);
    rule.mutable = entry.mutable.unwrap_or(rule.mutable);
    Ok(())
}

/// The type of a text, with the bounds given, else these.
fn text_kind(
    name: &str,
    entry: &SchemaAttributeType,
    otherwise: (Option<u32>, Option<u32>),
) -> Result<AttributeKind, Refusal> {
    let Some(given) = &entry.string_attribute_constraints else {
        let (min, max) = otherwise;
        return Ok(AttributeKind::Text { min, max });
    };
    let bound = |text: &Option<String>| parsed::<u32>(text, name, "String");
    let (min, max) = (bound(&given.min_length)?, bound(&given.max_length)?);
    if [min, max]
        .into_iter()
        .flatten()
        .any(|length| length > MAX_LENGTH)
    {
        return Err(invalid(format!(
            "user.{name}: String attributes cannot have a length of more than {MAX_LENGTH}"
        )));
    }
    if min.zip(max).is_some_and(|(min, max)| max < min) {
        return Err(invalid(format!(
            "user.{name}: Max length cannot be less than min length."
        )));
    }
    Ok(AttributeKind::Text { min, max })
}

/// The type of a number, with the bounds given, else these.
fn number_kind(
    name: &str,
    entry: &SchemaAttributeType,
    otherwise: (Option<i64>, Option<i64>),
) -> Result<AttributeKind, Refusal> {
    let Some(given) = &entry.number_attribute_constraints else {
        let (min, max) = otherwise;
        return Ok(AttributeKind::Number { min, max });
    };
    let bound = |text: &Option<String>| parsed::<i64>(text, name, "Number");
    let (min, max) = (bound(&given.min_value)?, bound(&given.max_value)?);
    if min.zip(max).is_some_and(|(min, max)| max < min) {
        return Err(invalid(format!(
            "user.{name}: Max value cannot be less than min value."
        )));
    }
    Ok(AttributeKind::Number { min, max })
}

/// A bound, which is a number in a text.
fn parsed<T: core::str::FromStr>(
    text: &Option<String>,
    name: &str,
    kind: &str,
) -> Result<Option<T>, Refusal> {
    match text.as_deref() {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            invalid(format!(
                "Invalid {kind}AttributeConstraints for schema attribute {name}"
            ))
        }),
    }
}
