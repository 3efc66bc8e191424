//! Settings as requests and replies have them.

use serde_json::{Value, json};
use userpool_tests::passkeys::PARTY;

use super::{
    known::Known,
    read::{join, list, text},
    request::with,
};
use crate::{
    act::{At, Setting},
    rules::{ClientRules, Mfa, Names, Recovery, Risk, Rules, SAID},
};

/// The function of every trigger.
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:lead";

/// The key under which the codes for functions are encrypted.
pub(super) const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/codes";

/// The request that has a function send the e-mails of a pool.
pub(super) fn sender(id: &str, rules: &Rules) -> Value {
    let mut body = with(whole(rules), json!({"UserPoolId": id}));
    let sender = json!({"LambdaVersion": "V1_0", "LambdaArn": FUNCTION});
    let functions = json!({"CustomEmailSender": sender, "KMSKeyID": KEY});
    body["LambdaConfig"] = with(body["LambdaConfig"].take(), functions.clone());
    if !body["LambdaConfig"].is_object() {
        body["LambdaConfig"] = functions;
    }
    body
}

/// The settings of a pool that can change.
fn whole(rules: &Rules) -> Value {
    let mut body = pool(rules);
    if let Some(body) = body.as_object_mut() {
        for fixed in ["PoolName", "AliasAttributes", "UsernameAttributes"] {
            body.remove(fixed);
        }
    }
    body
}

/// The body of a request; `None` where something that it needs was never learned.
pub(super) fn body(setting: &Setting, known: &Known) -> Option<Value> {
    let pool = || json!({"UserPoolId": known.pool});
    let arn = || json!({"ResourceArn": known.arn});
    let of = |client: usize| with(pool(), json!({"ClientId": known.clients[client]}));
    let group = |name: &str| with(pool(), json!({"GroupName": name}));
    let rules = known.rules?;
    Some(match setting {
        Setting::Tag(key) => with(arn(), json!({"Tags": {*key: "it"}})),
        Setting::Untag(key) => with(arn(), json!({"TagKeys": [key]})),
        Setting::Tags => arn(),
        Setting::Describe | Setting::Factors | Setting::Groups => pool(),
        Setting::DescribeClient(client) => of(*client),
        Setting::Pools => json!({"MaxResults": 60}),
        Setting::Clients => with(pool(), json!({"MaxResults": 60})),
        Setting::Client(id, rules) => with(client(&known.pool, rules), of(*id)),
        Setting::MakePool => json!({"PoolName": "other"}),
        Setting::DropPool(at) => json!({"UserPoolId": known.others.get(at)?}),
        Setting::MakeClient => with(pool(), json!({"ClientName": "other"})),
        Setting::DropClient(at) => with(pool(), json!({"ClientId": known.others.get(at)?})),
        Setting::Attribute(name) => {
            let attribute = json!({"Name": name, "AttributeDataType": "String", "Mutable": true});
            with(pool(), json!({"CustomAttributes": [attribute]}))
        }
        Setting::Optional(asked) => {
            let mfa = if *asked { Mfa::Optional } else { Mfa::Off };
            factors(&known.pool, &rules, mfa)
        }
        Setting::Whole {
            closed,
            recovery,
            mfa,
        } => {
            let rules = Rules {
                closed: *closed,
                recovery: *recovery,
                ..rules
            };
            let mut body = with(whole(&rules), pool());
            body["MfaConfiguration"] = json!(word(*mfa));
            body
        }
        Setting::Risk(client, None) | Setting::DescribeRisk(client) => match client {
            Some(client) => of(*client),
            None => pool(),
        },
        Setting::Risk(client, Some(risk)) => {
            let place = client.map_or_else(pool, of);
            with(place, self::risk(risk))
        }
        Setting::Group(name) => group(name),
        Setting::ChangeGroup(name, precedence) => {
            let mut body = group(name);
            if let Some(precedence) = precedence {
                body["Precedence"] = json!(precedence);
            }
            body
        }
    })
}

/// What a reply tells; what it brings is learned.
pub(super) fn told(at: At, setting: &Setting, reply: &Value, known: &mut Known) -> String {
    let names = |member: &str, name: &str| {
        let mut names: Vec<String> = list(&reply[member])
            .map(|it| text(&it[name]).to_owned())
            .collect();
        names.sort();
        names.join(",")
    };
    match setting {
        Setting::Tags => {
            let tags = reply["Tags"].as_object();
            join(tags.into_iter().flat_map(|it| it.keys().cloned()), ",")
        }
        Setting::Pools => names("UserPools", "Name"),
        Setting::Clients => names("UserPoolClients", "ClientName"),
        Setting::Describe => described(&reply["UserPool"]),
        Setting::DescribeClient(_) | Setting::Client(..) => {
            client_told(&reply["UserPoolClient"], known)
        }
        Setting::Factors | Setting::Optional(_) => {
            let has = |member: &str| reply[member].is_object();
            format!(
                "{} {} {} {} {}",
                text(&reply["MfaConfiguration"]),
                has("SmsMfaConfiguration"),
                has("SoftwareTokenMfaConfiguration"),
                has("EmailMfaConfiguration"),
                has("WebAuthnConfiguration")
            )
        }
        Setting::MakePool => {
            known
                .others
                .insert(at, text(&reply["UserPool"]["Id"]).into());
            String::new()
        }
        Setting::MakeClient => {
            let id = text(&reply["UserPoolClient"]["ClientId"]);
            known.others.insert(at, id.into());
            String::new()
        }
        Setting::Risk(..) | Setting::DescribeRisk(_) => risk_told(&reply["RiskConfiguration"]),
        Setting::Group(_) | Setting::ChangeGroup(..) => group(&reply["Group"]),
        Setting::Groups => join(list(&reply["Groups"]).map(group), ","),
        _ => String::new(),
    }
}

/// What shall follow from risks.
fn risk(risk: &Risk) -> Value {
    let mut body = json!({});
    if let Some(blocks) = risk.breached {
        let action = json!({"EventAction": if blocks { "BLOCK" } else { "NO_ACTION" }});
        body["CompromisedCredentialsRiskConfiguration"] = json!({"Actions": action});
    }
    if let Some(actions) = risk.takeover {
        let [low, medium, high] = actions.map(
            |(consequence, tells)| json!({"EventAction": consequence.word(), "Notify": tells}),
        );
        let mail = json!({"Subject": "A sign-in", "TextBody": "{event-id} {feedback-token}"});
        let notices = json!({"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/one.test",
            "BlockEmail": mail, "NoActionEmail": mail, "MfaEmail": mail});
        body["AccountTakeoverRiskConfiguration"] = json!({"NotifyConfiguration": notices,
            "Actions": {"LowAction": low, "MediumAction": medium, "HighAction": high}});
    }
    let range = |index: usize| json!([format!("{}/32", SAID[index])]);
    let (barred, skipped) = (risk.barred.map(range), risk.skipped.map(range));
    if barred.is_some() || skipped.is_some() {
        body["RiskExceptionConfiguration"] =
            json!({"BlockedIPRangeList": barred, "SkippedIPRangeList": skipped});
    }
    body
}

fn risk_told(risk: &Value) -> String {
    let breached = &risk["CompromisedCredentialsRiskConfiguration"]["Actions"]["EventAction"];
    let actions = &risk["AccountTakeoverRiskConfiguration"]["Actions"];
    let levels = ["LowAction", "MediumAction", "HighAction"];
    let action = |level: &str| {
        let action = actions[level].as_object()?;
        Some(format!(
            "{}/{}",
            text(&action["EventAction"]),
            action["Notify"]
        ))
    };
    let address = |member: &str| {
        let range = text(&risk["RiskExceptionConfiguration"][member][0]);
        range.trim_end_matches("/32").to_owned()
    };
    format!(
        "{:?} [{}] {} {}",
        breached.as_str().map(|action| action == "BLOCK"),
        join(levels.into_iter().filter_map(action), ","),
        address("BlockedIPRangeList"),
        address("SkippedIPRangeList")
    )
}

fn group(group: &Value) -> String {
    format!(
        "{} {:?}",
        text(&group["GroupName"]),
        group["Precedence"].as_i64()
    )
}

fn described(pool: &Value) -> String {
    let recovery = list(&pool["AccountRecoverySetting"]["RecoveryMechanisms"]).next();
    let custom = list(&pool["SchemaAttributes"]);
    let custom = custom.filter_map(|it| text(&it["Name"]).strip_prefix("custom:"));
    let mut custom: Vec<String> = custom.map(Into::into).collect();
    custom.sort();
    format!(
        "{} {} closed={} {} custom={}",
        text(&pool["Name"]),
        pool["MfaConfiguration"].as_str().unwrap_or("OFF"),
        pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] == json!(true),
        recovery.map_or("", |it| text(&it["Name"])),
        custom.join(",")
    )
}

fn client_told(client: &Value, known: &Known) -> String {
    let id = text(&client["ClientId"]);
    let id = known.clients.iter().position(|it| it == id);
    let rotation = &client["RefreshTokenRotation"];
    let grace = rotation["RetryGracePeriodSeconds"].as_u64();
    let grace = grace.filter(|_| rotation["Feature"] == "ENABLED");
    format!(
        "#{} {} {grace:?}",
        id.unwrap_or(9),
        text(&client["PreventUserExistenceErrors"])
    )
}

const fn word(mfa: Mfa) -> &'static str {
    match mfa {
        Mfa::Off => "OFF",
        Mfa::Optional => "OPTIONAL",
        Mfa::On => "ON",
    }
}

/// The request that says which second factors a pool has, none where they are off, and passkeys.
pub(super) fn factors(pool: &str, rules: &Rules, mfa: Mfa) -> Value {
    let mut body = json!({"UserPoolId": pool, "MfaConfiguration": word(mfa)});
    if let Some(passkeys) = rules.passkeys {
        let verification = if passkeys.required {
            "required"
        } else {
            "preferred"
        };
        let factors = match passkeys.both {
            true => "MULTI_FACTOR_WITH_USER_VERIFICATION",
            false => "SINGLE_FACTOR",
        };
        body["WebAuthnConfiguration"] = json!({"RelyingPartyId": PARTY,
            "UserVerification": verification, "FactorConfiguration": factors});
    }
    if mfa == Mfa::Off {
        return body;
    }
    if rules.factors[0] {
        body["SmsMfaConfiguration"] = json!({});
    }
    if rules.factors[1] {
        body["SoftwareTokenMfaConfiguration"] = json!({"Enabled": true});
    }
    if rules.factors[2] {
        body["EmailMfaConfiguration"] = json!({});
    }
    body
}

/// The request that makes an app client, or changes one.
pub(super) fn client(pool: &str, rules: &ClientRules) -> Value {
    let mut flows = vec![
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_CUSTOM_AUTH",
        "ALLOW_USER_AUTH",
    ];
    let mut body = json!({"UserPoolId": pool, "ClientName": "model",
        "PreventUserExistenceErrors": if rules.hides { "ENABLED" } else { "LEGACY" }});
    match rules.rotation {
        Some(grace) => {
            body["RefreshTokenRotation"] =
                json!({"Feature": "ENABLED", "RetryGracePeriodSeconds": grace});
        }
        None => flows.push("ALLOW_REFRESH_TOKEN_AUTH"),
    }
    body["ExplicitAuthFlows"] = json!(flows);
    body
}

/// The request that makes the pool.
pub(super) fn pool(rules: &Rules) -> Value {
    let mut body = json!({"PoolName": "model"});
    match rules.names {
        Names::Own => {}
        Names::Aliases => {
            body["AliasAttributes"] = json!(["email", "phone_number", "preferred_username"]);
        }
        Names::Addresses => body["UsernameAttributes"] = json!(["email", "phone_number"]),
    }
    let automatic = [
        (rules.auto_email, "email"),
        (rules.auto_phone, "phone_number"),
    ];
    let automatic: Vec<&str> = automatic.iter().filter(|it| it.0).map(|it| it.1).collect();
    if !automatic.is_empty() {
        body["AutoVerifiedAttributes"] = json!(automatic);
    }
    if rules.email_waits {
        body["UserAttributeUpdateSettings"] =
            json!({"AttributesRequireVerificationBeforeUpdate": ["email"]});
    }
    let recovery = match rules.recovery {
        Recovery::PhoneFirst => None,
        Recovery::EmailOnly => Some("verified_email"),
        Recovery::Administrators => Some("admin_only"),
    };
    if let Some(name) = recovery {
        body["AccountRecoverySetting"] =
            json!({"RecoveryMechanisms": [{"Priority": 1, "Name": name}]});
    }
    if rules.remembered > 0 {
        body["Policies"] = json!({"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": rules.remembered}});
    }
    let first = [
        (rules.first_emails, "EMAIL_OTP"),
        (rules.first_texts, "SMS_OTP"),
        (rules.passkeys.is_some(), "WEB_AUTHN"),
    ];
    let first = first.iter().filter(|it| it.0).map(|it| it.1);
    let first: Vec<&str> = std::iter::once("PASSWORD").chain(first).collect();
    if first.len() > 1 {
        body["Policies"]["SignInPolicy"] = json!({"AllowedFirstAuthFactors": first});
    }
    if rules.closed {
        body["AdminCreateUserConfig"] = json!({"AllowAdminCreateUserOnly": true});
    }
    if let Some(devices) = rules.devices {
        body["DeviceConfiguration"] = json!({"ChallengeRequiredOnNewDevice": devices.replaces,
            "DeviceOnlyRememberedOnUserPrompt": devices.waits});
    }
    if rules.watched.is_on() {
        let word = |enforced| if enforced { "ENFORCED" } else { "AUDIT" };
        body["UserPoolTier"] = json!("PLUS");
        body["UserPoolAddOns"] =
            json!({"AdvancedSecurityMode": rules.watched.usual.map_or("OFF", word)});
        if let Some(enforced) = rules.watched.custom {
            let flows = json!({"CustomAuthMode": word(enforced)});
            body["UserPoolAddOns"]["AdvancedSecurityAdditionalFlows"] = flows;
        }
    }
    if rules.custom {
        body["LambdaConfig"] = json!({"DefineAuthChallenge": FUNCTION, "CreateAuthChallenge": FUNCTION,
            "VerifyAuthChallengeResponse": FUNCTION});
    }
    body
}
