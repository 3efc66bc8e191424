//! Whoever is there throughout is told exactly once, page by page, whoever else comes and goes meanwhile.
//!
//! Others act before each read of the store, so between the pages of a list and within each of them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::{Value, json};
use userpool_ports::{Batch, Entry, Key, Outcome, PageRequest, Storage, StoreFault, Timestamp};
use userpool_tests::{
    directory::{
        Directory,
        making::{self, Place, Reused},
    },
    store::Store,
};

/// How many users, and groups, are there throughout.
const STAYING: u8 = 12;
/// How many others come and go.
const OTHERS: u8 = 8;
/// More pages than any list here has.
const PAGES: usize = 200;

/// What somebody does meanwhile; the number tells about whom.
#[derive(Clone, Copy, Debug)]
enum Act {
    Come(u8),
    Go(u8),
    Join(u8),
    Leave(u8),
    MakeGroup(u8),
    DropGroup(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..OTHERS;
    prop_oneof![
        4 => who.clone().prop_map(Act::Come),
        3 => who.clone().prop_map(Act::Go),
        3 => who.clone().prop_map(Act::Join),
        2 => who.clone().prop_map(Act::Leave),
        3 => who.clone().prop_map(Act::MakeGroup),
        2 => who.prop_map(Act::DropGroup),
    ]
}

/// A list: its operation, what it asks besides the pool, and the members of its answer: of the things told, of what tells
/// them apart, and of the token, which has its name in the request as well.
type List = (&'static str, Value, [&'static str; 3]);

fn lists() -> Vec<List> {
    let users = ["Users", "Username", "PaginationToken"];
    let filters = [
        "",
        "given_name = \"Gil\"",
        "given_name ^= \"g\"",
        "email ^= \"s\"",
        "status = \"Enabled\"",
        "cognito:user_status = \"FORCE_CHANGE_PASSWORD\"",
        "sub ^= \"\"",
    ];
    let filters = filters.map(|filter| ("ListUsers", json!({"Filter": filter}), users));
    let mut lists = Vec::from(filters);
    let members = ["Users", "Username", "NextToken"];
    lists.push(("ListUsersInGroup", json!({"GroupName": "all"}), members));
    lists.push((
        "ListGroups",
        json!({}),
        ["Groups", "GroupName", "NextToken"],
    ));
    lists
}

/// A store before each read of which somebody acts.
#[derive(Clone)]
struct Busy {
    store: Store,
    others: Directory,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

impl Busy {
    fn next(&self) {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        let next = acts.pop_front();
        drop(acts);
        if let Some(act) = next {
            take(&self.others, act);
        }
    }
}

impl Storage for Busy {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
        self.next();
        self.store.load(keys)
    }

    fn page(&self, request: &PageRequest) -> Result<Vec<(Key, Entry)>, StoreFault> {
        self.next();
        self.store.page(request)
    }

    fn commit(&self, batch: &Batch) -> Result<Outcome, StoreFault> {
        self.store.commit(batch)
    }

    fn sweep(&self, now: Timestamp, max: usize) -> Result<usize, StoreFault> {
        self.store.sweep(now, max)
    }
}

fn take(directory: &Directory, act: Act) {
    let user = |number: u8| json!({"Username": format!("sam-{number}")});
    let member = |number: u8| json!({"Username": format!("sam-{number}"), "GroupName": "all"});
    let group = |number: u8| json!({"GroupName": format!("{number}-z")});
    let (operation, body) = match act {
        Act::Come(number) => ("AdminCreateUser", newcomer(&format!("sam-{number}"))),
        Act::Go(number) => ("AdminDeleteUser", user(number)),
        Act::Join(number) => ("AdminAddUserToGroup", member(number)),
        Act::Leave(number) => ("AdminRemoveUserFromGroup", member(number)),
        Act::MakeGroup(number) => ("CreateGroup", group(number)),
        Act::DropGroup(number) => ("DeleteGroup", group(number)),
    };
    // Who is there already cannot come, and so on.
    let _ = directory.try_call(operation, &in_pool(directory, &body));
}

fn newcomer(username: &str) -> Value {
    json!({"Username": username, "MessageAction": "SUPPRESS", "UserAttributes": [
        {"Name": "given_name", "Value": "Gil"},
        {"Name": "email", "Value": format!("{username}@example.com")}]})
}

fn in_pool(directory: &Directory, body: &Value) -> Value {
    let mut body = body.clone();
    body["UserPoolId"] = json!(directory.pool);
    body
}

/// A pool with those who stay, each in the group of all, and as many groups; what its store holds.
fn before() -> (Store, Place) {
    let store = Store::new();
    let directory = Directory::open(store.clone(), "before", Reused::default());
    let place = making::pool(&directory);
    let directory = directory.about(&place.pool, &place.client);
    let call = |operation, body: Value| directory.call(operation, &in_pool(&directory, &body));
    let _ = call("CreateGroup", json!({"GroupName": "all"}));
    for number in 0..STAYING {
        let username = format!("stay-{number}");
        let _ = call("AdminCreateUser", newcomer(&username));
        let _ = call(
            "AdminAddUserToGroup",
            json!({"Username": username, "GroupName": "all"}),
        );
        let _ = call(
            "CreateGroup",
            json!({"GroupName": format!("{number}-stay")}),
        );
    }
    (store, place)
}

/// How often each thing of a list is told, with pages of these sizes, one after the other.
fn told(
    directory: &Directory,
    (operation, body, members): &List,
    sizes: &[u8],
) -> BTreeMap<String, usize> {
    let [things, name, token] = members;
    let mut body = in_pool(directory, body);
    let mut told = BTreeMap::new();
    for size in sizes.iter().cycle().take(PAGES) {
        body["Limit"] = json!(size);
        let page = directory.call(operation, &body);
        for thing in page[things].as_array().expect("a page") {
            // A user of the same name who came later is somebody else.
            let since = thing["UserCreateDate"].to_string();
            let sub = thing["Attributes"].as_array().and_then(|all| all.first());
            let sub = sub.map_or(since, |sub| sub["Value"].to_string());
            let name = thing[name].as_str().expect("a name");
            let key = match name.contains("stay") || *name == *"all" {
                true => name.to_owned(),
                false => format!("{name} {sub}"),
            };
            *told.entry(key).or_default() += 1;
        }
        match page[token].as_str() {
            Some(next) => body[token] = json!(next),
            None => return told,
        }
    }
    panic!("{operation} has no end");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(0x9A6E),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_is_there_throughout_is_told_exactly_once(
        acts in proptest::collection::vec(act(), 60),
        sizes in proptest::collection::vec(1..=5_u8, 1..4),
        list in proptest::sample::select(lists()),
    ) {
        let (store, place) = before();
        let others = Directory::open(store.clone(), "others", Reused::default())
            .about(&place.pool, &place.client);
        let busy = Busy { store, others, acts: Arc::new(Mutex::new(acts.into())) };
        let directory = Directory::open(busy, "lists", Reused::default()).about(&place.pool, &place.client);

        let told = told(&directory, &list, &sizes);

        for number in 0..STAYING {
            let (_, _, [things, ..]) = list;
            let who = match things {
                "Groups" => format!("{number}-stay"),
                _ => format!("stay-{number}"),
            };
            prop_assert_eq!(told.get(&who), Some(&1), "{} in {:?}", who, told);
        }
        for (who, times) in &told {
            prop_assert_eq!(*times, 1, "{} in {:?}", who, told);
        }
    }
}
