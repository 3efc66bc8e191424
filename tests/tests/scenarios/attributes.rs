//! The standard attributes as the API shows them.

use serde_json::{Value, json};

/// The attributes of a pool whose request says nothing of them.
pub fn standard_schema() -> Value {
    let text = |name: &str, min: &str, max: &str| {
        json!({
            "Name": name,
            "AttributeDataType": "String",
            "DeveloperOnlyAttribute": false,
            "Mutable": name != "sub",
            "Required": name == "sub",
            "StringAttributeConstraints": { "MinLength": min, "MaxLength": max },
        })
    };
    let flag = |name: &str| {
        json!({
            "Name": name,
            "AttributeDataType": "Boolean",
            "DeveloperOnlyAttribute": false,
            "Mutable": true,
            "Required": false,
        })
    };
    json!([
        text("sub", "1", "2048"),
        text("name", "0", "2048"),
        text("given_name", "0", "2048"),
        text("family_name", "0", "2048"),
        text("middle_name", "0", "2048"),
        text("nickname", "0", "2048"),
        text("preferred_username", "0", "2048"),
        text("profile", "0", "2048"),
        text("picture", "0", "2048"),
        text("website", "0", "2048"),
        text("email", "0", "2048"),
        flag("email_verified"),
        text("gender", "0", "2048"),
        text("birthdate", "10", "10"),
        text("zoneinfo", "0", "2048"),
        text("locale", "0", "2048"),
        text("phone_number", "0", "2048"),
        flag("phone_number_verified"),
        text("address", "0", "2048"),
        json!({
            "Name": "updated_at",
            "AttributeDataType": "Number",
            "DeveloperOnlyAttribute": false,
            "Mutable": true,
            "Required": false,
            "NumberAttributeConstraints": { "MinValue": "0" },
        }),
    ])
}
