//! Messages about constraints, byte for byte as the service composes them.

use userpool_wire::identity::{GetIdInput, SetIdentityPoolRolesInput};
use userpool_wire::idp::{
    AdminGetUserRequest, ChangePasswordRequest, ConfirmDeviceRequest, ConfirmForgotPasswordRequest,
    ConfirmSignUpRequest, CreateUserPoolClientRequest, CreateUserPoolRequest,
    GetUserAttributeVerificationCodeRequest, InitiateAuthRequest, ListUserPoolsRequest,
    SetUserPoolMfaConfigRequest, SignUpRequest, TagResourceRequest, VerifySoftwareTokenRequest,
};
use userpool_wire::{Rejection, Request, parse};

#[test]
fn an_empty_user_name_breaks_length_and_pattern() {
    assert_eq!(
        invalid::<SignUpRequest>(
            r#"{"ClientId":"abc","Username":"","Password":"has a blank at its end "}"#
        ),
        r"3 validation errors detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$; Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"
    );
}

#[test]
fn an_absent_plain_member_is_null() {
    assert_eq!(
        invalid::<GetUserAttributeVerificationCodeRequest>(r#"{"AccessToken":"a.b.c"}"#),
        "1 validation error detected: Value null at 'attributeName' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn an_absent_sensitive_member_is_not_called_null() {
    assert_eq!(
        invalid::<ChangePasswordRequest>(
            r#"{"AccessToken":"a.b.c","PreviousPassword":"old","ProposedPassword":null}"#
        ),
        "1 validation error detected: Value at 'proposedPassword' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn a_confirmation_code_is_quoted() {
    assert_eq!(
        invalid::<ConfirmSignUpRequest>(
            r#"{"ClientId":"abc","Username":"u","ConfirmationCode":"1 12 123"}"#
        ),
        r"1 validation error detected: Value '1 12 123' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+"
    );
}

#[test]
fn an_empty_code_and_a_blank_password_are_told_in_one_message() {
    assert_eq!(
        invalid::<ConfirmForgotPasswordRequest>(
            r#"{"ClientId":"abc","Username":"u","ConfirmationCode":"","Password":" "}"#
        ),
        r"3 validation errors detected: Value '' at 'confirmationCode' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+; Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    );
}

#[test]
fn an_unknown_word_names_the_words() {
    assert_eq!(
        invalid::<SetUserPoolMfaConfigRequest>(
            r#"{"UserPoolId":"us-east-1_a","MfaConfiguration":"false"}"#
        ),
        "1 validation error detected: Value 'false' at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OPTIONAL, OFF, ON]"
    );
}

#[test]
fn an_unknown_word_in_a_list_is_told_of_the_list() {
    assert_eq!(
        invalid::<CreateUserPoolClientRequest>(
            r#"{"UserPoolId":"us-east-1_a","ClientName":"c","AllowedOAuthFlows":["token"]}"#
        ),
        "1 validation error detected: Value '[token]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [implicit, client_credentials, code]]"
    );
}

#[test]
fn elements_of_a_list_name_all_their_constraints_once() {
    assert_eq!(
        invalid::<CreateUserPoolClientRequest>(
            r#"{"UserPoolId":"us-east-1_a","ClientName":"c","CallbackURLs":["https://a.example","no go",""]}"#
        ),
        r"1 validation error detected: Value '[https://a.example, no go, ]' at 'callbackURLs' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+]"
    );
}

#[test]
fn structures_in_a_list_are_counted_from_one() {
    assert_eq!(
        invalid::<CreateUserPoolRequest>(
            r#"{"PoolName":"p","Schema":[{"Name":"ok"},{"Name":"phone_number_verified"}]}"#
        ),
        "1 validation error detected: Value 'phone_number_verified' at 'schema.2.member.name' failed to satisfy constraint: Member must have length less than or equal to 20"
    );
}

#[test]
fn values_of_attributes_are_left_out() {
    let body = format!(
        r#"{{"ClientId":"abc","Username":"u","UserAttributes":[{{"Name":"email","Value":"{}"}}]}}"#,
        "x".repeat(2_049)
    );
    assert_eq!(
        invalid::<SignUpRequest>(&body),
        "1 validation error detected: Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048"
    );
}

#[test]
fn members_of_a_sensitive_structure_are_left_out() {
    let body = format!(
        r#"{{"ClientId":"abc","Username":"u","UserContextData":{{"IpAddress":"{}"}}}}"#,
        "x".repeat(131_073)
    );
    assert_eq!(
        invalid::<SignUpRequest>(&body),
        "1 validation error detected: Value at 'userContextData.ipAddress' failed to satisfy constraint: Member must have length less than or equal to 131072"
    );
}

#[test]
fn a_client_id_of_another_form_is_left_out() {
    assert_eq!(
        invalid::<InitiateAuthRequest>(
            r#"{"AuthFlow":"USER_SRP_AUTH","ClientId":"ap-northeast-1_x"}"#
        ),
        r"1 validation error detected: Value at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+]+"
    );
}

#[test]
fn a_pool_id_of_another_form_is_quoted() {
    assert_eq!(
        invalid::<AdminGetUserRequest>(r#"{"UserPoolId":"string","Username":"u"}"#),
        r"1 validation error detected: Value 'string' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+"
    );
}

#[test]
fn numbers_have_values_and_not_lengths() {
    assert_eq!(
        invalid::<ListUserPoolsRequest>(r#"{"MaxResults":61}"#),
        "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60"
    );
    assert_eq!(
        invalid::<ListUserPoolsRequest>(r#"{"MaxResults":0}"#),
        "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"
    );
}

#[test]
fn a_path_keeps_capitals_behind_the_first_letter() {
    assert_eq!(
        invalid::<CreateUserPoolRequest>(
            r#"{"PoolName":"p","AdminCreateUserConfig":{"InviteMessageTemplate":{"SMSMessage":"short"}}}"#
        ),
        "1 validation error detected: Value 'short' at 'adminCreateUserConfig.inviteMessageTemplate.sMSMessage' failed to satisfy constraint: Member must have length greater than or equal to 6"
    );
}

#[test]
fn values_of_a_map_are_told_of_the_map() {
    assert_eq!(
        invalid::<GetIdInput>(
            r#"{"IdentityPoolId":"us-east-1:0a-b","Logins":{"accounts.google.com":""}}"#
        ),
        "1 validation error detected: Value at 'logins' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 50000, Member must have length greater than or equal to 1]"
    );
}

#[test]
fn keys_and_values_of_a_plain_map_are_quoted() {
    assert_eq!(
        invalid::<TagResourceRequest>(
            r#"{"ResourceArn":"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_a","Tags":{"":"v"}}"#
        ),
        "1 validation error detected: Value '{=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"
    );
}

#[test]
fn structures_in_a_map_are_named_by_their_key() {
    assert_eq!(
        invalid::<SetIdentityPoolRolesInput>(
            r#"{"IdentityPoolId":"us-east-1:0a-b","Roles":{},"RoleMappings":{"graph.facebook.com":{}}}"#
        ),
        "1 validation error detected: Value null at 'roleMappings.graph.facebook.com.member.type' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn lists_have_sizes() {
    let many = vec![r#""https://a.example""#; 101].join(",");
    let body = format!(r#"{{"UserPoolId":"us-east-1_a","ClientName":"c","LogoutURLs":[{many}]}}"#);
    let message = invalid::<CreateUserPoolClientRequest>(&body);
    assert!(message.starts_with("1 validation error detected: Value '[https://a.example, "));
    assert!(message.ends_with(
        "at 'logoutURLs' failed to satisfy constraint: Member must have length less than or equal to 100"
    ));
}

#[test]
fn lengths_are_counted_in_utf_16_units() {
    let confirm = |name: String| {
        parse::<ConfirmDeviceRequest>(
            format!(r#"{{"AccessToken":"a","DeviceKey":"us-east-1_a","DeviceName":"{name}"}}"#)
                .as_bytes(),
        )
    };
    assert!(confirm("é".repeat(1_024)).is_ok());
    assert!(confirm("😀".repeat(512)).is_ok());
    assert!(confirm("😀".repeat(513)).is_err());
}

#[test]
fn a_user_code_is_six_digits() {
    let message = invalid::<VerifySoftwareTokenRequest>(r#"{"UserCode":"12a45"}"#);
    assert_eq!(
        message,
        "2 validation errors detected: Value at 'userCode' failed to satisfy constraint: Member must have length greater than or equal to 6; Value at 'userCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+"
    );
}

#[test]
fn a_request_cannot_make_a_message_without_bounds() {
    let item = r#"{"Name":"","AttributeDataType":"x"}"#;
    let body = format!(
        r#"{{"PoolName":"p","Schema":[{}]}}"#,
        vec![item; 20_000].join(",")
    );
    assert!(invalid::<CreateUserPoolRequest>(&body).len() < 50_000);
}

#[test]
fn wrong_types_are_another_kind_of_error() {
    for body in [
        "",
        "no",
        "[]",
        "7",
        "null",
        r#"{"MaxResults":"7"}"#,
        r#"{"MaxResults":7.5}"#,
        r#"{"MaxResults":7000000000}"#,
        r#"{"MaxResults":7,"NextToken":7}"#,
        r#"{"MaxResults":7"#,
    ] {
        let refused = parse::<ListUserPoolsRequest>(body.as_bytes());
        assert!(
            matches!(refused, Err(Rejection::Serialization(_))),
            "{body}"
        );
    }
    let deep = format!(
        r#"{{"MaxResults":7,"X":{}{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    assert!(matches!(
        parse::<ListUserPoolsRequest>(deep.as_bytes()),
        Err(Rejection::Serialization(_))
    ));
}

fn invalid<T: Request>(body: &str) -> String {
    match parse::<T>(body.as_bytes()) {
        Err(Rejection::Invalid(message)) => message,
        Err(Rejection::Serialization(message)) => panic!("{message}"),
        Ok(_) => panic!("{body} was accepted"),
    }
}
