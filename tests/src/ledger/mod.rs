//! The ledger of operations: one row each, with what it has to show.
//!
//! | column | what is shown |
//! |---|---|
//! | success | the request of the row succeeds; it writes, or the row says that it only reads |
//! | errors | each declared error: a case that ends so, or the reason why none does in this version |
//! | told, hidden | the user that nobody is, where the client tells who exists and where it hides that |
//! | (errors) | what a replica of the pool does not serve, it refuses, and nothing else |
//! | mishaps | the store fails at every step: everything landed or nothing did, and the client was told the truth |
//! | outside | functions, couriers and other servers fail, each time that one is asked: the same, and no caller hears of a sender |
//! | moved | the pools are moved to a store under other root keys, before and after; the request succeeds there too, unless it is of a sign-in that is under way |
//! | orders | the request beside itself, in every order of their store steps, ends as one after the other |
//!
//! A refusal leaves the store as it was, except the records that its case names.

pub mod moved;
mod replica;
mod run;
mod shown;

use userpool_wire::{OperationSpec, Service};

pub use self::shown::Shown;
use crate::scene::{Scene, operation_of};

/// The records of refusals that count: attempts of users and of names that nobody has, and spent marks.
pub const COUNTED: &str = "AFZ";
/// Any record: the decision landed, and only what follows it failed: a message, a function.
pub const LANDED: &str = "*";

/// Brings a scene to where the request does not succeed.
pub type Arrange = fn(&mut Scene);
/// Makes a scene in which the request succeeds.
pub type Build = fn() -> Scene;

/// How one request has to end.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// The error without `Exception`; `None` for success.
    error: Option<&'static str>,
    /// The exact text, where the reference gives one; `{pool}`, `{client}`, `{identities}` and `{identity}` stand for those
    /// of the request.
    text: Option<&'static str>,
    /// The kinds of record that may change.
    changes: &'static str,
    /// Whether the model declares the error.
    declared: bool,
    /// How the functions of the pool fail, if any are asked.
    functions: Option<Failing>,
    arrange: Arrange,
}

/// How the functions of a pool fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failing {
    /// They refuse.
    Refusing,
    /// They answer nonsense.
    Nonsense,
}

/// What a row says of a user that nobody is.
#[derive(Clone, Copy, Debug)]
enum Nobody {
    Case(Case),
    Never(&'static str),
}

/// The row of an operation.
#[derive(Clone, Debug)]
pub struct Row {
    operation: &'static OperationSpec,
    scenes: Vec<(&'static str, Build)>,
    cases: Vec<Case>,
    never: Vec<(&'static str, &'static str)>,
    told: Option<Nobody>,
    hidden: Option<Nobody>,
    reads: bool,
}

impl Row {
    /// A row with the scene in which the operation succeeds; it is named by its target where both services have one of
    /// the name.
    ///
    /// # Panics
    /// There is no such operation.
    pub fn new(operation: &'static str, scene: Build) -> Self {
        Self {
            operation: operation_of(operation),
            scenes: vec![("", scene)],
            cases: Vec::new(),
            never: Vec::new(),
            told: None,
            hidden: None,
            reads: false,
        }
    }

    /// As [`Row::new`], of an operation that only reads.
    ///
    /// # Panics
    /// There is no such operation.
    pub fn reading(operation: &'static str, scene: Build) -> Self {
        Self {
            reads: true,
            ..Self::new(operation, scene)
        }
    }

    /// The scenes in which the request succeeds, each with its name.
    pub fn scenes(&self) -> impl Iterator<Item = (&'static str, Scene)> {
        self.scenes.iter().map(|(way, scene)| (*way, scene()))
    }

    /// Whether the operation only reads.
    pub fn only_reads(&self) -> bool {
        self.reads
    }

    /// The name of the operation.
    pub fn name(&self) -> &'static str {
        self.operation.name
    }

    /// The service that the operation is of.
    pub fn service(&self) -> Service {
        self.operation.service
    }

    /// Another way to succeed.
    #[must_use]
    pub fn also(mut self, way: &'static str, scene: Build) -> Self {
        self.scenes.push((way, scene));
        self
    }

    /// A refusal that leaves no trace.
    #[must_use]
    pub fn refuses(self, error: &'static str, text: &'static str, arrange: Arrange) -> Self {
        self.case(error, text, "", arrange)
    }

    /// A refusal that changes a record of these kinds and no other.
    #[must_use]
    pub fn counts(
        self,
        error: &'static str,
        text: &'static str,
        changes: &'static str,
        arrange: Arrange,
    ) -> Self {
        self.case(error, text, changes, arrange)
    }

    /// An error after the decision landed, because a message could not be handed over; some operations that send
    /// messages do not declare it.
    #[must_use]
    pub fn undelivered(self) -> Self {
        self.undelivered_where(Scene::cut_couriers)
    }

    /// As [`Row::undelivered`], in a scene where a message is sent and then the couriers are cut.
    #[must_use]
    pub fn undelivered_where(mut self, arrange: Arrange) -> Self {
        const ERROR: &str = "CodeDeliveryFailure";
        self = self.case(ERROR, "", LANDED, arrange);
        let declared = self.operation.errors;
        let case = self.cases.last_mut().expect("the case");
        case.declared = declared.iter().any(|error| error.starts_with(ERROR));
        self
    }

    /// A trigger fails: nobody serves it, its function refuses, or answers nonsense. Each changes records of these
    /// kinds and no other.
    #[must_use]
    pub fn triggers(mut self, changes: &'static str, arrange: Arrange) -> Self {
        for (error, functions) in [
            ("UnexpectedLambda", None),
            ("UserLambdaValidation", Some(Failing::Refusing)),
            ("InvalidLambdaResponse", Some(Failing::Nonsense)),
        ] {
            self = self.case(error, "", changes, arrange);
            self.cases.last_mut().expect("the case").functions = functions;
        }
        self
    }

    /// A refusal by an error that the model does not declare, but its texts do, or this version needs.
    #[must_use]
    pub fn refuses_undeclared(
        mut self,
        error: &'static str,
        text: &'static str,
        arrange: Arrange,
    ) -> Self {
        self = self.case(error, text, "", arrange);
        let case = self.cases.last_mut().expect("the case");
        case.declared = false;
        self
    }

    /// A declared error that does not occur in this version, and why.
    #[must_use]
    pub fn never(mut self, error: &'static str, reason: &'static str) -> Self {
        self.never.push((error, reason));
        self
    }

    /// What is said of a user that nobody is, where the client tells who exists.
    #[must_use]
    pub fn told(
        mut self,
        error: &'static str,
        text: &'static str,
        changes: &'static str,
        arrange: Arrange,
    ) -> Self {
        self.told = Some(Nobody::Case(Case::new(Some(error), text, changes, arrange)));
        self
    }

    /// What is said of a user that nobody is, where the client hides who exists.
    #[must_use]
    pub fn hidden(
        mut self,
        error: &'static str,
        text: &'static str,
        changes: &'static str,
        arrange: Arrange,
    ) -> Self {
        self.hidden = Some(Nobody::Case(Case::new(Some(error), text, changes, arrange)));
        self
    }

    /// A user that nobody is gets the answer of any other, where the client hides who exists.
    #[must_use]
    pub fn hidden_answers(mut self, arrange: Arrange) -> Self {
        self.hidden = Some(Nobody::Case(Case::new(None, "", LANDED, arrange)));
        self
    }

    /// The operation names no user that may or may not exist, and why.
    #[must_use]
    pub fn names_nobody(mut self, reason: &'static str) -> Self {
        self.told = Some(Nobody::Never(reason));
        self.hidden = Some(Nobody::Never(reason));
        self
    }

    /// An operation of administrators, who are always told.
    #[must_use]
    pub fn tells_administrators(mut self) -> Self {
        self = self.told("UserNotFound", "User does not exist.", "", |scene| {
            scene.set("Username", "nobody")
        });
        self.administrators_only()
    }

    /// Nothing is hidden from those who call the operation.
    #[must_use]
    pub fn administrators_only(mut self) -> Self {
        self.hidden = Some(Nobody::Never("administrators are always told"));
        self
    }

    fn case(
        mut self,
        error: &'static str,
        text: &'static str,
        changes: &'static str,
        arrange: Arrange,
    ) -> Self {
        self.cases
            .push(Case::new(Some(error), text, changes, arrange));
        self
    }
}

impl Case {
    fn new(
        error: Option<&'static str>,
        text: &'static str,
        changes: &'static str,
        arrange: Arrange,
    ) -> Self {
        Self {
            error,
            text: Some(text).filter(|text| !text.is_empty()),
            changes,
            declared: true,
            functions: None,
            arrange,
        }
    }
}
