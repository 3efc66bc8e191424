//! Devices: given out with tokens, confirmed, remembered, proving themselves, forgotten.

use super::{
    At, Chain, Course, Out, SESSION, Status, Step, Typed, incorrect, locked, no_user,
    sign_in::{BLOCK, Question},
    steps::{no_session, used_session},
    tries::Tries,
};
use crate::{
    act::{Bearer, Of},
    told::{Refusal, invalid, refuse},
};

/// The most devices of a user: a further one takes the place of the one that was quiet for longest.
pub const MOST: usize = 50;

/// A device that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whether it is remembered.
    pub remembered: bool,
    /// The act that confirmed it, and when.
    pub confirmed: At,
    /// See [`Self::confirmed`].
    pub created: u64,
    /// When it was last changed.
    pub modified: u64,
    /// When the user last signed in from it.
    pub authenticated: u64,
    /// The address from which that was.
    pub address: &'static str,
    /// Wrong proofs.
    pub tries: Tries,
}

/// The state of a device's proof that the client carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceBlock {
    /// The client.
    pub client: usize,
    /// The user and the device.
    pub of: (At, At),
    /// The chain whose step it is for.
    pub chain: At,
    /// When it was made.
    pub made: u64,
}

impl Course {
    /// The device that a sign-in names, or named before: the first must be there.
    pub(super) fn named(
        &self,
        who: Option<At>,
        earlier: Option<At>,
    ) -> Result<Option<At>, Refusal> {
        let has =
            |device: &At| who.is_some_and(|at| self.pool.users[&at].devices.contains_key(device));
        match self.from {
            Some(device) if has(&device) => Ok(Some(device)),
            Some(_) => Err(unknown()),
            None => Ok(earlier.filter(has)),
        }
    }

    /// The device of the chain of a Session.
    pub(super) fn earlier(&self, session: At) -> Option<At> {
        let (id, _) = self.pool.sessions.get(&session)?;
        self.pool.chains.get(id)?.device
    }

    fn is_remembered(&self, at: At, device: Option<At>) -> bool {
        device.is_some_and(|device| self.pool.users[&at].devices[&device].remembered)
    }

    /// Whether a device stands in for what is asked.
    pub(super) fn stands_in(&self, at: At, question: &Question) -> bool {
        let replaces = self.pool.rules.devices.is_some_and(|rules| rules.replaces);
        let sets_up = matches!(question, Question::Setup(_));
        replaces && !sets_up && self.is_remembered(at, self.device)
    }

    /// Lets a user in who has shown enough; a remembered device proves itself first.
    pub(super) fn let_in(&mut self, client: usize, at: At) -> String {
        let Some(device) = self.device.filter(|it| self.is_remembered(at, Some(*it))) else {
            return self.grant(client, at);
        };
        if let Some(older) = self.pool.proofs.get(&(at, device, client)).copied() {
            self.end(older);
        }
        self.begin(client, Ok(at), Step::Device, None);
        self.pool.proofs.insert((at, device, client), self.at);
        "challenge DEVICE_SRP_AUTH".into()
    }

    /// Who proves a device: a user who has it.
    fn owner(&self, client: usize, typed: Typed, device: At) -> Result<At, Refusal> {
        match self.pool.find(typed) {
            None if !self.hides(client) => Err(no_user()),
            Some(at) if self.pool.users[&at].devices.contains_key(&device) => Ok(at),
            _ => Err(unknown()),
        }
    }

    /// The chain whose last step it is that a device proves itself.
    fn last_step(
        &self,
        client: usize,
        (at, device): (At, At),
        session: Option<At>,
    ) -> Result<At, Refusal> {
        if let Some(session) = session {
            let chain = self.pool.sessions.get(&session).map(|it| it.0);
            let chain = chain.and_then(|id| self.pool.chains.get(&id));
            let is_own = |chain: &&Chain| {
                chain.step == Step::Device
                    && (chain.client, chain.who, chain.device) == (client, Ok(at), Some(device))
            };
            chain.filter(is_own).ok_or_else(no_session)?;
            self.resume(client, Some(Ok(at)), session, &[Step::Device])?;
        }
        let place = self.pool.proofs.get(&(at, device, client));
        let lives = |id: &&At| {
            let (chain, user) = (&self.pool.chains[*id], &self.pool.users[&at]);
            chain.live != At::MAX
                && self.now() < chain.ends
                && chain.since == (user.passwords, user.sign_outs)
        };
        let chain = place.filter(lives).ok_or_else(used_session)?;
        let user = &self.pool.users[&at];
        if user.enabled && user.status == Status::Confirmed && user.devices[&device].remembered {
            Ok(*chain)
        } else {
            Err(no_session())
        }
    }

    pub(super) fn device_begin(
        &mut self,
        client: usize,
        typed: Typed,
        device: At,
        session: Option<At>,
    ) -> Out {
        let (now, own) = (self.now(), self.at);
        let at = self.owner(client, typed, device)?;
        let chain = self.last_step(client, (at, device), session)?;
        if self.pool.users[&at].devices[&device].tries.is_locked(now) {
            return Err(locked());
        }
        let block = DeviceBlock {
            client,
            of: (at, device),
            chain,
            made: now,
        };
        self.pool.device_blocks.insert(own, block);
        self.pool.sessions.insert(own, (chain, now + SESSION));
        Ok("challenge DEVICE_PASSWORD_VERIFIER".into())
    }

    pub(super) fn device_prove(
        &mut self,
        client: usize,
        typed: Typed,
        device: At,
        (block, session, right): (At, Option<At>, bool),
    ) -> Out {
        let now = self.now();
        let at = self.owner(client, typed, device)?;
        let block = self.pool.device_blocks.get(&block).cloned();
        let fits = |block: &DeviceBlock| {
            block.client == client && block.of == (at, device) && now < block.made + BLOCK
        };
        let block = block.filter(fits).ok_or_else(incorrect)?;
        let chain = self.last_step(client, (at, device), session)?;
        if block.chain != chain {
            return Err(used_session());
        }
        let tries = &self.pool.users[&at].devices[&device].tries;
        if tries.is_locked(now) {
            return Err(locked());
        }
        self.end(chain);
        if !right {
            self.mistaken_in(at, chain, true);
            self.own_device(at, device)?.tries.wrong(now);
            return Err(incorrect().counted());
        }
        self.device = Some(device);
        let told = self.grant(client, at);
        self.went_on(at, chain, false, &told);
        Ok(told)
    }

    fn tracked(&self) -> Result<(), Refusal> {
        match self.pool.rules.devices {
            Some(_) => Ok(()),
            None => Err(refuse(
                "InvalidUserPoolConfiguration",
                "Device tracking is not enabled for the user pool.",
            )),
        }
    }

    pub(super) fn own_device(&mut self, at: At, device: At) -> Result<&mut Device, Refusal> {
        let device = self.user(at).devices.get_mut(&device);
        device.ok_or_else(unknown)
    }

    pub(super) fn confirm_device(&mut self, bearer: Bearer, device: At) -> Out {
        let (at, grant) = self.authorize(bearer)?;
        self.tracked()?;
        let Some(rules) = self.pool.rules.devices else {
            return Err(unknown());
        };
        let of = self.pool.grants[&grant].clone();
        if of.device != Some(device) {
            return Err(invalid("Invalid device key given."));
        }
        if self.pool.users[&at].devices.contains_key(&device) {
            return Err(refuse(
                "DeviceKeyExists",
                "A device with this key exists already.",
            ));
        }
        if !of.device_is_new {
            return Err(unknown());
        }
        let (now, address, confirmed) = (self.now(), self.pool.address(), self.at);
        let devices = &mut self.user(at).devices;
        if devices.len() >= MOST {
            let quiet = |it: &(&At, &Device)| (it.1.authenticated, it.1.confirmed);
            let quietest = devices.iter().min_by_key(quiet).map(|it| *it.0);
            devices.retain(|device, _| Some(*device) != quietest);
        }
        devices.insert(
            device,
            Device {
                remembered: !rules.waits,
                confirmed,
                created: now,
                modified: now,
                authenticated: of.made,
                address,
                tries: Tries::default(),
            },
        );
        if let Some(grant) = self.pool.grants.get_mut(&grant) {
            grant.device_is_new = false;
        }
        Ok(format!("confirmed asks={}", rules.waits))
    }

    /// The user whom a request is about.
    pub(super) fn subject(&self, of: Of) -> Result<At, Refusal> {
        match of {
            Of::User(bearer) => self.authorize(bearer).map(|it| it.0),
            Of::Admin(typed) => self.known(typed),
        }
    }

    fn shown_device(&self, of: Of, at: At, id: At) -> Out {
        let device = self.pool.users[&at].devices.get(&id).ok_or_else(unknown)?;
        let remembered = match of {
            Of::User(_) => "",
            Of::Admin(_) if device.remembered => " remembered",
            Of::Admin(_) => " not_remembered",
        };
        Ok(format!(
            "#{id} {} {} {} {}{remembered}",
            device.created, device.modified, device.authenticated, device.address
        ))
    }

    pub(super) fn get_device(&self, of: Of, device: At) -> Out {
        let at = self.subject(of)?;
        self.tracked()?;
        self.shown_device(of, at, device)
    }

    pub(super) fn list_devices(&self, of: Of) -> Out {
        let at = self.subject(of)?;
        let devices = self.pool.users[&at].devices.keys();
        let shown: Result<Vec<String>, Refusal> =
            devices.map(|id| self.shown_device(of, at, *id)).collect();
        Ok(shown?.join("; "))
    }

    pub(super) fn forget_device(&mut self, of: Of, device: At) -> Out {
        let at = self.subject(of)?;
        self.tracked()?;
        match self.user(at).devices.remove(&device) {
            Some(_) => Ok(String::new()),
            None => Err(unknown()),
        }
    }

    pub(super) fn update_device(&mut self, of: Of, device: At, word: Option<bool>) -> Out {
        let now = self.now();
        let at = self.subject(of)?;
        self.tracked()?;
        let device = self.own_device(at, device)?;
        if let Some(remembered) = word.filter(|word| *word != device.remembered) {
            (device.remembered, device.modified) = (remembered, now);
        }
        Ok(String::new())
    }
}

/// The refusal of a device that the user does not have.
fn unknown() -> Refusal {
    refuse("ResourceNotFound", "Device does not exist.")
}
