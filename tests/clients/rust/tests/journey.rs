//! A user's life by the AWS SDK for Rust.

use std::time::SystemTime;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType,
    ExplicitAuthFlowsType, UserStatusType, UsernameAttributeType, VerifiedAttributeType,
};
use userpool_client_journey::inbox;
use userpool_client_journey::server::{client, told, unique_address};
use userpool_client_journey::srp::SignIn;
use userpool_crypto::secret::SecretText;
use userpool_crypto::secret_hash::secret_hash;

const FIRST: &str = "First-passw0rd!";
const SECOND: &str = "Second passw0rd: ✓";
const THIRD: &str = "Third-passw0rd?";

/// One app client of a pool.
struct App {
    client: Client,
    pool: String,
    id: String,
    secret: Option<SecretText>,
}

impl App {
    async fn new(with_secret: bool) -> Self {
        let client = client();
        let pool = client
            .create_user_pool()
            .pool_name("rust-journey")
            .username_attributes(UsernameAttributeType::Email)
            .auto_verified_attributes(VerifiedAttributeType::Email)
            .send()
            .await
            .unwrap()
            .user_pool
            .unwrap();
        let pool = pool.id().unwrap().to_owned();
        let app = client
            .create_user_pool_client()
            .user_pool_id(&pool)
            .client_name("rust-journey")
            .generate_secret(with_secret)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
            .send()
            .await
            .unwrap()
            .user_pool_client
            .unwrap();
        Self {
            client,
            pool,
            id: app.client_id().unwrap().to_owned(),
            secret: app
                .client_secret()
                .map(|secret| SecretText::new(secret.to_owned())),
        }
    }

    fn proof(&self, name: &str) -> Option<String> {
        self.secret
            .as_ref()
            .map(|secret| secret_hash(secret, name, &self.id))
    }

    async fn sign_in(
        &self,
        name: &str,
        password: &str,
    ) -> Result<AuthenticationResultType, (String, String)> {
        let srp = SignIn::new();
        let mut first = self
            .client
            .initiate_auth()
            .client_id(&self.id)
            .auth_flow(AuthFlowType::UserSrpAuth)
            .auth_parameters("USERNAME", name)
            .auth_parameters("SRP_A", srp.public());
        if let Some(proof) = self.proof(name) {
            first = first.auth_parameters("SECRET_HASH", proof);
        }
        let challenge = first.send().await.map_err(|refusal| told(&refusal))?;
        assert_eq!(
            challenge.challenge_name(),
            Some(&ChallengeNameType::PasswordVerifier)
        );
        let mut answer = srp.answer(
            &self.pool,
            password,
            challenge.challenge_parameters().unwrap(),
        );
        if let Some(proof) = self.proof(&answer["USERNAME"]) {
            answer.insert("SECRET_HASH".into(), proof);
        }
        let reply = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.id)
            .challenge_name(ChallengeNameType::PasswordVerifier)
            .set_challenge_responses(Some(answer))
            .send()
            .await
            .map_err(|refusal| told(&refusal))?;
        Ok(reply.authentication_result.unwrap())
    }

    async fn assert_wrong_password(&self, name: &str, password: &str) {
        let refusal = self.sign_in(name, password).await.unwrap_err();
        assert_refusal(
            refusal,
            "NotAuthorizedException",
            "Incorrect username or password.",
        );
    }
}

fn assert_refusal(refusal: (String, String), name: &str, text: &str) {
    assert_eq!((refusal.0.as_str(), refusal.1.as_str()), (name, text));
}

async fn a_user_signs_up_lives_and_leaves(with_secret: bool) {
    let app = App::new(with_secret).await;
    assert_eq!(app.secret.is_some(), with_secret);
    let address = unique_address();
    let client = &app.client;

    let signed_up = client
        .sign_up()
        .client_id(&app.id)
        .set_secret_hash(app.proof(&address))
        .username(&address)
        .password(FIRST)
        .user_attributes(
            AttributeType::builder()
                .name("email")
                .value(&address)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    assert!(!signed_up.user_confirmed());
    let code = inbox::code_after(0, &address);
    let confirm = |code: String| {
        client
            .confirm_sign_up()
            .client_id(&app.id)
            .set_secret_hash(app.proof(&address))
            .username(&address)
            .confirmation_code(code)
            .send()
    };
    let refusal = app.sign_in(&address, FIRST).await.unwrap_err();
    assert_refusal(
        refusal,
        "UserNotConfirmedException",
        "User is not confirmed.",
    );
    let refusal = confirm(inbox::other(&code)).await.unwrap_err();
    assert!(
        refusal
            .as_service_error()
            .unwrap()
            .is_code_mismatch_exception()
    );
    assert_eq!(
        refusal.message(),
        Some("Invalid verification code provided, please try again.")
    );
    confirm(code).await.unwrap();

    app.assert_wrong_password(&address, SECOND).await;
    let tokens = app.sign_in(&address, FIRST).await.unwrap();
    assert_eq!(tokens.expires_in(), 3_600);
    assert_eq!(tokens.token_type(), Some("Bearer"));
    let user = client
        .get_user()
        .access_token(tokens.access_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(user.username(), signed_up.user_sub());
    assert!(
        user.user_attributes()
            .iter()
            .any(|one| one.name() == "email" && one.value() == Some(&address))
    );

    let mut refresh = client
        .initiate_auth()
        .client_id(&app.id)
        .auth_flow(AuthFlowType::RefreshTokenAuth)
        .auth_parameters("REFRESH_TOKEN", tokens.refresh_token().unwrap());
    if let Some(proof) = app.proof(signed_up.user_sub()) {
        refresh = refresh.auth_parameters("SECRET_HASH", proof);
    }
    let refreshed = refresh.send().await.unwrap().authentication_result.unwrap();
    assert_eq!(refreshed.refresh_token(), None);
    assert_ne!(refreshed.access_token(), tokens.access_token());

    client
        .change_password()
        .access_token(refreshed.access_token().unwrap())
        .previous_password(FIRST)
        .proposed_password(SECOND)
        .send()
        .await
        .unwrap();
    app.assert_wrong_password(&address, FIRST).await;

    let seen = inbox::count(&address);
    client
        .forgot_password()
        .client_id(&app.id)
        .set_secret_hash(app.proof(&address))
        .username(&address)
        .send()
        .await
        .unwrap();
    client
        .confirm_forgot_password()
        .client_id(&app.id)
        .set_secret_hash(app.proof(&address))
        .username(&address)
        .confirmation_code(inbox::code_after(seen, &address))
        .password(THIRD)
        .send()
        .await
        .unwrap();
    app.assert_wrong_password(&address, SECOND).await;
    let again = app.sign_in(&address, THIRD).await.unwrap();

    client
        .global_sign_out()
        .access_token(again.access_token().unwrap())
        .send()
        .await
        .unwrap();
    let refusal = client
        .get_user()
        .access_token(tokens.access_token().unwrap())
        .send()
        .await
        .unwrap_err();
    assert_refusal(
        told(&refusal),
        "NotAuthorizedException",
        "Access Token has been revoked",
    );

    let last = app.sign_in(&address, THIRD).await.unwrap();
    client
        .delete_user()
        .access_token(last.access_token().unwrap())
        .send()
        .await
        .unwrap();
    let refusal = app.sign_in(&address, THIRD).await.unwrap_err();
    assert_refusal(refusal, "UserNotFoundException", "User does not exist.");
    client
        .delete_user_pool()
        .user_pool_id(&app.pool)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_user_of_a_public_client_signs_up_lives_and_leaves() {
    a_user_signs_up_lives_and_leaves(false).await;
}

#[tokio::test]
async fn a_user_of_a_client_with_a_secret_signs_up_lives_and_leaves() {
    a_user_signs_up_lives_and_leaves(true).await;
}

#[tokio::test]
async fn an_administrator_makes_finds_and_deletes_users() {
    let app = App::new(false).await;
    let client = &app.client;
    let addresses = [unique_address(), unique_address(), unique_address()];
    for address in &addresses {
        client
            .admin_create_user()
            .user_pool_id(&app.pool)
            .username(address)
            .message_action(aws_sdk_cognitoidentityprovider::types::MessageActionType::Suppress)
            .send()
            .await
            .unwrap();
    }
    client
        .admin_set_user_password()
        .user_pool_id(&app.pool)
        .username(&addresses[0])
        .password(FIRST)
        .permanent(true)
        .send()
        .await
        .unwrap();

    let mut pages = client
        .list_users()
        .user_pool_id(&app.pool)
        .limit(2)
        .into_paginator()
        .send();
    let mut found = 0;
    while let Some(page) = pages.next().await {
        found += page.unwrap().users().len();
    }
    assert_eq!(found, 3);
    let user = client
        .admin_get_user()
        .user_pool_id(&app.pool)
        .username(&addresses[0])
        .send()
        .await
        .unwrap();
    assert_eq!(user.user_status(), Some(&UserStatusType::Confirmed));
    app.sign_in(&addresses[0], FIRST).await.unwrap();

    client
        .admin_delete_user()
        .user_pool_id(&app.pool)
        .username(&addresses[0])
        .send()
        .await
        .unwrap();
    let gone = client
        .admin_get_user()
        .user_pool_id(&app.pool)
        .username(&addresses[0])
        .send()
        .await
        .unwrap_err();
    assert!(
        gone.as_service_error()
            .unwrap()
            .is_user_not_found_exception()
    );
    client
        .delete_user_pool()
        .user_pool_id(&app.pool)
        .send()
        .await
        .unwrap();
}

/// The first lock lasts a second. A run slower than that proves nothing and is made again.
#[tokio::test]
async fn five_failures_lock_the_user_out() {
    let app = App::new(false).await;
    for _ in 0..20 {
        let address = unique_address();
        let made = app
            .client
            .admin_create_user()
            .user_pool_id(&app.pool)
            .username(&address);
        made.message_action(aws_sdk_cognitoidentityprovider::types::MessageActionType::Suppress)
            .send()
            .await
            .unwrap();
        let set = app
            .client
            .admin_set_user_password()
            .user_pool_id(&app.pool)
            .username(&address);
        set.password(FIRST).permanent(true).send().await.unwrap();
        let mut started = SystemTime::now();
        for _ in 0..5 {
            started = SystemTime::now();
            app.assert_wrong_password(&address, SECOND).await;
        }
        match app.sign_in(&address, FIRST).await {
            Err(refusal) => {
                assert_refusal(
                    refusal,
                    "NotAuthorizedException",
                    "Password attempts exceeded",
                );
                app.client
                    .delete_user_pool()
                    .user_pool_id(&app.pool)
                    .send()
                    .await
                    .unwrap();
                return;
            }
            Ok(_) => assert!(
                started.elapsed().unwrap().as_secs_f64() > 1.0,
                "the right password passed during the lock"
            ),
        }
    }
    panic!("this machine is too slow to reach a lock of a second");
}
