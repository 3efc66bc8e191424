//! A history: model and engine side by side, event after event.
//!
//! Where a failure leaves open whether a request took effect, and where two requests ran into each other, the model
//! follows every possibility; each answer leaves those that fit it. None left is a disagreement.

use userpool_crypto::sealed::RootKeys;

use crate::{
    act::{Act, Answer, At, Typed},
    engine::{
        World,
        play::{Ended, Mishap, Play},
        worker::{ClientSide, Worker},
    },
    invariants::Watch,
    pool::Pool,
    report::Report,
    rules::Rules,
    told::{Expected, Told, agrees},
};

/// Possibilities beyond which nothing is left open any more until answers have told them apart.
const MANY: usize = 16;

/// A request that runs in the middle of another.
#[derive(Clone, Debug)]
pub struct Beside {
    /// After so many store steps of the other.
    pub after: usize,
    /// Its number.
    pub at: At,
    /// What it is.
    pub act: Act,
}

/// One event of a history.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number.
    pub at: At,
    /// What somebody does.
    pub act: Act,
    /// What goes wrong.
    pub mishap: Option<Mishap>,
    /// What somebody else does in the middle of it.
    pub beside: Option<Beside>,
}

/// A history under way.
#[derive(Debug)]
pub struct Life {
    /// The engine.
    pub world: World,
    /// What the pool may be like.
    pub pools: Vec<Pool>,
    watch: Watch,
    /// What was counted.
    pub report: Report,
}

/// What was told and sent.
type Seen = (Told, Vec<(&'static str, String)>);

impl Life {
    /// The beginning of a history.
    #[must_use]
    pub fn new(
        rules: &Rules,
        seed: u64,
        real: bool,
        client: &ClientSide,
        root_keys: &RootKeys,
    ) -> Self {
        let worker = match real {
            true => Worker::real(client, root_keys),
            false => Worker::cheap(client),
        };
        let world = World::new(rules, seed, root_keys, worker);
        let mut report = Report::default();
        report.operations += world.requests;
        Self {
            world,
            pools: vec![Pool::new(*rules)],
            watch: Watch::default(),
            report,
        }
    }

    /// Whether too much is open for leaving more open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.pools.len() >= MANY
    }

    /// Lives through an event.
    ///
    /// # Errors
    /// Model and engine disagree, or an invariant does not hold: what was expected, and what happened.
    pub fn live(&mut self, event: &Event) -> Result<(), String> {
        match &event.act {
            Act::Wait(seconds) => {
                self.world.advance(*seconds);
                self.forward(event);
                return Ok(());
            }
            Act::Move(place) => {
                self.world.go_to(*place);
                self.forward(event);
                return Ok(());
            }
            Act::Upkeep => {
                let told = Ok(self.world.upkeep());
                self.report.count(&event.act, &told);
                return self.kept_up(event, &(told, Vec::new()));
            }
            _ => {}
        }
        self.learn_offers(&event.act);
        if let Some(beside) = &event.beside {
            self.learn_offers(&beside.act);
        }
        let Some(play) = self.world.begin_act(&event.act) else {
            self.report.skipped += 1;
            return Ok(());
        };
        match &event.beside {
            Some(beside) => {
                self.both(event, beside, play)?;
                self.names(&[&event.act, &beside.act])
            }
            None => {
                self.one(event, play)?;
                self.names(&[&event.act])
            }
        }
    }

    /// Has the model know what nobody of a name is offered, where that may be told.
    fn learn_offers(&mut self, act: &Act) {
        let Act::UserAuth { client, typed, .. } = act.plain() else {
            return;
        };
        let hides = |pool: &Pool| pool.rules.clients[*client].hides;
        if !self.pools.iter().any(hides) || self.pools[0].offers.contains_key(typed) {
            return;
        }
        if let Some(offers) = self.world.offers(*typed) {
            for pool in &mut self.pools {
                pool.offers.insert(*typed, offers.clone());
            }
        }
    }

    fn forward(&mut self, event: &Event) {
        for pool in &mut self.pools {
            *pool = pool.after(event.at, &event.act).0;
        }
    }

    /// What went out while the engine cleared up behind itself.
    fn kept_up(&mut self, event: &Event, seen: &Seen) -> Result<(), String> {
        let (mut fits, mut expectations) = (Vec::new(), Vec::new());
        for pool in &self.pools {
            let (next, expected) = pool.after(event.at, &event.act);
            if fit(&expected, seen) {
                push(&mut fits, next);
            }
            expectations.push(expected);
        }
        if fits.is_empty() {
            return Err(disagreement(event, &expectations, seen));
        }
        self.pools = fits;
        Ok(())
    }

    fn one(&mut self, event: &Event, mut play: Play) -> Result<(), String> {
        let ended = play.finish(&mut self.world, event.mishap);
        let faulted = ended
            .as_ref()
            .is_err_and(|(name, _)| name == "InternalErrorException");
        self.report.mishaps += u64::from(play.struck);
        if faulted && !play.struck {
            return Err(format!("{:?} failed: {}", event.act, play.shown));
        }
        let seen = self.see((event.at, &event.act), &play, &ended, self.pools.len() == 1)?;
        if faulted
            || seen
                .0
                .as_ref()
                .is_err_and(|(name, _)| name == "CodeDeliveryFailureException")
        {
            self.world
                .known
                .lost
                .extend(creates(&event.act).then_some(event.at));
        }
        let mut fits = Vec::new();
        let mut expectations = Vec::new();
        for pool in &self.pools {
            let is_deaf = play.struck && event.mishap == Some(Mishap::Fetch);
            let heard = Pool {
                is_deaf,
                ..pool.clone()
            };
            let (mut next, mut expected) = heard.after(event.at, &event.act);
            next.is_deaf = false;
            if faulted {
                push(&mut fits, pool.clone());
                push(&mut fits, next);
                continue;
            }
            if play.struck && event.mishap == Some(Mishap::Hook) && lambda_failed(&seen.0) {
                push(&mut fits, pool.clone());
                continue;
            }
            if play.struck && event.mishap == Some(Mishap::Courier) {
                let text = "The message could not be delivered. Try again later.";
                let failed = ("CodeDeliveryFailureException".to_owned(), text.to_owned());
                expected = Expected {
                    told: Err(failed),
                    sent: Vec::new(),
                };
            }
            if fit(&expected, &seen) {
                push(&mut fits, next);
            }
            expectations.push(expected);
        }
        if fits.is_empty() {
            return Err(disagreement(event, &expectations, &seen));
        }
        self.report.most_open = self.report.most_open.max(fits.len());
        self.pools = fits;
        Ok(())
    }

    fn both(&mut self, event: &Event, beside: &Beside, mut play: Play) -> Result<(), String> {
        play.go(&mut self.world, beside.after, None);
        let Some(mut other) = self.world.begin_act(&beside.act) else {
            return self.one(
                &Event {
                    mishap: None,
                    ..event.clone()
                },
                play,
            );
        };
        let began_first = play.landed > 0;
        let other_ended = other.finish(&mut self.world, None);
        let ended = play.finish(&mut self.world, None);
        self.report.races += 1;
        let own = |life: &mut Self| life.see((event.at, &event.act), &play, &ended, false);
        let others =
            |life: &mut Self| life.see((beside.at, &beside.act), &other, &other_ended, false);
        // In the order in which they landed.
        let (seen, other_seen) = if began_first {
            let seen = own(self)?;
            (seen, others(self)?)
        } else {
            let other_seen = others(self)?;
            (own(self)?, other_seen)
        };
        let mut fits = Vec::new();
        let mut expectations = Vec::new();
        for pool in &self.pools {
            // A name leads where it led when the request began, even if it has moved to somebody else since.
            let mut begun = event.act.clone();
            if let Some(typed) = begun.typed_mut()
                && let Some(user) = pool.find(*typed)
            {
                *typed = Typed::Id(user);
            }
            for (other_first, act) in [(true, &event.act), (false, &event.act), (true, &begun)] {
                let one = (event.at, act, &seen);
                let two = (beside.at, &beside.act, &other_seen);
                let order = if other_first { [two, one] } else { [one, two] };
                let (middle, first) = pool.after(order[0].0, order[0].1);
                let (end, second) = middle.after(order[1].0, order[1].1);
                // Which of two reasons it is refused for that was run into may be that of a moment in between; as long
                // as nothing landed, it makes no difference to anybody else.
                let refused = |expected: &Expected, is_own: bool, unchanged: bool| {
                    let both = expected.told.is_err() && seen.0.is_err();
                    is_own && both && unchanged && play.landed == 0
                };
                let first_fits =
                    fits_raced(&first, order[0]) || refused(&first, !other_first, middle == *pool);
                let second_fits =
                    fits_raced(&second, order[1]) || refused(&second, other_first, end == middle);
                if first_fits && second_fits {
                    push(&mut fits, end);
                }
                expectations.extend([first, second]);
            }
        }
        if fits.is_empty() {
            let told = disagreement(event, &expectations, &seen);
            return Err(format!("{told}\nbeside: {:?}", other_seen));
        }
        self.pools = fits;
        Ok(())
    }

    fn see(
        &mut self,
        (at, act): (At, &Act),
        play: &Play,
        ended: &Ended,
        sure: bool,
    ) -> Result<Seen, String> {
        let told = self.world.learn(at, act, play, ended);
        self.report.count(act, &told);
        let pool = (&self.pools[0], sure);
        self.watch
            .see((at, act), play, (ended, &told), pool, &self.world)?;
        let sent = play
            .messages
            .iter()
            .map(|it| (it.purpose.as_str(), it.destination.clone()));
        Ok((told, sent.collect()))
    }

    /// Looks whether two users share what they sign in with, where that may have changed.
    fn names(&mut self, acts: &[&Act]) -> Result<(), String> {
        if !acts.iter().any(|act| names(act)) {
            return Ok(());
        }
        let Some(mut play) = self.world.begin_act(&Act::ListUsers) else {
            return Ok(());
        };
        let ended = play.finish(&mut self.world, None);
        let told = self.world.learn(0, &Act::ListUsers, &play, &ended);
        self.report.looks += 1;
        match told {
            Ok(users) => Watch::list(&users, self.pools[0].rules.names),
            Err(error) => Err(format!("a list of users failed: {error:?}")),
        }
    }
}

/// Whether an act may change what users are called by.
fn names(act: &Act) -> bool {
    matches!(
        act.plain(),
        Act::SignUp { .. }
            | Act::ConfirmSignUp { .. }
            | Act::ConfirmForgotPassword { .. }
            | Act::UpdateAttributes { .. }
            | Act::Verify { .. }
            | Act::Respond {
                answer: Answer::Code(..),
                ..
            }
            | Act::AdminCreateUser { .. }
            | Act::AdminUpdateAttributes { .. }
    )
}

fn creates(act: &Act) -> bool {
    matches!(
        act.plain(),
        Act::SignUp { .. } | Act::AdminCreateUser { .. }
    )
}

fn lambda_failed(told: &Told) -> bool {
    told.as_ref()
        .is_err_and(|(name, _)| name.contains("Lambda"))
}

fn fit(expected: &Expected, (told, sent): &Seen) -> bool {
    agrees(&expected.told, told)
        && expected.sent.len() == sent.len()
        && expected
            .sent
            .iter()
            .zip(sent)
            .all(|(one, other)| one.0 == other.0 && one.1 == other.1)
}

/// As [`fit`], for a request that another ran into. Lists are no picture of one moment; and whether an alias is still
/// the user's is read a moment after the user.
fn fits_raced(expected: &Expected, (_, act, seen): (At, &Act, &Seen)) -> bool {
    match act {
        Act::ListUsers
        | Act::ListUsersInGroup(_)
        | Act::ListDevices(_)
        | Act::ListSessions(_)
        | Act::ListEvents(_)
        | Act::GetFactors(_)
            if expected.told.is_ok() && seen.0.is_ok() =>
        {
            true
        }
        Act::GetUser(_)
        | Act::AdminGetUser(_)
        | Act::AdminCreateUser { .. }
        | Act::AdminInviteAgain { .. } => {
            let blurred = |told: &Told| {
                told.clone()
                    .map(|text| text.replace("_verified=true", "_verified=false"))
            };
            let expected = Expected {
                told: blurred(&expected.told),
                ..expected.clone()
            };
            fit(&expected, &(blurred(&seen.0), seen.1.clone()))
        }
        _ => fit(expected, seen),
    }
}

fn push(pools: &mut Vec<Pool>, pool: Pool) {
    if !pools.contains(&pool) {
        pools.push(pool);
    }
}

fn disagreement(event: &Event, expected: &[Expected], (told, sent): &Seen) -> String {
    let mut text = format!("{event:?}\n  engine: {told:?}, sent {sent:?}\n");
    for expected in expected {
        text.push_str(&format!(
            "  model:  {:?}, sent {:?}\n",
            expected.told, expected.sent
        ));
    }
    text
}
