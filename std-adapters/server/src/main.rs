//! The userpool server.
fn main() {}
