//! What a program may log: the `Debug` of everything that an engine hands out holds nobody's name, address or secret.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use serde_json::json;
use userpool::{
    ports::{
        Batch, Courier, CourierFault, Entry, HookAnswer, HookCall, HookFault, Hooks, Key, Landed,
        Message, Outcome, PageRequest, Storage, StoreFault, Timestamp,
    },
    testing::{self, Mailbox, TestClock},
};
use userpool_core::engine::Step;
use userpool_tests::{pool::PASSWORD, scene::Scene, store::Store, world::World};

/// Everything that was handed out, as `Debug` shows it, around a store and a mailbox.
#[derive(Clone, Default)]
struct Shown {
    texts: Arc<Mutex<Vec<String>>>,
    store: Store,
    mailbox: Mailbox,
}

impl Shown {
    fn show(&self, what: &dyn Debug) {
        self.texts
            .lock()
            .expect("no panic")
            .push(format!("{what:?} {what:#?}"));
    }
}

impl Storage for Shown {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.show(&Step::Load(keys.into()));
        let loaded = self.store.load(keys);
        self.show(&loaded);
        loaded
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.show(&Step::Page(request.clone()));
        let page = self.store.page(request);
        self.show(&page);
        page
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.show(&Step::Commit(batch.clone()));
        self.store.commit(batch)
    }

    fn submit(&self, batch: Batch, landed: Landed) {
        self.show(&Step::Settle(batch.clone()));
        self.store.submit(batch, landed);
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.store.sweep(now, max)
    }
}

impl Courier for Shown {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        self.show(&Step::Deliver(message.clone()));
        self.mailbox.deliver(message)
    }
}

impl Hooks for Shown {
    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        self.show(&Step::Ask(call.clone()));
        let answer = HookAnswer(call.event.clone());
        self.show(&answer);
        Ok(answer)
    }
}

#[test]
fn no_name_no_address_and_no_secret_is_in_the_debug_of_what_an_engine_hands_out() {
    let shown = Shown::default();
    let clock = TestClock::default();
    let builder = testing::builder(shown.clone(), &clock, &shown.mailbox);
    let builder = builder.courier(shown.clone()).hooks(shown.clone());
    let mut scene = Scene::new();
    scene.world = World {
        engine: builder.open().unwrap(),
        store: shown.store.clone(),
        clock,
        mailbox: shown.mailbox.clone(),
    };
    scene.move_to_pool_of(json!({"AliasAttributes": ["email", "phone_number"]}));
    scene.trigger("PreSignUp");
    let (name, mail, phone) = ("canaryname", "canaryname@example.com", "+12065557391");
    scene.user(name);
    let changed =
        json!([{"Name": "phone_number", "Value": phone}, {"Name": "name", "Value": "canaryname"}]);
    scene.call(
        "AdminUpdateUserAttributes",
        json!({"UserPoolId": scene.pool, "Username": name, "UserAttributes": changed}),
    );
    for filter in [
        format!("email = \"{mail}\""),
        format!("phone_number ^= \"{phone}\""),
        "name = \"canaryname\"".into(),
    ] {
        let found = scene.call(
            "ListUsers",
            json!({"UserPoolId": scene.pool, "Filter": filter}),
        );
        assert_eq!(found["Users"].as_array().map(Vec::len), Some(1), "{filter}");
    }
    for username in [name, mail] {
        scene.call(
            "InitiateAuth",
            json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": username, "PASSWORD": PASSWORD}}),
        );
    }
    scene.call(
        "ForgotPassword",
        json!({"ClientId": scene.client, "Username": name}),
    );
    scene.admin("AdminDeleteUser", name);

    shown.show(&scene.world.engine);
    let texts = shown.texts.lock().unwrap();
    let code = scene.code_of(name);
    for canary in ["canaryname", "12065557391", PASSWORD, &code] {
        let escaped: String = canary.bytes().map(|byte| format!("{byte}, ")).collect();
        let told = texts
            .iter()
            .find(|it| it.to_lowercase().contains(canary) || it.contains(&escaped));
        assert_eq!(told, None, "{canary}");
    }
    assert!(texts.len() > 100 && texts.iter().any(|it| it.contains("Key(I..,")));
}
