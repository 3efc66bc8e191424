//! Shows what a row has to show.

use std::collections::BTreeSet;

use serde_json::Value;
use userpool::ApiError;
use userpool_ports::{HookAnswer, HookCall, HookFault, Hooks, memory::MemoryStore};
use userpool_wire::{Auth, OperationSpec};

use super::{Case, Failing, LANDED, Nobody, Row, Shown, moved, replica};
use crate::{
    outside::{Asked, every_failure},
    player::{self, Mishap, Player},
    scene::{Scene, changed_kinds},
    schedules::{every_interleaving, every_mishap},
};

/// Errors that no operation of this version gives, and why.
const NEVER: &[(&str, &str)] = &[
    (
        "ConcurrentModification",
        "a lost race is run again and ends at worst as TooManyRequests",
    ),
    ("Forbidden", "no firewall stands before this version"),
    (
        "InternalServer",
        "a failure is told as InternalErrorException, as everywhere else",
    ),
    (
        "InvalidEmailRoleAccessPolicy",
        "the host's courier sends messages; no role is used",
    ),
    (
        "InvalidSmsRoleAccessPolicy",
        "the host's courier sends messages; no role is used",
    ),
    (
        "InvalidSmsRoleTrustRelationship",
        "the host's courier sends messages; no role is used",
    ),
    (
        "InvalidUserPoolConfiguration",
        "every configuration that a pool can have is one that works",
    ),
    (
        "TooManyFailedAttempts",
        "too many attempts end as LimitExceeded",
    ),
];

/// The members that are JSON of any type.
const DOCUMENTS: [&str; 2] = ["Credential", "Settings"];

impl Row {
    /// Shows everything that the row has to show.
    pub fn run(&self) -> Shown {
        let mut shown = Shown::of(self.operation.name);
        let bases: Vec<Scene> = self.scenes.iter().map(|(_, scene)| scene()).collect();
        for ((way, _), base) in self.scenes.iter().zip(&bases) {
            shown.success += usize::from(shown.passes(way, || self.succeeds(base)));
            self.moves(&mut shown, way, base);
            shown.mishaps += self.whole(&mut shown, way, base, |request| {
                every_mishap(&base.records(), base.now(), request)
            });
            self.disturb(&mut shown, way, base);
            shown.orders += self.whole(&mut shown, way, base, |request| {
                every_interleaving(&base.records(), base.now(), [request, request])
            });
        }
        let base = &bases[0];
        shown.passes("garbled", || self.garbled(base));
        let mut seen = BTreeSet::new();
        for case in &self.cases {
            let error = case.error.expect("a case is a refusal");
            shown.cases += usize::from(shown.passes(error, || case.run(self.operation, base)));
            seen.insert(error);
        }
        for (error, ends) in [
            (
                "InternalError",
                Self::faulted as fn(&Self, &Scene) -> Result<(), String>,
            ),
            ("TooManyRequests", Self::outrun),
            ("NotAuthorized", Self::unsigned),
        ] {
            let applies = match error {
                "NotAuthorized" => self.operation.auth == Auth::Signed,
                "TooManyRequests" => !self.reads,
                _ => true,
            };
            if applies {
                shown.cases += usize::from(shown.passes(error, || ends(self, base)));
                seen.insert(error);
            }
        }
        let elsewhere = || replica::check(self.operation, self.reads, base);
        if shown.passes("a replica", elsewhere) && replica::is_gated(self.operation) {
            shown.cases += 1;
            seen.insert("OperationNotEnabled");
        }
        for (name, nobody) in [("told", self.told), ("hidden", self.hidden)] {
            match nobody {
                Some(Nobody::Case(case)) => {
                    if shown.passes(name, || case.run(self.operation, base)) {
                        shown.nobody.push("case");
                    }
                    seen.extend(case.error);
                }
                Some(Nobody::Never(reason)) => {
                    shown.nobody.push("never");
                    shown.reasons.push((name, reason));
                }
                None => shown.blanks.push(name.into()),
            }
        }
        self.check_errors(&mut shown, &seen);
        self.check_outside(&mut shown);
        shown
    }

    /// Whoever is asked besides the store fails.
    fn disturb(&self, shown: &mut Shown, way: &str, base: &Scene) {
        shown.passes_with(way, |shown| {
            let request = self.request(&base.body);
            let (records, pool) = (base.records(), &base.pool);
            let (runs, asked) = every_failure(&records, pool, base.now(), &request);
            shown.outside += runs;
            shown.asked.extend(asked);
            Ok(())
        });
    }

    /// The pools move, before the request and after it.
    fn moves(&self, shown: &mut Shown, way: &str, base: &Scene) {
        shown.passes_with(way, |shown| {
            let before = base.records();
            let elsewhere = moved::move_pools(&base.copy())?;
            if !moved::holds_what_stays(&before) {
                let end = elsewhere.try_call(&target(self.operation), &elsewhere.body);
                end.map_err(|error| format!("after the move: {error}"))?;
                shown.moved += 1;
            }
            let scene = base.copy();
            let end = scene.try_call(&target(self.operation), &scene.body);
            end.map_err(|error| error.to_string())?;
            shown.kinds.extend(moved::kinds(&scene.records()));
            // What is being deleted does not move.
            if !moved::holds_a_deletion(&scene.records()) {
                moved::move_pools(&scene)?;
            }
            Ok(())
        });
    }

    /// Each error that tells of a failure outside has been seen to follow from one, where nothing says that it never
    /// does.
    fn check_outside(&self, shown: &mut Shown) {
        for (error, who) in [
            ("UnexpectedLambda", Asked::Hook),
            ("CodeDeliveryFailure", Asked::Courier),
        ] {
            let declared = self.operation.errors.iter().any(|it| short(it) == error);
            let never = self.never.iter().any(|(never, _)| *never == error);
            if declared && !never && !shown.asked.contains(&who) {
                shown
                    .blanks
                    .push(format!("{error}, by a failure of {who:?}"));
            }
        }
    }

    /// Each declared error has a case or a reason, and not both.
    fn check_errors(&self, shown: &mut Shown, seen: &BTreeSet<&'static str>) {
        let declared: BTreeSet<&str> = self
            .operation
            .errors
            .iter()
            .map(|error| short(error))
            .collect();
        for error in &declared {
            let own = self.never.iter().find(|(never, _)| never == error);
            let common = NEVER.iter().find(|(never, _)| never == error);
            let reads = (*error == "TooManyRequests" && self.reads)
                .then_some(&("TooManyRequests", "what only reads loses no race"));
            match own.or(common).or(reads) {
                Some(_) if seen.contains(error) && own.is_some() => {
                    shown.failures.push(format!(
                        "{} {error}: a case, and a reason why there is none",
                        self.operation.name
                    ));
                }
                _ if seen.contains(error) => {}
                Some((_, reason)) => shown.reasons.push((error, reason)),
                None if *error == "OperationNotEnabled" && !replica::is_gated(self.operation) => {
                    shown.reasons.push((error, "every replica serves it"));
                }
                None => shown.blanks.push((*error).to_owned()),
            }
        }
        let undeclared = self
            .cases
            .iter()
            .filter(|case| !case.declared)
            .filter_map(|case| case.error);
        // The engine gives up a lost race as this, whether the model declares it or not.
        let engine = (!declared.contains("TooManyRequests")).then_some("TooManyRequests");
        // Nor does the model always declare that whoever calls has to sign.
        let signed = (self.operation.auth == Auth::Signed && !declared.contains("NotAuthorized"))
            .then_some("NotAuthorized");
        // A failure has one name in every operation, and three have another in the model.
        let failed = (!declared.contains("InternalError")).then_some("InternalError");
        // Nor that a replica does not serve everything.
        let replica = (!declared.contains("OperationNotEnabled")).then_some("OperationNotEnabled");
        let undeclared: BTreeSet<&str> = undeclared
            .chain(replica)
            .chain(engine)
            .chain(signed)
            .chain(failed)
            .collect();
        for error in seen
            .iter()
            .copied()
            .chain(self.never.iter().map(|(never, _)| *never))
        {
            if declared.contains(error) == undeclared.contains(error) {
                shown.failures.push(format!(
                    "{} {error}: the model declares it, or does not, against the row",
                    self.operation.name
                ));
            }
        }
    }

    fn request(&self, body: &Value) -> player::Request {
        player::Request {
            operation: self.operation,
            body: body.to_string().into_bytes(),
        }
    }

    fn whole(
        &self,
        shown: &mut Shown,
        way: &str,
        base: &Scene,
        walk: impl Fn(&player::Request) -> usize,
    ) -> usize {
        let mut count = 0;
        shown.passes(way, || {
            count = walk(&self.request(&base.body));
            Ok(())
        });
        count
    }

    /// Sends the request in a scene, as an administrator.
    ///
    /// # Errors
    /// The service's.
    pub fn send(&self, scene: &Scene) -> Result<Value, ApiError> {
        scene.try_call(&target(self.operation), &scene.body)
    }

    fn succeeds(&self, base: &Scene) -> Result<(), String> {
        let scene = base.copy();
        let before = scene.records();
        let reply = scene
            .try_call(&target(self.operation), &scene.body)
            .map_err(|error| error.to_string())?;
        if reply.is_null() == self.operation.has_output {
            return Err(format!("answered {reply}"));
        }
        let changed = changed_kinds(&before, &scene.records());
        if changed.is_empty() != self.reads {
            return Err(format!("changed records of the kinds {changed:?}"));
        }
        Ok(())
    }

    /// A member of another type than its own is refused before anything is read.
    fn garbled(&self, base: &Scene) -> Result<(), String> {
        let scene = base.copy();
        for (member, value) in base.body.as_object().ok_or("the body is no object")? {
            if DOCUMENTS.contains(&member.as_str()) {
                continue;
            }
            let mut body = base.body.clone();
            body[member] = match value {
                Value::Object(_) => Value::Array(vec![Value::Bool(true)]),
                _ => serde_json::json!({"x": 1}),
            };
            let end = scene.try_call(&target(self.operation), &body);
            expect(
                end.err().map(|error| (error.name.into(), error.message)),
                ("SerializationException", None),
            )
            .map_err(|why| format!("{member}: {why}"))?;
        }
        unchanged(&base.records(), &scene.records(), "")
    }

    /// The store fails at the first step.
    fn faulted(&self, base: &Scene) -> Result<(), String> {
        let mut store = base.records();
        let mut player = Player::new(&self.request(&base.body), base.now(), "fault");
        player.store_step(&mut store, Some(Mishap::Fault));
        let end = player.end().ok_or("went on after a fault")?;
        expect(
            end.err(),
            ("InternalErrorException", Some("Something went wrong.")),
        )?;
        unchanged(&base.records(), &store, "")
    }

    /// Somebody else is faster, again and again.
    fn outrun(&self, base: &Scene) -> Result<(), String> {
        let mut scene = base.copy();
        scene.lose_every_race();
        let end = scene.try_call(&target(self.operation), &scene.body);
        expect(
            end.err().map(|error| (error.name.into(), error.message)),
            ("TooManyRequestsException", Some("Rate exceeded")),
        )?;
        unchanged(&base.records(), &scene.records(), "")
    }

    /// The request is not signed.
    fn unsigned(&self, base: &Scene) -> Result<(), String> {
        let scene = base.copy();
        let body = scene.body.to_string().into_bytes();
        let end = scene.send(&target(self.operation), body, None);
        expect(
            end.err().map(|error| (error.name.into(), error.message)),
            ("NotAuthorizedException", Some("The request is not signed.")),
        )?;
        unchanged(&base.records(), &scene.records(), "")
    }
}

impl Case {
    fn run(&self, operation: &OperationSpec, base: &Scene) -> Result<(), String> {
        let mut scene = base.copy();
        (self.arrange)(&mut scene);
        if let Some(failing) = self.functions {
            scene.serve(failing);
        }
        let before = scene.records();
        let end = scene.try_call(&target(operation), &scene.body);
        match self.error {
            None => drop(end.map_err(|error| error.to_string())?),
            Some(error) => {
                let member = |name: &str| scene.body[name].as_str().unwrap_or_default().to_owned();
                let text = self.text.map(|text| {
                    let text = text.replace("{pool}", &member("UserPoolId"));
                    let text = text.replace("{client}", &member("ClientId"));
                    let text = text.replace("{identities}", &member("IdentityPoolId"));
                    text.replace("{identity}", &member("IdentityId"))
                });
                expect(
                    end.err().map(|error| (error.name.into(), error.message)),
                    (&format!("{error}Exception"), text.as_deref()),
                )?;
            }
        }
        unchanged(&before, &scene.records(), self.changes)
    }
}

impl Hooks for Failing {
    fn ask(&self, _: &HookCall) -> Result<HookAnswer, HookFault> {
        match self {
            Self::Refusing => Err(HookFault::Refused("no".into())),
            Self::Nonsense => Ok(HookAnswer("[]".into())),
        }
    }
}

/// Compares an end with the error that it has to be.
fn expect(end: Option<(String, String)>, (name, text): (&str, Option<&str>)) -> Result<(), String> {
    match end {
        None => Err(format!("succeeded instead of {name}")),
        Some((actual, told)) if actual != name || text.is_some_and(|text| text != told) => {
            Err(format!(
                "{actual} {told:?} instead of {name} {:?}",
                text.unwrap_or("")
            ))
        }
        Some(_) => Ok(()),
    }
}

/// Compares two states of a store: only records of these kinds changed, and at least one if there are kinds.
fn unchanged(before: &MemoryStore, after: &MemoryStore, kinds: &str) -> Result<(), String> {
    let changed = changed_kinds(before, after);
    let fits = match kinds {
        LANDED => !changed.is_empty(),
        _ => {
            changed.iter().all(|kind| kinds.contains(*kind))
                && changed.is_empty() == kinds.is_empty()
        }
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "changed records of the kinds {changed:?} instead of {kinds:?}"
        ))
    }
}

/// What a request names the operation by.
pub(super) fn target(operation: &OperationSpec) -> String {
    let prefix = operation.service.target_prefix();
    [prefix, ".", operation.name].concat()
}

/// The name of an error without its ending.
fn short(error: &'static str) -> &'static str {
    error.strip_suffix("Exception").unwrap_or(error)
}
