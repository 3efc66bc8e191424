//! Remembered devices by the AWS SDK for Rust.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, ChallengeNameType, DeviceConfigurationType, DeviceRememberedStatusType,
    DeviceSecretVerifierConfigType, ExplicitAuthFlowsType, MessageActionType,
    NewDeviceMetadataType, UserPoolMfaType,
};
use userpool_client_journey::server::{client, told};
use userpool_client_journey::srp::SignIn;
use userpool_crypto::srp::DeviceEnrolment;

const PASSWORD: &str = "First-passw0rd!";
const NAME: &str = "ada";

/// A pool that remembers devices, and an app client of it.
struct App {
    client: Client,
    pool: String,
    id: String,
}

/// A device as its client keeps it.
struct Device {
    key: String,
    group: String,
    password: String,
}

impl App {
    async fn new() -> Self {
        let client = client();
        let tracking = DeviceConfigurationType::builder().challenge_required_on_new_device(true);
        let made = client
            .create_user_pool()
            .pool_name("rust-devices")
            .device_configuration(tracking.build());
        let pool = made.send().await.unwrap().user_pool.unwrap();
        let pool = pool.id().unwrap().to_owned();
        let factors = client
            .set_user_pool_mfa_config()
            .user_pool_id(&pool)
            .mfa_configuration(UserPoolMfaType::Optional)
            .email_mfa_configuration(
                aws_sdk_cognitoidentityprovider::types::EmailMfaConfigType::builder().build(),
            );
        factors.send().await.unwrap();
        let app = client
            .create_user_pool_client()
            .user_pool_id(&pool)
            .client_name("rust-devices")
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        let app = app.send().await.unwrap().user_pool_client.unwrap();
        let made = client
            .admin_create_user()
            .user_pool_id(&pool)
            .username(NAME)
            .message_action(MessageActionType::Suppress);
        made.send().await.unwrap();
        let set = client
            .admin_set_user_password()
            .user_pool_id(&pool)
            .username(NAME)
            .password(PASSWORD)
            .permanent(true);
        set.send().await.unwrap();
        let id = app.client_id().unwrap().to_owned();
        Self { client, pool, id }
    }

    /// Signs in without a device; the access token and the new device.
    async fn sign_in(&self) -> (String, NewDeviceMetadataType) {
        let reply = self
            .client
            .initiate_auth()
            .client_id(&self.id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", NAME)
            .auth_parameters("PASSWORD", PASSWORD);
        let tokens = reply.send().await.unwrap().authentication_result.unwrap();
        let access = tokens.access_token().unwrap().to_owned();
        (access, tokens.new_device_metadata.unwrap())
    }

    /// Signs in and confirms the device; the access token, and the device.
    async fn confirmed(&self) -> (String, Device) {
        let (access, made) = self.sign_in().await;
        let (key, group) = (made.device_key().unwrap(), made.device_group_key().unwrap());
        let enrolment = DeviceEnrolment::new(group, key, &[9; 40], &[0x80; 16]);
        let config = DeviceSecretVerifierConfigType::builder()
            .password_verifier(&enrolment.password_verifier)
            .salt(&enrolment.salt);
        let confirmed = self
            .client
            .confirm_device()
            .access_token(&access)
            .device_key(key)
            .device_name("workstation")
            .device_secret_verifier_config(config.build());
        let reply = confirmed.send().await.unwrap();
        assert!(!reply.user_confirmation_necessary());
        let device = Device {
            key: key.to_owned(),
            group: group.to_owned(),
            password: enrolment.password.expose().to_owned(),
        };
        (access, device)
    }

    async fn listed(&self) -> Vec<String> {
        let list = self
            .client
            .admin_list_devices()
            .user_pool_id(&self.pool)
            .username(NAME);
        let reply = list.send().await.unwrap();
        let keys = reply.devices().iter();
        keys.map(|device| device.device_key().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_device_proves_itself_in_place_of_the_second_factor() {
    let app = App::new().await;
    let (_, device) = app.confirmed().await;
    let begun = app
        .client
        .initiate_auth()
        .client_id(&app.id)
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .auth_parameters("USERNAME", NAME)
        .auth_parameters("PASSWORD", PASSWORD)
        .auth_parameters("DEVICE_KEY", &device.key);
    let asked = begun.send().await.unwrap();
    let srp = SignIn::new();
    assert_eq!(
        asked.challenge_name(),
        Some(&ChallengeNameType::DeviceSrpAuth)
    );
    let respond = |name: ChallengeNameType, session: Option<String>, mut more: HashMap<_, _>| {
        more.insert("USERNAME".to_owned(), NAME.to_owned());
        more.insert("DEVICE_KEY".to_owned(), device.key.clone());
        app.client
            .respond_to_auth_challenge()
            .client_id(&app.id)
            .challenge_name(name)
            .set_session(session)
            .set_challenge_responses(Some(more))
            .send()
    };
    let first = HashMap::from([("SRP_A".to_owned(), srp.public())]);
    let asked = respond(ChallengeNameType::DeviceSrpAuth, asked.session, first)
        .await
        .unwrap();
    let names = (device.group.as_str(), device.key.as_str());
    let parameters = asked.challenge_parameters().unwrap();
    let proof = srp.claim(names, &device.password, parameters);
    let reply = respond(
        ChallengeNameType::DevicePasswordVerifier,
        asked.session,
        proof,
    )
    .await
    .unwrap();

    let tokens = reply.authentication_result.unwrap();
    assert!(tokens.access_token().is_some());
    assert!(tokens.new_device_metadata().is_none());
    let delete = app.client.delete_user_pool().user_pool_id(&app.pool);
    delete.send().await.unwrap();
}

#[tokio::test]
async fn users_and_administrators_list_and_forget_devices() {
    let app = App::new().await;
    let (_, first) = app.confirmed().await;
    let (access, second) = app.confirmed().await;
    let mut keys = vec![first.key.clone(), second.key.clone()];
    keys.sort();
    assert_eq!(app.listed().await, keys);

    let shown = app
        .client
        .get_device()
        .access_token(&access)
        .device_key(&second.key);
    let shown = shown.send().await.unwrap().device.unwrap();
    assert_eq!(shown.device_key(), Some(second.key.as_str()));
    assert!(shown.device_create_date().is_some());
    let update = app
        .client
        .update_device_status()
        .access_token(&access)
        .device_key(&second.key)
        .device_remembered_status(DeviceRememberedStatusType::NotRemembered);
    update.send().await.unwrap();
    let update = app
        .client
        .admin_update_device_status()
        .user_pool_id(&app.pool)
        .username(NAME)
        .device_key(&second.key)
        .device_remembered_status(DeviceRememberedStatusType::Remembered);
    update.send().await.unwrap();
    let told_of = app
        .client
        .admin_get_device()
        .user_pool_id(&app.pool)
        .username(NAME)
        .device_key(&second.key);
    let told_of = told_of.send().await.unwrap().device.unwrap();
    let remembered = told_of
        .device_attributes()
        .iter()
        .find(|it| it.name() == "dev:device_remembered_status");
    assert_eq!(remembered.unwrap().value(), Some("remembered"));

    let forget = app
        .client
        .forget_device()
        .access_token(&access)
        .device_key(&first.key);
    forget.send().await.unwrap();
    let list = app.client.list_devices().access_token(&access);
    let left = list.send().await.unwrap();
    assert_eq!(left.devices().len(), 1);
    let forget = app
        .client
        .admin_forget_device()
        .user_pool_id(&app.pool)
        .username(NAME)
        .device_key(&second.key);
    forget.send().await.unwrap();
    assert!(app.listed().await.is_empty());
    let again = app
        .client
        .get_device()
        .access_token(&access)
        .device_key(&second.key);
    let refusal = again.send().await.unwrap_err();
    assert!(
        refusal
            .as_service_error()
            .unwrap()
            .is_resource_not_found_exception()
    );
    let expected = ("ResourceNotFoundException", "Device does not exist.");
    let (name, text) = told(&refusal);
    assert_eq!((name.as_str(), text.as_str()), expected);
    let delete = app.client.delete_user_pool().user_pool_id(&app.pool);
    delete.send().await.unwrap();
}
