//! A world of two pools over the reference store, driven step by step.

extern crate std;

mod access;
mod keys;
mod refresh;
mod schedules;
mod sign_out;
mod verifier;

use alloc::{boxed::Box, collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use core::time::Duration;
use std::sync::OnceLock;

use userpool_crypto::{
    digest::sha256,
    sealed::{KeyId, RootKeys, SealKey},
    secret::SecretArray,
};
use userpool_ports::{Timestamp, memory::MemoryStore};
use userpool_wire::idp::AuthenticationResultType;

use super::issue::{self, RefreshPart};
use crate::{
    engine::{
        Answered, Caller, Cx, Done, Environment, Failure, Machine, Output, Program, Run,
        SharedRecords, Step, Work, WorkFault, worker::perform,
    },
    model::{
        client::{Client, ClientSecret, Flows, TokenLives},
        keys as record,
        methods::Aim,
        pool::{
            Domains, FactorRules, MessageTexts, MfaRule, NameRule, PasswordPolicy, Pool, PoolRules,
            Protection, SessionRules,
        },
        sub::Sub,
        user::{Alias, AliasKind, Head, Name, Profile, Status},
    },
    ops::parties::{self, CLIENT_SECRET},
};

pub(super) const POOL: &str = "us-east-1_AbCdEf123";
pub(super) const OTHER_POOL: &str = "us-east-1_Other0001";
pub(super) const CLIENT: &str = "1example23456789";
pub(super) const OTHER_CLIENT: &str = "2example23456789";
pub(super) const CLIENT_OF_OTHER_POOL: &str = "3example23456789";
pub(super) const ISSUER: &str = "https://id.example.com/us-east-1_AbCdEf123";
pub(super) const SECRET: &str = "a-client-secret-of-24-letters";

/// The engine's surroundings: a store, a clock, and a seed that never recurs.
#[derive(Clone)]
pub(super) struct World {
    environment: Arc<Environment>,
    store: MemoryStore,
    pub now: Timestamp,
    seeds: u8,
    pub signatures: Signatures,
    /// The steps of the last run, by name.
    pub steps: Vec<&'static str>,
}

impl World {
    /// Two pools, three clients, and the user Jane in each pool.
    pub fn new() -> Self {
        let id = KeyId::parse("k1").unwrap();
        let mut world = Self {
            environment: Arc::new(Environment {
                account_id: "000000000000".into(),
                default_region: "us-east-1".into(),
                base_url: "https://id.example.com".into(),
                issuer: "{base}/{pool}".into(),
                root_keys: RootKeys::new(SealKey::new(id, SecretArray::new([9; 32]))),
                shared: SharedRecords::default(),
                message_keys: Default::default(),
                pkce: Default::default(),
                login_providers: Default::default(),
                broker: None,
            }),
            store: MemoryStore::new(),
            now: Timestamp::from_secs(1_767_225_600),
            seeds: 0,
            signatures: Signatures::Real,
            steps: Vec::new(),
        };
        world
            .run(|cx| {
                for pool in [POOL, OTHER_POOL] {
                    cx.insert(&record::pool(pool), &a_pool(pool, cx.now()));
                    user(cx, pool, &jane());
                }
                for (client, pool) in [
                    (CLIENT, POOL),
                    (OTHER_CLIENT, POOL),
                    (CLIENT_OF_OTHER_POOL, OTHER_POOL),
                ] {
                    cx.insert(&record::client(client), &a_client(client, pool, cx.now()));
                }
                Ok(())
            })
            .unwrap();
        world
    }

    /// Runs a program to its end.
    pub fn run<T: Send + 'static>(
        &mut self,
        program: impl Fn(&mut Cx<'_>) -> Run<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let mut machine = self.machine(Box::new(move |cx: &mut Cx<'_>| {
            program(cx).map(|output| Box::new(output) as Output)
        }));
        self.steps.clear();
        let mut step = machine.start();
        loop {
            match self.answer(step) {
                Ok((name, answer)) => {
                    self.steps.push(name);
                    step = machine.resume(answer);
                }
                Err(end) => {
                    return end.map(|output| *output.downcast::<T>().expect("the output's type"));
                }
            }
        }
    }

    /// Runs two programs to their ends, one step at a time: each bit of `order` says whose turn it is, and the
    /// other one's where the run is over. After the last bit the first goes to its end, then the second.
    pub fn interleave(
        &mut self,
        programs: [Program; 2],
        mut order: u32,
    ) -> [Result<Output, Failure>; 2] {
        let mut machines = programs.map(|program| self.machine(program));
        let mut steps = machines.each_mut().map(|machine| Some(machine.start()));
        let mut ends = [None, None];
        while steps.iter().any(Option::is_some) {
            let wanted = (order & 1) as usize;
            order >>= 1;
            let turn = if steps[wanted].is_some() {
                wanted
            } else {
                1 - wanted
            };
            let step = steps[turn].take().expect("a run that is not over");
            match self.answer(step) {
                Ok((_, answer)) => steps[turn] = Some(machines[turn].resume(answer)),
                Err(end) => ends[turn] = Some(end),
            }
        }
        ends.map(|end| end.expect("both runs are over"))
    }

    fn machine(&mut self, program: Program) -> Machine {
        self.seeds += 1;
        Machine::new(
            self.environment.clone(),
            Caller::default(),
            self.now,
            [self.seeds; 32],
            program,
        )
    }

    /// The name of a step and the world's answer to it, or the end.
    fn answer(&mut self, step: Step) -> Result<(&'static str, Answered), Result<Output, Failure>> {
        Ok(match step {
            Step::Load(keys) => ("load", Answered::Loaded(Ok(self.store.load(&keys)))),
            Step::Work(works) => {
                let done = works.iter().map(|work| self.perform(work)).collect();
                ("work", Answered::Worked(done))
            }
            Step::Commit(batch) => {
                let outcome = self.store.commit(&batch);
                ("commit", Answered::Landed(outcome))
            }
            Step::Done(end) => return Err(end),
            other => panic!("no operation here asks for {other:?}"),
        })
    }

    fn perform(&self, work: &Work) -> Result<Done, WorkFault> {
        let digest = |message: &[u8]| sha256(&[message]).to_vec();
        match (work, self.signatures) {
            (Work::Sign { message, .. }, Signatures::Digests) => {
                Ok(Done::Signature(digest(message)))
            }
            (
                Work::Verify {
                    message, signature, ..
                },
                Signatures::Digests,
            ) => Ok(Done::Verdict(digest(message) == *signature)),
            (Work::GenerateKey { seed }, _) => {
                Ok(pairs()[usize::from(seed.expose()[0] % 4)].clone())
            }
            (other, _) => perform(other, &self.environment.root_keys),
        }
    }

    pub fn wait(&mut self, secs: u64) {
        self.now = self.now.after(Duration::from_secs(secs));
    }

    /// Jane signs in, as the last step of any flow does it.
    pub fn sign_in(&mut self, client: &'static str) -> Tokens {
        let result = self.run(move |cx| {
            let party = parties::client(cx, client)?;
            let head = parties::known_user(cx, &party.pool, "jane")?;
            let key = record::profile(&party.pool.id, &head.sub);
            let profile = cx.get::<Profile>(&key)?.expect("a profile");
            let live = issue::open_grant(cx, &party, (&head, &profile), None, Aim::default())?;
            cx.check(&head);
            cx.land()?;
            issue::tokens(cx, &party, &head, &live, RefreshPart::Current, None)
        });
        Tokens::of(result.unwrap())
    }

    /// Changes a client.
    pub fn change_client(
        &mut self,
        id: &'static str,
        change: impl Fn(&mut Client) + Send + 'static,
    ) {
        self.run(move |cx| {
            let held = cx.get::<Client>(&record::client(id))?.expect("a client");
            let mut client = held.value().as_ref().clone();
            change(&mut client);
            cx.update(&held, &client);
            Ok(())
        })
        .unwrap();
    }

    /// Gives a client a secret.
    pub fn give_secret(&mut self, id: &'static str) {
        self.run(move |cx| {
            let key = record::client(id);
            let held = cx.get::<Client>(&key)?.expect("a client");
            let mut client = held.value().as_ref().clone();
            let sealed = cx.seal(
                CLIENT_SECRET,
                &client.pool,
                &key,
                "secret/1",
                SECRET.as_bytes(),
            );
            client.secrets.push(ClientSecret {
                id: "1".into(),
                created: cx.now(),
                sealed,
            });
            cx.update(&held, &client);
            Ok(())
        })
        .unwrap();
    }

    /// Changes Jane's head.
    pub fn change_jane(&mut self, change: impl Fn(&mut Head) + Send + 'static) {
        self.run(move |cx| {
            let held = cx
                .get::<Head>(&record::head(POOL, &jane()))?
                .expect("a user");
            let mut head = held.value().as_ref().clone();
            change(&mut head);
            cx.update(&held, &head);
            Ok(())
        })
        .unwrap();
    }

    /// Jane is deleted, and another user takes the name.
    pub fn recreate_jane(&mut self) {
        self.run(|cx| {
            let head = cx
                .get::<Head>(&record::head(POOL, &jane()))?
                .expect("a user");
            let name = cx
                .get::<Name>(&record::name(POOL, "jane"))?
                .expect("a name");
            let profile = cx.get::<Profile>(&record::profile(POOL, &jane()))?;
            let profile = profile.expect("a profile");
            let alias = record::alias(POOL, AliasKind::Email, "jane@example.com");
            let alias = cx.get::<Alias>(&alias)?.expect("an alias");
            cx.remove(&head);
            cx.remove(&name);
            cx.remove(&alias);
            cx.remove(&profile);
            Ok(())
        })
        .unwrap();
        self.run(|cx| {
            user(cx, POOL, &Sub::new([8; 16]));
            Ok(())
        })
        .unwrap();
    }
}

/// What signs tokens.
#[derive(Clone, Copy)]
pub(super) enum Signatures {
    /// RSA, as for everybody.
    Real,
    /// The digest of what is signed: for thousands of runs that are about something else.
    Digests,
}

/// The tokens of an answer.
#[derive(Clone)]
pub(super) struct Tokens {
    pub id: String,
    pub access: String,
    pub refresh: Option<String>,
}

impl Tokens {
    pub fn of(result: AuthenticationResultType) -> Self {
        assert_eq!(result.token_type.as_deref(), Some("Bearer"));
        assert_eq!(result.expires_in, Some(3_600));
        Self {
            id: result.id_token.unwrap().into_inner(),
            access: result.access_token.unwrap().into_inner(),
            refresh: result.refresh_token.map(|token| token.into_inner()),
        }
    }

    pub fn refresh(&self) -> &str {
        self.refresh.as_deref().expect("a refresh token")
    }
}

/// The sub of Jane.
pub(super) fn jane() -> Sub {
    Sub::parse("34c84488-e0e1-70ae-d2ee-991ad1a898c8").unwrap()
}

/// Four key pairs, made once.
fn pairs() -> &'static [Done] {
    static PAIRS: OnceLock<Vec<Done>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let root_keys = RootKeys::new(SealKey::new(
            KeyId::parse("k1").unwrap(),
            SecretArray::new([9; 32]),
        ));
        (1..=4)
            .map(|byte| {
                let seed = userpool_crypto::secret::SecretBytes::new([byte; 32].into());
                perform(&Work::GenerateKey { seed }, &root_keys).unwrap()
            })
            .collect()
    })
}

fn user(cx: &mut Cx<'_>, pool: &str, sub: &Sub) {
    let now = cx.now();
    cx.insert(&record::name(pool, "jane"), &Name { sub: *sub });
    let head = Head {
        sub: *sub,
        username: "jane".into(),
        status: Status::Confirmed,
        enabled: true,
        credential_epoch: 1,
        revocation_epoch: 1,
        created: now,
        modified: now,
    };
    cx.insert(&record::head(pool, sub), &head);
    let attributes = [
        ("email", "Jane@example.com"),
        ("email_verified", "true"),
        ("custom:team", "blue"),
        ("dev:custom:score", "7"),
        ("phone_number", "+15550100"),
        ("phone_number_verified", "false"),
    ]
    .map(|(name, value)| (name.into(), value.into()));
    let profile = Profile {
        attributes: attributes.into(),
        ..Profile::default()
    };
    cx.insert(&record::profile(pool, sub), &profile);
    let alias = record::alias(pool, AliasKind::Email, "jane@example.com");
    cx.insert(&alias, &Alias { sub: *sub });
}

fn a_client(id: &str, pool: &str, now: Timestamp) -> Client {
    Client {
        id: id.into(),
        pool: pool.into(),
        created: now,
        modified: now,
        secrets: Vec::new(),
        flows: Flows {
            client_token: false,
            delegation: false,
            impersonation: false,
            user_srp: true,
            user_password: true,
            admin_password: true,
            custom: true,
            user_auth: true,
            refresh: true,
        },
        lives: TokenLives {
            access_secs: 3_600,
            id_secs: 3_600,
            refresh_secs: 86_400,
            session_secs: 180,
        },
        read: None,
        write: None,
        revocation: true,
        hides_users: true,
        rotation_grace: None,
        description: "{}".into(),
        tells_where: false,
        single_sign_on: None,
    }
}

fn a_pool(id: &str, now: Timestamp) -> Pool {
    Pool {
        id: id.into(),
        created: now,
        modified: now,
        deleting: false,
        rules: PoolRules {
            names: NameRule::Alias {
                email: true,
                phone: false,
                preferred: false,
            },
            case_sensitive: false,
            auto_verify_email: false,
            auto_verify_phone: false,
            verify_email_before_update: false,
            verify_phone_before_update: false,
            password: PasswordPolicy {
                minimum: 8,
                upper: true,
                lower: true,
                numbers: true,
                symbols: true,
                temporary_days: 7,
                history: 0,
            },
            admin_create_only: false,
            recovery: None,
            mfa: MfaRule::Off,
            schema: Vec::new(),
            messages: MessageTexts::default(),
            triggers: BTreeMap::new(),
            first_factors: Vec::new(),
            deletion_protection: false,
            factors: FactorRules::default(),
            token_event: None,
            sessions: SessionRules::default(),
            protection: Protection::default(),
            domains: Domains::default(),
            devices: None,
            message_key: None,
            logs: Vec::new(),
            replicas: Vec::new(),
        },
        description: "{\"UserPool\":{}}".into(),
    }
}
