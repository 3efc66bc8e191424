//! The OAuth endpoints by the crate `openidconnect`, a generic client that knows nothing of this server.

use std::env;

use aws_sdk_cognitoidentityprovider::types::{AttributeType, MessageActionType, OAuthFlowType};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use userpool_client_journey::browser::{Browser, Place, exchange};
use userpool_client_journey::server::client;

const PASSWORD: &str = "First-passw0rd!";
const BACK: &str = "https://app.example.com/back";

/// A pool with Ada, who has a verified address; its id, and the id and secret of an app client.
async fn pool() -> (String, ClientId, ClientSecret) {
    let idp = client();
    let made = idp.create_user_pool().pool_name("openidconnect").send();
    let pool = made.await.unwrap().user_pool.unwrap();
    let pool = pool.id().unwrap().to_owned();
    let app = idp
        .create_user_pool_client()
        .user_pool_id(&pool)
        .client_name("openidconnect")
        .generate_secret(true)
        .allowed_o_auth_flows(OAuthFlowType::Code)
        .allowed_o_auth_flows_user_pool_client(true)
        .allowed_o_auth_scopes("openid")
        .allowed_o_auth_scopes("email")
        .callback_urls(BACK)
        .send();
    let app = app.await.unwrap().user_pool_client.unwrap();
    let attribute = |name: &str, value: &str| {
        let attribute = AttributeType::builder().name(name).value(value);
        attribute.build().unwrap()
    };
    idp.admin_create_user()
        .user_pool_id(&pool)
        .username("ada")
        .user_attributes(attribute("email", "ada@example.com"))
        .user_attributes(attribute("email_verified", "true"))
        .message_action(MessageActionType::Suppress)
        .send()
        .await
        .unwrap();
    idp.admin_set_user_password()
        .user_pool_id(&pool)
        .username("ada")
        .password(PASSWORD)
        .permanent(true)
        .send()
        .await
        .unwrap();
    let id = ClientId::new(app.client_id().unwrap().into());
    let secret = ClientSecret::new(app.client_secret().unwrap().into());
    (pool, id, secret)
}

#[tokio::test]
async fn a_user_signs_in_and_every_check_of_the_client_passes() {
    let (pool, id, secret) = pool().await;
    let issuer = format!("{}/{pool}", env::var("USERPOOL_ENDPOINT").unwrap());
    let provider = CoreProviderMetadata::discover(&IssuerUrl::new(issuer).unwrap(), &exchange);
    let client = CoreClient::from_provider_metadata(provider.unwrap(), id, Some(secret))
        .set_redirect_uri(RedirectUrl::new(BACK.into()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(challenge)
        .url();

    let mut browser = Browser::default();
    let Place::Page(at, page) = browser.open(url) else {
        panic!("no page asks who it is");
    };
    let typed = [("username", "ada"), ("password", PASSWORD)];
    let Place::Application(back) = browser.send(&at, &page, &typed) else {
        panic!("the pages do not lead back");
    };
    assert!(back.as_str().starts_with(BACK));
    let told = |name: &str| {
        let mut pairs = back.query_pairs();
        pairs.find(|pair| pair.0 == name).unwrap().1.into_owned()
    };
    assert_eq!(&told("state"), state.secret());

    let code = AuthorizationCode::new(told("code"));
    let tokens = client.exchange_code(code).unwrap();
    let tokens = tokens
        .set_pkce_verifier(verifier)
        .request(&exchange)
        .unwrap();
    let (token, checker) = (tokens.id_token().unwrap(), client.id_token_verifier());
    // Issuer, audience, times, nonce and signature.
    let claims = token.claims(&checker, &nonce).unwrap();
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        token.signing_alg().unwrap(),
        token.signing_key(&checker).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));
    assert_eq!(claims.email().unwrap().as_str(), "ada@example.com");
    assert_eq!(claims.email_verified(), Some(true));

    let subject = Some(claims.subject().clone());
    let asked = client.user_info(tokens.access_token().clone(), subject);
    let info: CoreUserInfoClaims = asked.unwrap().request(&exchange).unwrap();
    assert_eq!(info.email(), claims.email());

    let refresh = tokens.refresh_token().unwrap();
    let renewed = client.exchange_refresh_token(refresh).unwrap();
    let renewed = renewed.request(&exchange).unwrap();
    let again = renewed.id_token().unwrap();
    let again = again.claims(&checker, |_: Option<&Nonce>| Ok(())).unwrap();
    assert_eq!(again.subject(), claims.subject());
}
