//! What happens to a sign-in by a provider while something else happens: in every order of store steps it ends as one
//! after the other.

use userpool::oauth::{
    Endpoint,
    federation::answer::{Browser as Held, FromProvider, Returned},
    parameters,
    place::Place,
};
use userpool_core::engine::{Output, Program};
use userpool_tests::{
    outside::Outside,
    player::{Player, request},
    schedules::every_order,
};

use super::*;

const SIGN_IN: &str = "a sign-in elsewhere";

/// A browser that comes back from the provider, where it was known as somebody.
struct Returning {
    request: FromProvider,
}

impl Story {
    fn returning(&mut self, code: &str, sub: &str) -> Returning {
        self.browser = Browser::of(&self.scene);
        let sent = self.away("&identity_provider=Partner");
        self.provider
            .vouch(&sent, json!({"sub": sub, "email": "jane@example.com"}));
        self.provider
            .say(|said| drop(said.by_code.insert(code.into(), said.tokens.clone())));
        let held = self.browser.cookies.iter();
        let held = held.filter(|(name, _)| name.contains("form"));
        let held = held.map(|(_, value)| value.clone()).next();
        let state = sent.parameter("state");
        Returning {
            request: FromProvider {
                place: Place::Named(self.scene.pool.clone()),
                parameters: parameters::parse(&format!("code={code}&state={state}")),
                browser: Held(held.expect("what the browser holds")),
            },
        }
    }

    /// Walks two requests in every order.
    fn walk(&self, names: [&str; 2], begin: &dyn Fn(usize) -> Player) {
        let orders = every_order(&self.scene.records(), names, begin);
        assert!(orders > 20, "only {orders}");
    }

    /// Walks a sign-in beside an operation.
    fn beside(&self, returning: &Returning, operation: &str, body: Value) {
        let now = self.scene.now();
        let mut body = body;
        body["UserPoolId"] = json!(self.scene.pool);
        let other = request(operation, &body);
        let begin = |index: usize| match index {
            0 => returning.player(self, "first"),
            _ => Player::new(&other, now, "second"),
        };
        self.walk([SIGN_IN, operation], &begin);
    }
}

impl Returning {
    fn player(&self, story: &Story, seed: &str) -> Player {
        let outside = Outside::with(story.provider.clone());
        Player::of(self.program(), story.scene.now(), seed, outside)
    }

    /// The sign-in, as a program that tells how it ended.
    fn program(&self) -> Program {
        let request = self.request.clone();
        Box::new(move |cx| {
            let told = match request.run(cx)? {
                Returned::SignedIn { .. } => "signed in",
                Returned::Back(_) => "back at the client with an error",
                Returned::Refused(_) => "refused",
            };
            Ok(Box::new(told.to_owned()) as Output)
        })
    }
}

#[test]
fn two_first_sign_ins_at_once_make_one_account_and_both_are_in() {
    let mut story = story();
    // The keys of the provider are there already.
    story.sign_in(json!({"sub": "0"}));
    let both = [story.returning("c1", "1"), story.returning("c2", "1")];
    let begin = |index: usize| both[index].player(&story, ["first", "second"][index]);
    story.walk([SIGN_IN, SIGN_IN], &begin);
}

#[test]
fn two_sign_ins_at_once_that_change_an_account_are_both_in() {
    let mut story = story();
    story.sign_in(json!({"sub": "1", "email": "old@example.com"}));
    let both = [story.returning("c1", "1"), story.returning("c2", "1")];
    let begin = |index: usize| both[index].player(&story, ["first", "second"][index]);
    story.walk([SIGN_IN, SIGN_IN], &begin);
}

#[test]
fn a_first_sign_in_beside_a_link_is_of_the_account_or_makes_one() {
    let mut story = story();
    story.sign_in(json!({"sub": "0"}));
    story.scene.user("jane");
    let returning = story.returning("c1", "1");
    let body = json!({"DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "jane"},
        "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "1"}});
    story.beside(&returning, "AdminLinkProviderForUser", body);
}

#[test]
fn a_sign_in_beside_the_deletion_of_its_user_is_in_before_or_makes_an_account_after() {
    let mut story = story();
    story.sign_in(json!({"sub": "1"}));
    let returning = story.returning("c1", "1");
    story.beside(
        &returning,
        "AdminDeleteUser",
        json!({"Username": "Partner_1"}),
    );
}

#[test]
fn a_sign_in_beside_the_end_of_its_link_is_of_one_account_or_the_other() {
    let mut story = story();
    story.sign_in(json!({"sub": "1"}));
    let returning = story.returning("c1", "1");
    let body = json!({"User": {"ProviderName": "Partner", "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": "1"}});
    story.beside(&returning, "AdminDisableProviderForUser", body);
}

#[test]
fn a_sign_in_beside_the_deletion_of_its_provider_is_in_before_or_refused_after() {
    let mut story = story();
    let returning = story.returning("c1", "1");
    let body = json!({"ProviderName": "Partner"});
    story.beside(&returning, "DeleteIdentityProvider", body);
}
