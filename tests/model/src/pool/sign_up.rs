//! Signing up and confirming.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    At, Course, Kind, Out, Password, Proves, Status, Step, Tries, Typed, User, activity::End,
    dead_code, disabled, no_combination, too_often, tries::Limit, wrong_code,
};
use crate::{
    act::{Code, Values},
    rules::Names,
    told::{Refusal, delivery, invalid, masked, refuse, unauthorized},
};

impl Course {
    pub(super) fn sign_up(
        &mut self,
        client: usize,
        name: &'static str,
        password: Option<Password>,
        values: &Values,
    ) -> Out {
        if self.pool.rules.closed {
            return Err(unauthorized("SignUp is not permitted for this user pool"));
        }
        let kind = self.name_form(name)?;
        let attributes = self.with_name(kind, name, values)?;
        let mut breached = None;
        match password {
            Some(password) => {
                Self::policy(password)?;
                breached = self.check_new(client, password)?;
            }
            None if self.pool.rules.does_without_passwords() => {}
            None => return Err(missing("password")),
        }
        self.refuse_taken(kind, name)?;
        let at = self.insert(kind, name, Status::Unconfirmed, password, attributes);
        if kind.is_some() {
            for kind in [Kind::Email, Kind::Phone] {
                if let Some(value) = self.pool.users[&at].has(kind) {
                    self.claim(at, kind, value, "UsernameExists")?;
                }
            }
        }
        let user = self.user(at);
        for kind in [Kind::Email, Kind::Phone] {
            if user.has(kind).is_some() {
                user.attributes.entry(kind.flag()).or_insert("false");
            }
        }
        self.noted(at, ("SignUp", End::Pass), breached);
        let told = match self.code_contact(at) {
            Some((kind, to)) => self.issue(at, Proves::SignUp, kind, to, "SignUp"),
            None => "none".into(),
        };
        Ok(format!("unconfirmed {told}"))
    }

    /// The attributes of a request, with the name where it is an address.
    pub(super) fn with_name(
        &self,
        kind: Option<Kind>,
        name: &'static str,
        values: &Values,
    ) -> Result<BTreeMap<&'static str, &'static str>, Refusal> {
        let mut attributes: BTreeMap<_, _> = Self::given(values).into_iter().collect();
        if let Some(kind) = kind {
            if attributes
                .get(kind.attribute())
                .is_some_and(|given| *given != name)
            {
                let text = format!(
                    "The username and the attribute {} must be the same.",
                    kind.attribute()
                );
                return Err(invalid(text));
            }
            attributes.insert(kind.attribute(), name);
        }
        Ok(attributes)
    }

    pub(super) fn refuse_taken(
        &self,
        kind: Option<Kind>,
        name: &'static str,
    ) -> Result<(), Refusal> {
        let taken = match kind {
            Some(kind) => self.pool.aliases.contains_key(&(kind, name)),
            None => self.pool.names.contains_key(name),
        };
        if taken {
            return Err(refuse("UsernameExists", "User already exists"));
        }
        Ok(())
    }

    pub(super) fn insert(
        &mut self,
        kind: Option<Kind>,
        name: &'static str,
        status: Status,
        password: Option<Password>,
        attributes: BTreeMap<&'static str, &'static str>,
    ) -> At {
        let (at, now) = (self.at, self.now());
        let name = kind.is_none().then_some(name);
        if let Some(name) = name {
            self.pool.names.insert(name, at);
        }
        let user = User {
            name,
            status,
            enabled: true,
            password,
            password_set: now,
            earlier: Vec::new(),
            passwords: 0,
            sign_outs: 0,
            attributes,
            waiting: BTreeMap::new(),
            tries: Tries::default(),
            codes: BTreeMap::new(),
            token: None,
            secret: None,
            on: BTreeSet::new(),
            preferred: None,
            both: false,
            groups: BTreeMap::new(),
            devices: BTreeMap::new(),
            sessions: Vec::new(),
            passkeys: BTreeMap::new(),
            registration: None,
        };
        self.pool.users.insert(at, user);
        at
    }

    /// Where the code of a sign-up goes: the phone comes first.
    fn code_contact(&self, user: At) -> Option<(Kind, &'static str)> {
        let (user, rules) = (&self.pool.users[&user], self.pool.rules);
        let phone = user.has(Kind::Phone).filter(|_| rules.auto_phone);
        let email = user.has(Kind::Email).filter(|_| rules.auto_email);
        let phone = phone.map(|to| (Kind::Phone, to));
        phone.or(email.map(|to| (Kind::Email, to)))
    }

    pub(super) fn confirm_sign_up(
        &mut self,
        client: usize,
        typed: Typed,
        code: Code,
        force: bool,
    ) -> Out {
        let now = self.now();
        let Some(at) = self.pool.find(typed) else {
            return Err(self.stranger(client, typed, Limit::Confirm, wrong_code()));
        };
        if !self.user(at).tries.uses(Limit::Confirm, now) {
            return Err(too_often());
        }
        let user = &self.pool.users[&at];
        let may = user.enabled && user.status == Status::Unconfirmed;
        if self.hides(client) && !may {
            return Err(wrong_code().counted());
        }
        if !user.enabled {
            return Err(disabled());
        }
        if !may {
            return Err(not_confirmable(user.status));
        }
        let sent = self.judge(at, Proves::SignUp, code, |user, kind| user.has(kind))?;
        if self.pool.rules.names == Names::Aliases {
            let owner = self.pool.aliases.get(&(sent.kind, sent.to)).copied();
            if owner.is_some_and(|owner| owner != at) && !force {
                let text = format!(
                    "An account with the {} already exists.",
                    sent.kind.attribute()
                );
                return Err(refuse("AliasExists", text));
            }
            self.pool.aliases.insert((sent.kind, sent.to), at);
        }
        let user = self.user(at);
        user.codes.remove(&Proves::SignUp);
        user.attributes.insert(sent.kind.flag(), "true");
        user.status = Status::Confirmed;
        self.begin(client, Ok(at), Step::SignedUp, None);
        self.begun_first();
        Ok(String::new())
    }

    /// What is told of a name that nobody has: the truth, or what hides it, counted by the hour.
    pub(super) fn stranger(
        &mut self,
        client: usize,
        typed: Typed,
        limit: Limit,
        hidden: Refusal,
    ) -> Refusal {
        if !self.hides(client) {
            return no_combination();
        }
        let now = self.now();
        if self
            .pool
            .strangers
            .entry(typed)
            .or_default()
            .uses(limit, now)
        {
            hidden.counted()
        } else {
            too_often()
        }
    }

    /// The code that was typed, if it is the live one for its purpose; else the refusal, which counts.
    pub(super) fn judge(
        &self,
        at: At,
        proves: Proves,
        code: Code,
        current: impl Fn(&User, Kind) -> Option<&'static str>,
    ) -> Result<super::Sent, Refusal> {
        let user = &self.pool.users[&at];
        let live = user.codes.get(&proves).filter(|sent| {
            self.pool.now < sent.ends
                && current(user, sent.kind) == Some(sent.to)
                && sent.passwords == user.passwords
        });
        match live {
            None => Err(dead_code().counted()),
            Some(sent) if code == Code::Sent(sent.by.0, sent.by.1) => Ok(sent.clone()),
            Some(_) => Err(wrong_code().counted()),
        }
    }

    pub(super) fn resend_confirmation_code(&mut self, client: usize, typed: Typed) -> Out {
        let (now, hides) = (self.now(), self.hides(client));
        let Some(at) = self.pool.find(typed) else {
            if !hides {
                return Err(no_combination());
            }
            if !self
                .pool
                .strangers
                .entry(typed)
                .or_default()
                .uses(Limit::Resend, now)
            {
                return Err(too_often());
            }
            return Ok(simulated(typed));
        };
        let confirmed = !self.is(at, Status::Unconfirmed);
        let contact = self.code_contact(at);
        if confirmed && !hides {
            return Err(invalid("User is already confirmed."));
        }
        if contact.is_none() && !hides {
            return Err(unauthorized(
                "Cannot resend codes. Auto verification not turned on.",
            ));
        }
        if !self.user(at).tries.uses(Limit::Resend, now) {
            return Err(too_often());
        }
        self.noted(at, ("ResendCode", End::Pass), None);
        match contact {
            None => Ok(simulated(typed)),
            Some((kind, to)) if confirmed => Ok(delivery(kind, &masked(kind, to))),
            Some((kind, to)) => Ok(self.issue(at, Proves::SignUp, kind, to, "ResendCode")),
        }
    }
}

/// The delivery that is told where none took place.
pub(super) fn simulated(typed: Typed) -> String {
    match typed {
        Typed::Text(text) => match Kind::of(text) {
            Some(kind) => delivery(kind, &masked(kind, text)),
            None => delivery(Kind::Email, "?***@?***"),
        },
        Typed::Id(_) => delivery(Kind::Email, "?***@?***"),
    }
}

/// The refusal of a request without one of its members.
pub(super) fn missing(member: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The refusal of a user who needs no confirmation.
pub(super) fn not_confirmable(status: Status) -> Refusal {
    unauthorized(&format!(
        "User cannot be confirmed. Current status is {}",
        status.word()
    ))
}
