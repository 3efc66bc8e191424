//! Tests that need the tables: every shape, every pattern, every operation.

mod hostile;
mod patterns;
mod round_trip;
mod sample;
