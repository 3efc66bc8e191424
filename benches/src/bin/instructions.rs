//! A user's life, twice: the second time each request is marked for callgrind, and the calls of each operation are
//! printed. `benches/instructions.py` reads both.

use serde_json::{Value, json};
use userpool_benches::{client::SignIn, identity_pools, world::World};
use userpool_crypto::{base32, base64, srp::DeviceEnrolment, totp};
use userpool_tests::authenticator::Credential;
use userpool_webauthn::key::Algorithm;

const FIRST: &str = "Correct-horse-7-battery";
const SECOND: &str = "Staple-horse-8-battery";
const THIRD: &str = "Battery-horse-9-staple";

fn main() {
    let mut first = World::new();
    live(&mut first);
    let mut second = first.counted_life();
    live(&mut second);
    for (operation, calls) in &second.counts {
        println!("{operation} {calls}");
    }
}

fn live(world: &mut World) {
    let pool = pools(world);
    let client = clients(world, &pool);
    signing_up(world, &client);
    signed_in(world, &pool, &client);
    administered(world, &pool, &client);
    with_second_factors(world, &pool, &client);
    with_sessions(world, &pool, &client);
    with_identities(world, &pool, &client);
    with_device(world, &pool, &client);
    with_choice(world, &pool, &client);
    grouped(world, &pool);
    with_pages(world, &pool, &client);
    imported(world, &pool);
    world.call(
        "DeleteUserPoolClient",
        &json!({"UserPoolId": pool, "ClientId": client}),
    );
    world.call("DeleteUserPool", &json!({"UserPoolId": pool}));
    protected(world);
}

/// Begins to import users, and looks at limits.
fn imported(world: &mut World, pool: &str) {
    let of = json!({"UserPoolId": pool});
    world.call("GetCSVHeader", &of);
    let job =
        json!({"JobName": "all", "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/import"});
    let made = world.call("CreateUserImportJob", &with(&of, job));
    world.send_file(&made, b"name");
    let named = with(&of, json!({"JobId": made["UserImportJob"]["JobId"]}));
    world.call("DescribeUserImportJob", &named);
    world.call("ListUserImportJobs", &with(&of, json!({"MaxResults": 10})));
    world.call("StartUserImportJob", &named);
    world.call("StopUserImportJob", &named);
    world.do_jobs();
    let limit = json!({"LimitDefinition": {"LimitClass": "API_CATEGORY",
        "Attributes": {"Category": "UserAuthentication"}}});
    world.call("GetProvisionedLimit", &limit);
    world.call(
        "UpdateProvisionedLimit",
        &with(&limit, json!({"RequestedLimitValue": 200})),
    );
}

/// Makes a pool, looks at it and changes it; its id.
fn pools(world: &mut World) -> String {
    let made = world.call(
        "CreateUserPool",
        &json!({
            "PoolName": "bench",
            "AutoVerifiedAttributes": ["email"],
            "AliasAttributes": ["email"],
            "Policies": {"PasswordPolicy": {"MinimumLength": 8, "RequireNumbers": true, "RequireUppercase": true}},
        }),
    );
    let pool = text(&made["UserPool"]["Id"]);
    world.call("DescribeUserPool", &json!({"UserPoolId": pool}));
    world.call(
        "UpdateUserPool",
        &json!({"UserPoolId": pool, "AutoVerifiedAttributes": ["email"]}),
    );
    world.call("ListUserPools", &json!({"MaxResults": 10}));
    world.call(
        "AddCustomAttributes",
        &json!({"UserPoolId": pool, "CustomAttributes": [{"Name": "team", "AttributeDataType": "String"}]}),
    );
    let arn = json!({"ResourceArn": text(&made["UserPool"]["Arn"])});
    world.call(
        "TagResource",
        &with(&arn, json!({"Tags": {"stage": "bench"}})),
    );
    world.call("ListTagsForResource", &arn);
    world.call("UntagResource", &with(&arn, json!({"TagKeys": ["stage"]})));
    replicas(world);
    pool
}

/// A pool with a replica for a while.
fn replicas(world: &mut World) {
    let key = "arn:aws:kms:us-east-1:000000000000:key/mrk-1";
    let made = world.call(
        "CreateUserPool",
        &json!({"PoolName": "wide", "KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": key}}),
    );
    let named = json!({"UserPoolId": made["UserPool"]["Id"]});
    let replica = with(&named, json!({"RegionName": "eu-west-1"}));
    world.call("CreateUserPoolReplica", &replica);
    world.call("ListUserPoolReplicas", &named);
    world.call(
        "UpdateUserPoolReplica",
        &with(&replica, json!({"Status": "INACTIVE"})),
    );
    world.call("DeleteUserPoolReplica", &replica);
    world.call("DeleteUserPool", &named);
}

/// Makes a client, looks at it and changes it; its id.
fn clients(world: &mut World, pool: &str) -> String {
    let flows = [
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ];
    let made = world.call(
        "CreateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientName": "bench", "ExplicitAuthFlows": flows}),
    );
    let client = text(&made["UserPoolClient"]["ClientId"]);
    let named = json!({"UserPoolId": pool, "ClientId": client});
    world.call("DescribeUserPoolClient", &named);
    world.call(
        "UpdateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientId": client, "ClientName": "renamed", "ExplicitAuthFlows": flows}),
    );
    world.call("ListUserPoolClients", &json!({"UserPoolId": pool}));
    machine(world, pool);
    let in_pool = json!({"UserPoolId": pool});
    world.call(
        "SetLogDeliveryConfiguration",
        &with(&in_pool, json!({"LogConfigurations": []})),
    );
    world.call("GetLogDeliveryConfiguration", &in_pool);
    client
}

/// A client of its own, with a second secret for a while.
fn machine(world: &mut World, pool: &str) {
    let made = world.call(
        "CreateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientName": "machine", "GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]}),
    );
    let made = &made["UserPoolClient"];
    let named = json!({"UserPoolId": pool, "ClientId": made["ClientId"]});
    let added = world.call("AddUserPoolClientSecret", &named);
    world.call("ListUserPoolClientSecrets", &named);
    let id = &added["ClientSecretDescriptor"]["ClientSecretId"];
    world.call(
        "DeleteUserPoolClientSecret",
        &with(&named, json!({"ClientSecretId": id})),
    );
    world.make_keys(pool);
    world.call(
        "GetClientToken",
        &json!({"ClientId": made["ClientId"], "Secret": made["ClientSecret"]}),
    );
    world.call("DeleteUserPoolClient", &named);
}

fn signing_up(world: &mut World, client: &str) {
    let user = json!({"ClientId": client, "Username": "ada"});
    world.call(
        "SignUp",
        &with(&user, json!({"Password": FIRST, "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}]})),
    );
    world.call("ResendConfirmationCode", &user);
    let code = world.code();
    world.call(
        "ConfirmSignUp",
        &with(&user, json!({"ConfirmationCode": code})),
    );
}

/// A token for another client, which is gone again.
fn exchanged(world: &mut World, pool: &str, access: &Value) {
    let flows = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"];
    let made = world.call(
        "CreateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientName": "exchange", "ExplicitAuthFlows": flows}),
    );
    let client = &made["UserPoolClient"]["ClientId"];
    world.call(
        "GetDerivedToken",
        &json!({"ClientId": client, "SubjectToken": access, "SubjectTokenType": "ACCESS_TOKEN"}),
    );
    world.call(
        "DeleteUserPoolClient",
        &json!({"UserPoolId": pool, "ClientId": client}),
    );
}

fn signed_in(world: &mut World, pool: &str, client: &str) {
    let tokens = sign_in(world, pool, client, FIRST);
    let access = json!({"AccessToken": tokens["AccessToken"]});
    world.call("GetUser", &access);
    let changed = json!({"UserAttributes": [{"Name": "email", "Value": "ada@example.org"}, {"Name": "name", "Value": "Ada"}]});
    world.call("UpdateUserAttributes", &with(&access, changed));
    world.call(
        "GetUserAttributeVerificationCode",
        &with(&access, json!({"AttributeName": "email"})),
    );
    let code = world.code();
    world.call(
        "VerifyUserAttribute",
        &with(&access, json!({"AttributeName": "email", "Code": code})),
    );
    world.call(
        "DeleteUserAttributes",
        &with(&access, json!({"UserAttributeNames": ["name"]})),
    );
    exchanged(world, pool, &tokens["AccessToken"]);
    world.call(
        "GetTokensFromRefreshToken",
        &json!({"ClientId": client, "RefreshToken": tokens["RefreshToken"]}),
    );
    world.call(
        "RevokeToken",
        &json!({"ClientId": client, "Token": tokens["RefreshToken"]}),
    );

    let access = json!({"AccessToken": sign_in(world, pool, client, FIRST)["AccessToken"]});
    world.call(
        "ChangePassword",
        &with(
            &access,
            json!({"PreviousPassword": FIRST, "ProposedPassword": SECOND}),
        ),
    );
    world.call("GlobalSignOut", &access);

    let user = json!({"ClientId": client, "Username": "ada"});
    world.call("ForgotPassword", &user);
    let code = world.code();
    world.call(
        "ConfirmForgotPassword",
        &with(&user, json!({"ConfirmationCode": code, "Password": THIRD})),
    );
    let access = json!({"AccessToken": sign_in(world, pool, client, THIRD)["AccessToken"]});
    world.call("DeleteUser", &access);
}

fn administered(world: &mut World, pool: &str, client: &str) {
    let user = json!({"UserPoolId": pool, "Username": "grace"});
    let email = json!([{"Name": "email", "Value": "grace@example.com"}, {"Name": "email_verified", "Value": "true"}]);
    world.call(
        "AdminCreateUser",
        &with(&user, json!({"TemporaryPassword": FIRST, "UserAttributes": email, "MessageAction": "SUPPRESS"})),
    );
    let begun = world.call(
        "AdminInitiateAuth",
        &json!({
            "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "grace", "PASSWORD": FIRST},
        }),
    );
    world.call(
        "AdminRespondToAuthChallenge",
        &json!({
            "UserPoolId": pool, "ClientId": client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": begun["Session"],
            "ChallengeResponses": {"USERNAME": "grace", "NEW_PASSWORD": SECOND},
        }),
    );
    world.call("AdminGetUser", &user);
    world.call(
        "AdminUpdateUserAttributes",
        &with(
            &user,
            json!({"UserAttributes": [{"Name": "name", "Value": "Grace"}]}),
        ),
    );
    world.call(
        "AdminDeleteUserAttributes",
        &with(&user, json!({"UserAttributeNames": ["name"]})),
    );
    world.call(
        "ListUsers",
        &json!({"UserPoolId": pool, "Filter": "email ^= \"grace\""}),
    );
    world.call("AdminUserGlobalSignOut", &user);
    world.call("AdminDisableUser", &user);
    world.call("AdminEnableUser", &user);
    world.call("AdminResetUserPassword", &user);
    world.call(
        "AdminSetUserPassword",
        &with(&user, json!({"Password": THIRD, "Permanent": true})),
    );

    world.call(
        "SignUp",
        &json!({"ClientId": client, "Username": "edsger", "Password": FIRST}),
    );
    let other = json!({"UserPoolId": pool, "Username": "edsger"});
    world.call("AdminConfirmSignUp", &other);
    world.call("AdminDeleteUser", &other);
}

/// A user with a software token and a code in an e-mail, in a pool that has both.
fn with_second_factors(world: &mut World, pool: &str, client: &str) {
    let in_pool = json!({"UserPoolId": pool});
    let factors = json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "EmailMfaConfiguration": {}, "SmsMfaConfiguration": {}});
    world.call("SetUserPoolMfaConfig", &with(&in_pool, factors));
    world.call("GetUserPoolMfaConfig", &in_pool);
    let user = json!({"UserPoolId": pool, "Username": "grace"});
    let begin = json!({
        "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "grace", "PASSWORD": THIRD},
    });
    let tokens = world.call_as("SignInWithPassword", "AdminInitiateAuth", &begin);
    let access = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});
    let given = world.call("AssociateSoftwareToken", &access);
    let secret = base32::decode(&text(&given["SecretCode"])).expect("a secret");
    let now = totp::step_at(world.now().secs()).expect("a step");
    let code = |step: u64| totp::code_at(&secret, step);
    world.call(
        "VerifySoftwareToken",
        &with(&access, json!({"UserCode": code(now - 1)})),
    );
    let on = json!({"Enabled": true});
    world.call(
        "SetUserMFAPreference",
        &with(&access, json!({"SoftwareTokenMfaSettings": on})),
    );
    world.call("SetUserSettings", &with(&access, json!({"MFAOptions": []})));
    world.call("GetUserAuthFactors", &access);
    world.call("AdminGetUserAuthFactors", &user);
    world.call(
        "AdminSetUserSettings",
        &with(&user, json!({"MFAOptions": []})),
    );

    let asked = world.call_as("AskSoftwareToken", "AdminInitiateAuth", &begin);
    let answer = |asked: &Value, responses: Value| {
        json!({
            "UserPoolId": pool, "ClientId": client, "ChallengeName": asked["ChallengeName"],
            "Session": asked["Session"],
            "ChallengeResponses": with(&json!({"USERNAME": "grace"}), responses),
        })
    };
    let token = json!({"SOFTWARE_TOKEN_MFA_CODE": code(now)});
    let answered = "AdminRespondToAuthChallenge";
    world.call_as("ProveSoftwareToken", answered, &answer(&asked, token));
    world.call(
        "AdminSetUserMFAPreference",
        &with(&user, json!({"EmailMfaSettings": on})),
    );
    let asked = world.call("AdminInitiateAuth", &begin);
    let chosen = json!({"ANSWER": "EMAIL_OTP"});
    let asked = world.call_as("SelectMailedCode", answered, &answer(&asked, chosen));
    let mail = json!({"EMAIL_OTP_CODE": world.code()});
    world.call_as("ProveMailedCode", answered, &answer(&asked, mail));
    world.call("AdminDeleteSoftwareToken", &user);
    let asked = world.call_as("AskMailedCode", "AdminInitiateAuth", &begin);
    let mail = json!({"EMAIL_OTP_CODE": world.code()});
    world.call_as("ProveMailedCode", answered, &answer(&asked, mail));
    // What follows signs in without a second factor.
    world.unmarked(
        "AdminSetUserMFAPreference",
        &with(&user, json!({"EmailMfaSettings": {"Enabled": false}})),
    );
}

/// A user whose sessions are tracked; afterwards the pool tracks none again.
fn with_sessions(world: &mut World, pool: &str, client: &str) {
    let in_pool = json!({"UserPoolId": pool});
    let track = |tracking: &str| json!({"UserPoolId": pool, "UserSessionTracking": tracking, "TokenSession": {"MaxPerUser": 3}});
    world.call("SetUserPoolSessionConfiguration", &track("ENABLED"));
    world.call("GetUserPoolSessionConfiguration", &in_pool);
    let named = with(&in_pool, json!({"ClientId": client}));
    world.call("GetUserPoolClientSessionConfiguration", &named);
    world.call(
        "SetUserPoolClientSessionConfiguration",
        &with(&named, json!({"SSOSession": {"MaxValidityMinutes": 30}})),
    );
    let begin = json!({
        "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "grace", "PASSWORD": THIRD},
    });
    let mut access = json!({});
    for _ in 0..3 {
        let tokens = world.call("AdminInitiateAuth", &begin);
        access = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});
    }
    let user = json!({"UserPoolId": pool, "Username": "grace"});
    let sessions = world.call("AdminListUserSessions", &user);
    let session = |at: usize| json!({"SessionId": sessions["Sessions"][at]["SessionId"]});
    world.call("ListUserSessions", &access);
    world.call("RevokeUserSession", &with(&access, session(1)));
    world.call("AdminRevokeUserSession", &with(&user, session(2)));
    world.call("SetUserPoolSessionConfiguration", &track("DISABLED"));
}

/// A user who comes to an identity pool.
fn with_identities(world: &mut World, pool: &str, client: &str) {
    let begin = json!({
        "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "grace", "PASSWORD": THIRD},
    });
    let tokens = world.unmarked("AdminInitiateAuth", &begin);
    identity_pools::live(
        world,
        pool,
        client,
        &tokens["AuthenticationResult"]["IdToken"],
    );
}

/// A user with a remembered device, which proves itself in place of the second factor.
fn with_device(world: &mut World, pool: &str, client: &str) {
    let tracked = json!({"UserPoolId": pool, "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true}});
    world.unmarked("UpdateUserPool", &tracked);
    let user = json!({"UserPoolId": pool, "Username": "grace"});
    let begin = |device: &Value| {
        json!({
            "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "grace", "PASSWORD": THIRD, "DEVICE_KEY": device},
        })
    };
    let tokens = world.unmarked("AdminInitiateAuth", &begin(&Value::Null));
    let access = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});
    let made = &tokens["AuthenticationResult"]["NewDeviceMetadata"];
    let (key, group) = (text(&made["DeviceKey"]), text(&made["DeviceGroupKey"]));
    let enrolment = DeviceEnrolment::new(&group, &key, &[9; 40], &[0x80; 16]);
    let device = json!({"DeviceKey": key});
    let config = json!({"DeviceSecretVerifierConfig": {
        "PasswordVerifier": enrolment.password_verifier, "Salt": enrolment.salt}});
    world.call(
        "ConfirmDevice",
        &with(&with(&access, device.clone()), config),
    );

    let side = SignIn::new([0xA5; 32]);
    let named = begin(&device["DeviceKey"]);
    let asked = world.call_as("AskDevice", "AdminInitiateAuth", &named);
    let answer = |asked: &Value, responses: Value| {
        let named = json!({"USERNAME": "grace", "DEVICE_KEY": key});
        json!({
            "ClientId": client, "ChallengeName": asked["ChallengeName"], "Session": asked["Session"],
            "ChallengeResponses": with(&named, responses),
        })
    };
    let first = answer(&asked, json!({"SRP_A": side.a()}));
    let asked = world.call_as("DeviceSrpAuth", "RespondToAuthChallenge", &first);
    let password = enrolment.password.expose();
    let names = (group.as_str(), key.as_str());
    let claim = side.claim(names, password, &asked["ChallengeParameters"], world.now());
    let second = answer(&asked, claim);
    world.call_as("DevicePasswordVerifier", "RespondToAuthChallenge", &second);

    world.call("GetDevice", &with(&access, device.clone()));
    world.call("ListDevices", &access);
    let told = json!({"DeviceRememberedStatus": "not_remembered"});
    world.call(
        "UpdateDeviceStatus",
        &with(&with(&access, device.clone()), told),
    );
    let theirs = with(&user, device.clone());
    world.call("AdminGetDevice", &theirs);
    world.call("AdminListDevices", &user);
    let told = json!({"DeviceRememberedStatus": "remembered"});
    world.call("AdminUpdateDeviceStatus", &with(&theirs, told));
    world.call("ForgetDevice", &with(&access, device));

    let tokens = world.unmarked("AdminInitiateAuth", &begin(&Value::Null));
    let access = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});
    let key = &tokens["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"];
    let device = json!({"DeviceKey": key});
    let config = json!({"DeviceSecretVerifierConfig": {
        "PasswordVerifier": enrolment.password_verifier, "Salt": enrolment.salt}});
    world.unmarked(
        "ConfirmDevice",
        &with(&with(&access, device.clone()), config),
    );
    world.call("AdminForgetDevice", &with(&user, device));
}

/// A user who chooses the first factor: a code in an e-mail, and a passkey.
fn with_choice(world: &mut World, pool: &str, client: &str) {
    let first = json!({"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]});
    world.unmarked(
        "UpdateUserPool",
        &json!({"UserPoolId": pool, "AutoVerifiedAttributes": ["email"], "Policies": {"SignInPolicy": first}}),
    );
    world.unmarked(
        "SetUserPoolMfaConfig",
        &json!({"UserPoolId": pool, "WebAuthnConfiguration": {"RelyingPartyId": "example.org"}}),
    );
    world.unmarked(
        "UpdateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientId": client, "ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}),
    );
    let begin = |world: &mut World, name: &str, preferred: &str| {
        let given = json!({"USERNAME": "grace", "PREFERRED_CHALLENGE": preferred});
        let begin = json!({"ClientId": client, "AuthFlow": "USER_AUTH", "AuthParameters": given});
        world.call_as(name, "InitiateAuth", &begin)
    };
    let answer = |world: &mut World, name: &str, asked: &Value, responses: Value| {
        let given = with(&json!({"USERNAME": "grace"}), responses);
        let answer = json!({"ClientId": client, "ChallengeName": asked["ChallengeName"],
            "Session": asked["Session"], "ChallengeResponses": given});
        world.call_as(name, "RespondToAuthChallenge", &answer)
    };
    let asked = begin(world, "OfferFirstFactors", "none");
    let chosen = json!({"ANSWER": "EMAIL_OTP"});
    let asked = answer(world, "SendFirstCode", &asked, chosen);
    let code = json!({"EMAIL_OTP_CODE": world.code()});
    let tokens = answer(world, "ProveFirstCode", &asked, code);
    let access = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});

    let key = Credential::new("example.org", Algorithm::Es256, [7; 32]);
    let origin = "https://example.org";
    let options = world.call("StartWebAuthnRegistration", &access);
    let created = key.created(&options["CredentialCreationOptions"], origin);
    let created = json!({"Credential": created});
    world.call("CompleteWebAuthnRegistration", &with(&access, created));
    world.call("ListWebAuthnCredentials", &access);
    let asked = begin(world, "AskPasskey", "WEB_AUTHN");
    let options = text(&asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"]);
    let options = serde_json::from_str(&options).expect("JSON");
    let signed = json!({"CREDENTIAL": key.gotten(&options, origin).to_string()});
    answer(world, "ProvePasskey", &asked, signed);
    let id = json!({"CredentialId": base64::encode_url(&key.id)});
    world.call("DeleteWebAuthnCredential", &with(&access, id));
}

/// A user of a pool with threat protection, of whom much is known already.
fn protected(world: &mut World) {
    let made = world.call(
        "CreateUserPool",
        &json!({"PoolName": "protected", "UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}),
    );
    let pool = text(&made["UserPool"]["Id"]);
    let in_pool = json!({"UserPoolId": pool});
    let client = world.call(
        "CreateUserPoolClient",
        &with(
            &in_pool,
            json!({"ClientName": "bench", "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]}),
        ),
    );
    let client = text(&client["UserPoolClient"]["ClientId"]);
    let action = json!({"Notify": true, "EventAction": "NO_ACTION"});
    let told = json!({
        "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
        "NoActionEmail": {"Subject": "News", "TextBody": "{event-id} {feedback-token}"},
    });
    let rules = json!({
        "CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "BLOCK"}},
        "AccountTakeoverRiskConfiguration": {
            "Actions": {"LowAction": action, "MediumAction": action}, "NotifyConfiguration": told,
        },
    });
    world.call("SetRiskConfiguration", &with(&in_pool, rules));
    world.call("DescribeRiskConfiguration", &in_pool);
    let user = with(&in_pool, json!({"Username": "alan"}));
    let email = json!([{"Name": "email", "Value": "alan@example.com"}, {"Name": "email_verified", "Value": "true"}]);
    world.call(
        "AdminCreateUser",
        &with(
            &user,
            json!({"UserAttributes": email, "MessageAction": "SUPPRESS"}),
        ),
    );
    world.call(
        "AdminSetUserPassword",
        &with(&user, json!({"Password": FIRST, "Permanent": true})),
    );
    world.make_keys(&pool);
    let context = |address: &str| {
        json!({"ContextData": {"IpAddress": address, "ServerName": "s", "ServerPath": "/",
            "HttpHeaders": [{"headerName": "user-agent", "headerValue": "bench/1"}]}})
    };
    let begin = json!({
        "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "alan", "PASSWORD": FIRST},
    });
    for _ in 0..20 {
        world.call("AdminInitiateAuth", &with(&begin, context("192.0.2.7")));
    }
    world.call("AdminInitiateAuth", &with(&begin, context("198.51.100.1")));
    world.upkeep();
    let listed = world.call("AdminListUserAuthEvents", &user);
    let event = json!({"EventId": listed["AuthEvents"][0]["EventId"], "FeedbackValue": "Valid"});
    world.call("AdminUpdateAuthEventFeedback", &with(&user, event.clone()));
    let token = world
        .message()
        .body
        .rsplit_once(' ')
        .map(|(_, token)| token.to_owned());
    world.call(
        "UpdateAuthEventFeedback",
        &with(&with(&user, event), json!({"FeedbackToken": token})),
    );
}

/// Puts users into groups, and deletes one of either.
fn grouped(world: &mut World, pool: &str) {
    let staff = json!({"UserPoolId": pool, "GroupName": "staff"});
    let role = "arn:aws:iam::000000000000:role/staff";
    world.call(
        "CreateGroup",
        &with(&staff, json!({"Precedence": 1, "RoleArn": role})),
    );
    world.call("GetGroup", &staff);
    world.call("UpdateGroup", &with(&staff, json!({"Precedence": 0})));
    world.call("ListGroups", &json!({"UserPoolId": pool}));
    let grace = json!({"Username": "grace"});
    world.call("AdminAddUserToGroup", &with(&staff, grace.clone()));
    world.call(
        "AdminListGroupsForUser",
        &json!({"UserPoolId": pool, "Username": "grace"}),
    );
    world.call("ListUsersInGroup", &staff);
    world.call("AdminRemoveUserFromGroup", &with(&staff, grace.clone()));
    world.call("AdminAddUserToGroup", &with(&staff, grace));
    world.call(
        "AdminDeleteUser",
        &json!({"UserPoolId": pool, "Username": "grace"}),
    );
    world.call("DeleteGroup", &staff);
}

/// Gives a pool a domain, an API with a scope, and pages that look like something.
fn with_pages(world: &mut World, pool: &str, client: &str) {
    let of = json!({"UserPoolId": pool});
    let domain = with(&of, json!({"Domain": "bench"}));
    world.call("CreateUserPoolDomain", &domain);
    world.call("DescribeUserPoolDomain", &json!({"Domain": "bench"}));
    world.call(
        "UpdateUserPoolDomain",
        &with(&domain, json!({"ManagedLoginVersion": 2})),
    );
    let api = with(&of, json!({"Identifier": "https://api.example.com"}));
    let scopes =
        json!({"Name": "API", "Scopes": [{"ScopeName": "read", "ScopeDescription": "Reads"}]});
    world.call("CreateResourceServer", &with(&api, scopes.clone()));
    world.call("UpdateResourceServer", &with(&api, scopes));
    world.call("DescribeResourceServer", &api);
    world.call("ListResourceServers", &of);
    world.call("DeleteResourceServer", &api);
    let css = json!({"ClientId": client, "CSS": ".label-customizable { color: red }"});
    world.call("SetUICustomization", &with(&of, css));
    world.call(
        "GetUICustomization",
        &with(&of, json!({"ClientId": client})),
    );
    world.call("DeleteUserPoolDomain", &domain);
    let of_client = with(&of, json!({"ClientId": client}));
    let settings =
        json!({"Settings": {"categories": {"form": {"location": {"horizontal": "CENTER"}}}}});
    let style = world.call(
        "CreateManagedLoginBranding",
        &with(&of_client, settings.clone()),
    );
    let id = &style["ManagedLoginBranding"]["ManagedLoginBrandingId"];
    let style = with(&of, json!({"ManagedLoginBrandingId": id}));
    world.call("DescribeManagedLoginBranding", &style);
    world.call("DescribeManagedLoginBrandingByClient", &of_client);
    world.call("UpdateManagedLoginBranding", &with(&style, settings));
    world.call("DeleteManagedLoginBranding", &style);
    let name = json!({"TermsName": "terms-of-use"});
    let terms = json!({"TermsSource": "LINK", "Enforcement": "NONE",
        "Links": {"cognito:default": "https://example.com/terms"}});
    let made = world.call("CreateTerms", &with(&with(&of_client, name.clone()), terms));
    let terms = with(&of, json!({"TermsId": made["Terms"]["TermsId"]}));
    world.call("DescribeTerms", &terms);
    world.call("DescribeTermsByClient", &with(&of_client, name));
    world.call(
        "UpdateTerms",
        &with(&terms, json!({"TermsName": "privacy-policy"})),
    );
    world.call("ListTerms", &of);
    world.call("DeleteTerms", &terms);
    world.call("GetSigningCertificate", &of);
    let provider = with(&of, json!({"ProviderName": "Google"}));
    let settings = json!({"ProviderType": "Google", "IdpIdentifiers": ["example.com"],
        "AttributeMapping": {"email": "email", "name": "name"}, "ProviderDetails": {
            "client_id": "id", "client_secret": "secret", "authorize_scopes": "openid email"}});
    world.call("CreateIdentityProvider", &with(&provider, settings));
    world.call("DescribeIdentityProvider", &provider);
    world.call(
        "GetIdentityProviderByIdentifier",
        &with(&of, json!({"IdpIdentifier": "example.com"})),
    );
    world.call(
        "UpdateIdentityProvider",
        &with(&provider, json!({"AttributeMapping": {"email": "email"}})),
    );
    world.call("ListIdentityProviders", &of);
    let linked = json!({"Username": "linked", "MessageAction": "SUPPRESS"});
    world.unmarked("AdminCreateUser", &with(&of, linked));
    let user = json!({"ProviderName": "Cognito", "ProviderAttributeValue": "linked"});
    let source = json!({"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": "1"});
    let link = json!({"DestinationUser": user, "SourceUser": source});
    world.call("AdminLinkProviderForUser", &with(&of, link));
    world.call(
        "AdminDisableProviderForUser",
        &with(&of, json!({"User": source})),
    );
    world.call("DeleteIdentityProvider", &provider);
}

/// Signs Ada in by SRP; the tokens.
fn sign_in(world: &mut World, pool: &str, client: &str, password: &str) -> Value {
    let side = SignIn::new([0xA5; 32]);
    let challenge = world.call(
        "InitiateAuth",
        &json!({
            "ClientId": client, "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": "ada", "SRP_A": side.a()},
        }),
    );
    let responses = side.answer(
        pool,
        password,
        &challenge["ChallengeParameters"],
        world.now(),
    );
    let answer = world.call(
        "RespondToAuthChallenge",
        &json!({
            "ClientId": client, "ChallengeName": "PASSWORD_VERIFIER", "Session": challenge["Session"],
            "ChallengeResponses": responses,
        }),
    );
    answer["AuthenticationResult"].clone()
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id is a text").into()
}

/// One object with the members of two.
fn with(first: &Value, second: Value) -> Value {
    let mut both = first.clone();
    if let (Value::Object(both), Value::Object(second)) = (&mut both, second) {
        both.extend(second);
    }
    both
}
