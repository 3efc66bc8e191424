//! What the benches share: a deterministic world around the engine, and the marks by which a profile is read.

pub mod client;
pub mod directory;
pub mod identity_pools;
pub mod marks;
pub mod served;
pub mod world;
