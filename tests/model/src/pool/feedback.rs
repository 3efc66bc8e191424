//! What administrators see of the activity of a user, and what is said of it afterwards.

use super::{
    At, Course, DAY, Out, Typed,
    activity::{End, Noted},
    no_user,
};
use crate::told::{Refusal, refuse, unauthorized};

/// How long the token of a notice is good.
pub(super) const LIFE: u64 = 7 * DAY;
const LEVELS: [&str; 3] = ["Low", "Medium", "High"];

impl Course {
    pub(super) fn list_events(&mut self, typed: Typed) -> Out {
        self.check_watched()?;
        let at = self.known(typed)?;
        let events = self.pool.activities.get(&at);
        let events = events.map_or(&[][..], |activity| &activity.events);
        let (ids, told): (Vec<At>, Vec<String>) =
            events.iter().rev().map(|it| (it.id, shown(it))).unzip();
        self.pool.lists.insert(self.at, ids);
        Ok(told.join("; "))
    }

    /// `token` is the event in the list whose token is shown; without one it is an administrator who speaks.
    pub(super) fn feedback(
        &mut self,
        typed: Typed,
        (list, event): (At, usize),
        valid: bool,
        token: Option<usize>,
    ) -> Out {
        self.check_watched()?;
        let listed = |index: usize| self.pool.lists.get(&list)?.get(index).copied();
        let id = listed(event).unwrap_or(At::MAX);
        let at = match token {
            None => self.known(typed)?,
            Some(of) => {
                let notice = listed(of).and_then(|of| self.pool.notices.get(&of));
                let good = notice.filter(|it| of == event && self.now() < it.written + LIFE);
                let user = good.ok_or_else(foreign)?.user;
                if !self.pool.users.contains_key(&user) {
                    return Err(no_user());
                }
                if self.pool.find(typed) != Some(user) {
                    return Err(foreign());
                }
                user
            }
        };
        let none = || refuse("ResourceNotFound", "Event does not exist.");
        let has = |activity: &super::Activity| activity.events.iter().any(|it| it.id == id);
        if !self.pool.activities.get(&at).is_some_and(has) {
            return Err(none());
        }
        let activity = self.pool.activities.get_mut(&at).ok_or_else(none)?;
        let noted = activity.events.iter_mut().find(|it| it.id == id);
        let noted = noted.ok_or_else(none)?;
        noted.feedback = Some((valid, token.is_none()));
        let (kind, origin) = (noted.kind, noted.origin);
        if kind == "SignIn" && !valid {
            let network = origin.address.rsplit_once('.').map(|it| it.0);
            activity.places.retain(|it| {
                let device = it.0.is_some() && it.0 == origin.device;
                !device && Some(it.1) != network
            });
        }
        Ok(String::new())
    }
}

fn shown(event: &Noted) -> String {
    let end = match event.end {
        End::Pass => "Pass",
        End::Fail => "Fail",
        End::InProgress => "InProgress",
    };
    let risk = match event.level {
        _ if event.blocked => "Block",
        Some(_) => "AccountTakeover",
        None => "NoRisk",
    };
    let level = event.level.map_or("", |level| LEVELS[level]);
    let origin = event.origin;
    let said = event.feedback.map_or("", |said| match said {
        (true, true) => "Valid Admin",
        (false, true) => "Invalid Admin",
        (true, false) => "Valid User",
        (false, false) => "Invalid User",
    });
    format!(
        "{} {} {end} {risk} {level} {:?} [{}] {} {} {} {said}",
        event.kind,
        event.began,
        event.breached,
        event.steps.join(","),
        origin.address,
        origin.name.unwrap_or_default(),
        origin.zone.unwrap_or_default()
    )
}

fn foreign() -> Refusal {
    unauthorized("Invalid feedback token.")
}
