//! The whole identity engine for JavaScript: every operation, without a server.
//!
//! A request is begun with its text, the time and a seed, and gives a [step](steps): what it needs of the world, as JSON
//! text that the npm package `userpool-wasm` turns into plain objects. The host does what the step says and [resumes](answers)
//! the request with the answer, until the step is `done`. Stores, clocks, chance, messages and outbound exchanges are
//! JavaScript's; slow arithmetic is done [here](work) unless the host answers it itself, as with WebCrypto.
//!
//! [`issuer`] is all of it in Rust; [`module`] is how JavaScript reaches it. **An issuer in a page is for demonstrations
//! and tests**: whoever can look into the page can read its keys.

pub mod answers;
pub mod issuer;
#[cfg(target_arch = "wasm32")]
pub mod module;
pub mod requests;
pub mod steps;
pub mod work;
