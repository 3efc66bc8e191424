//! Pools and app clients whose ids somebody chose, made once: what a start-up file declares.
//!
//! The API draws ids; programs that are configured before the server first starts need to know them.
//! Declaring what is there already changes nothing, so that a file may be read at every start.

use alloc::{borrow::ToOwned, boxed::Box, format};

use userpool_wire::{
    Encode,
    idp::{CreateUserPoolClientRequest, CreateUserPoolRequest},
    parse,
};

use super::{clients, parties, pools, table};
use crate::{
    engine::{Cx, Output, Program, Refusal, RefusalKind, Run},
    model::{client::Client, keys, pool::Pool},
};

/// `declare_user_pool` bound to its request, for an adapter; its output is a `bool`: whether it made one.
///
/// # Errors
/// The id or the request breaks a constraint of the model.
pub fn user_pool_program(id: &str, request: &CreateUserPoolRequest) -> Result<Program, Refusal> {
    if !is_pool_id(id) {
        return Err(not_an_id(id));
    }
    let request = parse(request.to_json().as_bytes()).map_err(table::refusal)?;
    let id = id.to_owned();
    Ok(Box::new(move |cx| {
        declare_user_pool(cx, &id, &request).map(|made| Box::new(made) as Output)
    }))
}

/// `declare_user_pool_client` bound to its request, for an adapter; its output is a `bool`: whether it
/// made one.
///
/// # Errors
/// The id or the request breaks a constraint of the model.
pub fn user_pool_client_program(
    id: &str,
    request: &CreateUserPoolClientRequest,
) -> Result<Program, Refusal> {
    if !is_client_id(id) {
        return Err(not_an_id(id));
    }
    let request = parse(request.to_json().as_bytes()).map_err(table::refusal)?;
    let id = id.to_owned();
    Ok(Box::new(move |cx| {
        declare_user_pool_client(cx, &id, &request).map(|made| Box::new(made) as Output)
    }))
}

/// Makes the pool of this id unless there is one; answers whether it did.
///
/// Refusals, in this order: a pool of the id that is being deleted, then those of CreateUserPool.
fn declare_user_pool(cx: &mut Cx<'_>, id: &str, request: &CreateUserPoolRequest) -> Run<bool> {
    if cx.get::<Pool>(&keys::pool(id))?.is_some() {
        parties::pool(cx, id)?;
        return Ok(false);
    }
    pools::make_user_pool(cx, id, request)?;
    Ok(true)
}

/// Makes the app client of this id unless its pool has one; answers whether it did.
///
/// Refusals, in this order: unknown pool, the id of another pool's client, then those of
/// CreateUserPoolClient.
fn declare_user_pool_client(
    cx: &mut Cx<'_>,
    id: &str,
    request: &CreateUserPoolClientRequest,
) -> Run<bool> {
    parties::pool(cx, &request.user_pool_id)?;
    match cx.get::<Client>(&keys::client(id))? {
        Some(client) if client.pool == request.user_pool_id => Ok(false),
        Some(_) => Err(Refusal::new(
            RefusalKind::InvalidParameter,
            format!("The client id {id} belongs to another user pool."),
        )
        .into()),
        None => {
            clients::make_user_pool_client(cx, id, request)?;
            Ok(true)
        }
    }
}

/// A region, an underscore, letters and digits; the model's `[\w-]+_[0-9a-zA-Z]+`, narrowed to real regions.
fn is_pool_id(id: &str) -> bool {
    let Some((region, name)) = id.rsplit_once('_') else {
        return false;
    };
    let of_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    id.len() <= 55
        && !region.is_empty()
        && region.bytes().all(of_region)
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The model's `[\w+]+`, in ASCII.
fn is_client_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+';
    (1..=128).contains(&id.len()) && id.bytes().all(fits)
}

fn not_an_id(id: &str) -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        format!("{id:?} does not have the form of an id."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_that_clients_take_apart() {
        for id in ["us-east-1_Example01", "local_1"] {
            assert!(is_pool_id(id), "{id}");
        }
        for id in [
            "",
            "us-east-1",
            "_a",
            "us-east-1_",
            "us-east-1_a-b",
            "US_a",
            "a/b_c",
        ] {
            assert!(!is_pool_id(id), "{id}");
        }
        assert!(is_client_id("1example23456789"));
        for id in ["", "a b", "a/b", "\u{e9}"] {
            assert!(!is_client_id(id), "{id}");
        }
    }
}
