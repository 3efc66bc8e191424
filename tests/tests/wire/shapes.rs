//! What the shapes promise to those who use them: no secrets in `Debug`, exact text, the operation table.

use userpool_wire::identity::{
    Credentials, GetCredentialsForIdentityInput, GetCredentialsForIdentityResponse,
};
use userpool_wire::idp::{
    AssetType, AttributeType, AuthFlowType, ChallengeNameType, ConfirmSignUpRequest,
    CreateIdentityProviderRequest, InitiateAuthRequest, InitiateAuthResponse,
    PreTokenGenerationLambdaVersionType, RespondToAuthChallengeRequest, SetUICustomizationRequest,
    SignUpRequest, UserType, VerifySoftwareTokenRequest,
};
use userpool_wire::{
    Auth, Blob, Encode, OPERATIONS, Request, Sensitive, Service, Timestamp, find, parse,
    parse_reply, render,
};

#[test]
fn debug_shows_no_secret() {
    let shown = [
        format!(
            "{:?}",
            read::<SignUpRequest>(
                r#"{"ClientId":"CANARY","SecretHash":"CANARY","Username":"CANARY","Password":"CANARY",
            "UserAttributes":[{"Name":"email","Value":"CANARY"}],"ValidationData":[{"Name":"x","Value":"CANARY"}],
            "ClientMetadata":{"CANARY":"CANARY"},"UserContextData":{"IpAddress":"CANARY","EncodedData":"CANARY"}}"#
            )
        ),
        format!(
            "{:?}",
            read::<ConfirmSignUpRequest>(
                r#"{"ClientId":"CANARY","Username":"CANARY","ConfirmationCode":"CANARY"}"#
            )
        ),
        format!(
            "{:?}",
            read::<InitiateAuthRequest>(
                r#"{"AuthFlow":"USER_AUTH","ClientId":"CANARY",
            "AuthParameters":{"USERNAME":"CANARY","CANARY":"x"},"Session":"CANARYCANARYCANARYCANARY"}"#
            )
        ),
        format!(
            "{:?}",
            read::<RespondToAuthChallengeRequest>(
                r#"{"ChallengeName":"SMS_MFA","ClientId":"CANARY",
            "ChallengeResponses":{"SMS_MFA_CODE":"CANARY"}}"#
            )
        ),
        format!(
            "{:?}",
            read::<VerifySoftwareTokenRequest>(r#"{"AccessToken":"CANARY","UserCode":"123456"}"#)
        ),
        format!(
            "{:?}",
            read::<CreateIdentityProviderRequest>(
                r#"{"UserPoolId":"us-east-1_a","ProviderName":"abc",
            "ProviderType":"OIDC","ProviderDetails":{"client_secret":"CANARY"}}"#
            )
        ),
        format!(
            "{:?}",
            read::<GetCredentialsForIdentityInput>(
                r#"{"IdentityId":"us-east-1:0a-b","Logins":{"a":"CANARY"}}"#
            )
        ),
        format!(
            "{:?}",
            parse::<SignUpRequest>(
                br#"{"ClientId":"a","Username":"CANARY","Password":"CANARY CANARY"}"#
            )
        ),
        format!(
            "{:?}",
            parse::<ConfirmSignUpRequest>(
                br#"{"ClientId":"a","Username":"a","ConfirmationCode":"CANARY 1"}"#
            )
        ),
        format!(
            "{:?}",
            InitiateAuthResponse {
                challenge_parameters: Some(Sensitive::new(
                    [("SALT".to_owned(), "CANARY".to_owned())].into()
                )),
                session: Some("CANARY".into()),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            GetCredentialsForIdentityResponse {
                credentials: Some(Credentials {
                    secret_key: Some("CANARY".into()),
                    session_token: Some("CANARY".into()),
                    ..Default::default()
                }),
                ..Default::default()
            }
        ),
    ];
    for text in shown {
        assert!(
            text.contains("***") && !text.contains("CANARY") && !text.contains("123456"),
            "{text}"
        );
    }
}

#[test]
fn replies_are_written_in_one_line_without_nulls() {
    let reply = InitiateAuthResponse {
        challenge_name: Some(ChallengeNameType::PasswordVerifier),
        challenge_parameters: Some(Sensitive::new(
            [("SALT".to_owned(), "a\"b\\c\n\u{1}é".to_owned())].into(),
        )),
        available_challenges: Some(vec![ChallengeNameType::SmsMfa, ChallengeNameType::EmailOtp]),
        ..Default::default()
    };
    let text = r#"{"ChallengeName":"PASSWORD_VERIFIER","ChallengeParameters":{"SALT":"a\"b\\c\n\u0001é"},"AvailableChallenges":["SMS_MFA","EMAIL_OTP"]}"#;
    assert_eq!(render::<InitiateAuthRequest>(&reply), text);
    assert_eq!(
        parse_reply::<InitiateAuthRequest>(text.as_bytes()),
        Ok(reply)
    );
}

#[test]
fn times_are_seconds_with_up_to_three_decimals() {
    let text = |millis| Timestamp::from_millis(millis).to_json();
    assert_eq!(text(1_715_100_742_022), "1715100742.022");
    assert_eq!(text(1_700_000_000_100), "1700000000.1");
    assert_eq!(text(1_700_000_000_000), "1700000000");
    assert_eq!(text(5), "0.005");
    assert_eq!(text(-1_500), "-1.5");
    assert_eq!(text(i64::MIN), "-9223372036854775.808");
    let user = UserType {
        user_create_date: Some(Timestamp::from_millis(1_548_099_495_428)),
        ..Default::default()
    };
    assert_eq!(user.to_json(), r#"{"UserCreateDate":1548099495.428}"#);
}

#[test]
fn bytes_are_base64_and_documents_are_values() {
    let request = SetUICustomizationRequest {
        user_pool_id: "us-east-1_a".into(),
        image_file: Some(Blob(b"hello".to_vec())),
        ..Default::default()
    };
    assert_eq!(
        request.to_json(),
        r#"{"UserPoolId":"us-east-1_a","ImageFile":"aGVsbG8="}"#
    );
    assert_eq!(
        read::<SetUICustomizationRequest>(&request.to_json()),
        request
    );
    let asset = AssetType {
        bytes: Some(Blob(Vec::new())),
        ..Default::default()
    };
    assert!(asset.to_json().ends_with(r#""Bytes":""}"#));
}

#[test]
fn words_keep_their_spelling() {
    assert_eq!(AuthFlowType::UserSrpAuth.as_str(), "USER_SRP_AUTH");
    assert_eq!(
        AuthFlowType::from_wire("USER_SRP_AUTH"),
        Some(AuthFlowType::UserSrpAuth)
    );
    assert_eq!(AuthFlowType::from_wire("user_srp_auth"), None);
    assert_eq!(
        PreTokenGenerationLambdaVersionType::V2_0.to_string(),
        "V2_0"
    );
    assert!(
        AuthFlowType::ALL
            .iter()
            .all(|it| AuthFlowType::from_wire(it.as_str()) == Some(*it))
    );
}

#[test]
fn sensitive_members_serve_as_what_they_hide() {
    fn takes(text: &str) -> usize {
        text.len()
    }
    let request = read::<InitiateAuthRequest>(
        r#"{"AuthFlow":"USER_SRP_AUTH","ClientId":"abc","AuthParameters":{"USERNAME":"alice","SRP_A":"0f"}}"#,
    );
    assert_eq!(takes(&request.client_id), 3);
    let parameters = request.auth_parameters.expect("the body has parameters");
    assert_eq!(
        parameters.get("USERNAME").map(String::as_str),
        Some("alice")
    );
    assert_eq!(parameters.into_inner().len(), 2);
    let attribute = AttributeType {
        name: "email".into(),
        value: Some("a@example.com".into()),
    };
    assert_eq!(
        attribute.value.as_deref().map(String::as_str),
        Some("a@example.com")
    );
}

#[test]
fn a_target_names_one_operation_of_one_service() {
    for operation in OPERATIONS {
        let target = format!("{}.{}", operation.service.target_prefix(), operation.name);
        let found = find(&target).expect("the table finds its own names");
        assert!(std::ptr::eq(found, operation));
    }
    let tags = |service: Service| {
        find(&format!("{}.TagResource", service.target_prefix())).map(|it| it.service)
    };
    assert_eq!(tags(Service::UserPools), Some(Service::UserPools));
    assert_eq!(tags(Service::IdentityPools), Some(Service::IdentityPools));
    for wrong in [
        "",
        "InitiateAuth",
        "AWSCognitoIdentityProviderService",
        "AWSCognitoIdentityService.InitiateAuth",
        "X.InitiateAuth",
    ] {
        assert!(find(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn the_table_says_who_signs_and_what_may_go_wrong() {
    let unsigned = |service| {
        OPERATIONS
            .iter()
            .filter(|it| it.service == service && it.auth == Auth::Unsigned)
            .count()
    };
    assert_eq!(unsigned(Service::UserPools), 36);
    assert_eq!(unsigned(Service::IdentityPools), 4);
    let sign_up = SignUpRequest::OPERATION;
    assert_eq!(
        (sign_up.name, sign_up.auth, sign_up.has_output),
        ("SignUp", Auth::Unsigned, true)
    );
    assert!(sign_up.errors.contains(&"UsernameExistsException"));
    assert!(
        OPERATIONS
            .iter()
            .all(|it| it.errors.iter().all(|name| name.ends_with("Exception")))
    );
}

fn read<T: Request>(body: &str) -> T {
    parse(body.as_bytes()).unwrap_or_else(|refused| panic!("{}", refused.message()))
}
