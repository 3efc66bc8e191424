//! How JavaScript reaches the issuer: text goes in and out through two buffers of the module's memory.
//!
//! The host asks [`input`] for room, writes UTF-8 there, and calls a function; what that tells lies at [`output`], and is
//! `output_length` bytes long, until the next call. There is one thread and one issuer in a module. A panic traps, after
//! which the host throws the module away: whatever counts is in the store.

use std::cell::RefCell;

use serde_json::Value;
use zeroize::Zeroize;

use crate::issuer::Issuer;

/// The issuer with the buffers around it.
#[derive(Default)]
struct Module {
    issuer: Option<Issuer>,
    input: Vec<u8>,
    output: Vec<u8>,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

/// Room for `length` bytes of what is said next.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    MODULE.with_borrow_mut(|module| {
        module.input.zeroize();
        module.input.resize(length, 0);
        module.input.as_mut_ptr()
    })
}

/// Where that is what was told last.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    MODULE.with_borrow(|module| module.output.as_ptr())
}

/// How long it is.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    MODULE.with_borrow(|module| module.output.len())
}

/// Forgets what was told last.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    MODULE.with_borrow_mut(|module| module.output.zeroize());
}

/// Opens the issuer with the settings in the input: see [`Issuer::open`]. 1 where they are complete.
#[unsafe(no_mangle)]
pub extern "C" fn open() -> u32 {
    MODULE.with_borrow_mut(|module| {
        module.issuer = module.said().as_ref().and_then(Issuer::open);
        module.issuer.is_some().into()
    })
}

/// Begins the request in the input: see [`Issuer::begin`].
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    over(|issuer, said| issuer.begin(said));
}

/// Resumes a request with the answer in the input: see [`Issuer::resume`].
#[unsafe(no_mangle)]
pub extern "C" fn resume(id: u32) {
    over(|issuer, said| issuer.resume(id, said));
}

/// Tells the private key of a signature: see [`Issuer::pkcs8`]. 1 where there is one.
#[unsafe(no_mangle)]
pub extern "C" fn pkcs8(id: u32, index: usize) -> u32 {
    MODULE.with_borrow_mut(|module| {
        let key = module.issuer.as_ref().and_then(|it| it.pkcs8(id, index));
        module.output.zeroize();
        module
            .output
            .extend_from_slice(key.as_ref().map_or(&[], |key| key.expose()));
        key.is_some().into()
    })
}

fn over(turn: impl FnOnce(&mut Issuer, &Value) -> Value) {
    MODULE.with_borrow_mut(|module| {
        let said = module.said();
        module.output.zeroize();
        if let (Some(issuer), Some(said)) = (&mut module.issuer, said) {
            module.output = turn(issuer, &said).to_string().into_bytes();
        }
    });
}

impl Module {
    /// What the input says, which is then forgotten.
    fn said(&mut self) -> Option<Value> {
        let said = serde_json::from_slice(&self.input).ok();
        self.input.zeroize();
        said
    }
}
