pub(crate) mod kept;
mod rules;
