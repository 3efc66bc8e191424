//! Histories that model and engine once disagreed about.

use userpool_model::{
    act::{Act, First, Password, Typed},
    history::{Beside, Event},
    rules::{ClientRules, Mfa, Names, Recovery, Rules, WatchRules},
    secrets::Secrets,
    shrink::Player,
};

fn rules() -> Rules {
    let client = ClientRules {
        hides: true,
        rotation: None,
    };
    Rules {
        names: Names::Aliases,
        auto_email: true,
        auto_phone: false,
        email_waits: false,
        mfa: Mfa::Off,
        factors: [false; 3],
        remembered: 0,
        recovery: Recovery::EmailOnly,
        closed: false,
        first_emails: false,
        first_texts: false,
        passkeys: None,
        devices: None,
        crowded: false,
        watched: WatchRules::default(),
        custom: false,
        clients: [client; 2],
    }
}

#[test]
fn who_is_deleted_in_the_middle_of_a_sign_in_is_nobody_where_that_is_hidden() {
    let password = Password::Known(0);
    for after in 0..6 {
        let mut life = Player::default().begin(&rules(), 1, false);
        let made = Act::AdminCreateUser {
            name: "cyd",
            password: Some(password),
            values: Vec::new(),
            force: false,
            quiet: true,
        };
        let chosen = Act::UserAuth {
            client: 0,
            typed: Typed::Text("cyd"),
            first: First::Password(Some(password)),
        };
        let deleted = Beside {
            after,
            at: 3,
            act: Act::AdminDeleteUser(Typed::Id(1)),
        };
        for (at, act, beside) in [(1, made, None), (2, chosen, Some(deleted))] {
            let event = Event {
                at,
                act,
                mishap: None,
                beside,
            };
            let lived = life.live(&event);
            assert!(lived.is_ok(), "after {after} steps: {lived:?}");
        }
    }
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    let mut secrets = Secrets::default();
    secrets.add("271828");
    secrets.add("eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl");
    for text in [
        "Password(\"Secret-horse-1\")",
        "code=271828.",
        "..c2lnbmF0dXJl",
    ] {
        assert!(secrets.shown_in(text).is_some(), "{text}");
    }
    for text in [
        "",
        "Load([Key(A)])",
        "1271828",
        "c271828a",
        "Secret-horse-9",
    ] {
        assert_eq!(secrets.shown_in(text), None, "{text}");
    }
}
