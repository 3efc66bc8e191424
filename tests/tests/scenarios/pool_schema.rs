//! The attributes of a pool: the standard ones, what a schema changes of them, and custom ones.

use crate::api::{ok, pool, refused};
use crate::attributes::standard_schema;
use serde_json::{Value, json};
use userpool_tests::world::world;

#[test]
fn a_schema_changes_standard_attributes_and_adds_custom_ones() {
    let world = world();
    let id = pool(
        &world.engine,
        json!({ "Schema": [
            { "Name": "email", "Required": true, "Mutable": false },
            { "Name": "nickname", "AttributeDataType": "String",
              "StringAttributeConstraints": { "MinLength": "1", "MaxLength": "20" } },
            { "Name": "team", "AttributeDataType": "String" },
            { "Name": "score", "AttributeDataType": "Number", "DeveloperOnlyAttribute": true, "Mutable": false,
              "NumberAttributeConstraints": { "MinValue": "-1", "MaxValue": "5" } },
            { "Name": "joined", "AttributeDataType": "DateTime" },
        ] }),
    );
    ok(
        &world.engine,
        "AddCustomAttributes",
        json!({ "UserPoolId": id, "CustomAttributes": [{ "Name": "vip", "AttributeDataType": "Boolean" }] }),
    );
    let answer = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    let mut expected = standard_schema();
    let schema = expected.as_array_mut().unwrap();
    schema[10]["Required"] = json!(true);
    schema[10]["Mutable"] = json!(false);
    schema[5]["StringAttributeConstraints"] = json!({ "MinLength": "1", "MaxLength": "20" });
    let custom = |name: &str, kind: &str, mutable: bool, developer: bool| {
        json!({
            "Name": name,
            "AttributeDataType": kind,
            "DeveloperOnlyAttribute": developer,
            "Mutable": mutable,
            "Required": false,
        })
    };
    let mut team = custom("custom:team", "String", true, false);
    team["StringAttributeConstraints"] = json!({});
    let mut score = custom("dev:custom:score", "Number", false, true);
    score["NumberAttributeConstraints"] = json!({ "MinValue": "-1", "MaxValue": "5" });
    schema.extend([
        team,
        score,
        custom("custom:joined", "DateTime", true, false),
        custom("custom:vip", "Boolean", true, false),
    ]);
    assert_eq!(answer["UserPool"]["SchemaAttributes"], expected);
}

#[test]
fn a_schema_that_does_not_fit_is_refused() {
    let world = world();
    let id = pool(
        &world.engine,
        json!({ "Schema": [{ "Name": "team", "AttributeDataType": "String" }] }),
    );
    let standard = [
        (
            json!({ "Name": "family_name", "AttributeDataType": "Number" }),
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute family_name",
        ),
        (
            json!({ "Name": "family_name", "DeveloperOnlyAttribute": true }),
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute family_name",
        ),
        (
            json!({ "Name": "name", "StringAttributeConstraints": { "MaxLength": "2049" } }),
            "user.name: String attributes cannot have a length of more than 2048",
        ),
        (
            json!({ "Name": "email_verified", "Required": true }),
            "Required custom attributes are not supported currently.",
        ),
        (
            json!({ "Name": "phone_number_verified", "Required": true }),
            "1 validation error detected: Value 'phone_number_verified' at 'schema.1.member.name' failed to satisfy \
             constraint: Member must have length less than or equal to 20",
        ),
    ];
    let custom = [
        (
            json!({ "AttributeDataType": "String" }),
            "Name is required for each schema attribute.",
        ),
        (
            json!({ "Name": "x" }),
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        (
            json!({ "Name": "x", "AttributeDataType": "String", "Required": true }),
            "Required custom attributes are not supported currently.",
        ),
        (
            json!({ "Name": "x", "AttributeDataType": "String",
                "StringAttributeConstraints": { "MinLength": "5", "MaxLength": "4" } }),
            "user.x: Max length cannot be less than min length.",
        ),
        (
            json!({ "Name": "x", "AttributeDataType": "Number",
                "NumberAttributeConstraints": { "MinValue": "5", "MaxValue": "4" } }),
            "user.x: Max value cannot be less than min value.",
        ),
        (
            json!({ "Name": "x", "AttributeDataType": "String",
                "StringAttributeConstraints": { "MinLength": "many" } }),
            "Invalid StringAttributeConstraints for schema attribute x",
        ),
        (
            json!({ "Name": "x", "AttributeDataType": "Number",
                "NumberAttributeConstraints": { "MaxValue": "" } }),
            "Invalid NumberAttributeConstraints for schema attribute x",
        ),
    ];
    for (entry, text) in standard.iter().chain(&custom) {
        let body = json!({ "PoolName": "demo", "Schema": [entry] });
        let refusal = refused(&world.engine, "CreateUserPool", body);
        assert_eq!(refusal, format!("InvalidParameterException: {text}"));
    }
    let taken = (
        json!({ "Name": "team", "AttributeDataType": "Number" }),
        "custom:team: Existing attribute already has name custom:team.",
    );
    for (entry, text) in custom.iter().chain([&taken]) {
        let body = json!({ "UserPoolId": id, "CustomAttributes": [entry] });
        let refusal = refused(&world.engine, "AddCustomAttributes", body);
        assert_eq!(refusal, format!("InvalidParameterException: {text}"));
    }
}

#[test]
fn a_pool_has_at_most_fifty_custom_attributes() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    let add = |range: std::ops::Range<u32>| {
        let entries: Vec<Value> = range
            .map(|n| json!({ "Name": format!("a{n}"), "AttributeDataType": "String" }))
            .collect();
        json!({ "UserPoolId": id, "CustomAttributes": entries })
    };
    ok(&world.engine, "AddCustomAttributes", add(0..25));
    ok(&world.engine, "AddCustomAttributes", add(25..50));
    assert_eq!(
        refused(&world.engine, "AddCustomAttributes", add(50..51)),
        "InvalidParameterException: A user pool can have at most 50 custom attributes."
    );
}
