//! Resource servers of a pool and their scopes: making, describing, changing, deleting and listing them.
//!
//! App clients that were allowed a scope keep it when its resource server goes; it grants nothing from then on.

mod create_resource_server;
mod delete_resource_server;
mod describe_resource_server;
mod list_resource_servers;
mod update_resource_server;

pub(crate) use create_resource_server::create_resource_server;
pub(crate) use delete_resource_server::delete_resource_server;
pub(crate) use describe_resource_server::describe_resource_server;
pub(crate) use list_resource_servers::list_resource_servers;
pub(crate) use update_resource_server::update_resource_server;

use alloc::{borrow::Cow, format, vec::Vec};

use userpool_ports::{Key, storage::MAX_VALUE};
use userpool_wire::idp::{ResourceServerScopeType, ResourceServerType};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, record::encode},
    model::{
        keys,
        pool::Pool,
        resource_server::{ResourceServer, Scope},
    },
    ops::parties,
};

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// A resource server with its pool.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown resource server.
fn find(
    cx: &mut Cx<'_>,
    pool_id: &str,
    identifier: &str,
) -> Run<(Held<Pool>, Held<ResourceServer>)> {
    let key = keys::resource_server(pool_id, identifier);
    cx.want([&keys::pool(pool_id), &key])?;
    let pool = parties::pool(cx, pool_id)?;
    match cx.get::<ResourceServer>(&key)? {
        Some(server) => Ok((pool, server)),
        None => {
            let text = format!("Resource server {identifier} does not exist.");
            Err(Refusal::new(RefusalKind::ResourceNotFound, text).into())
        }
    }
}

/// A resource server as a request gives it.
///
/// # Errors
/// Refuses, in this order: a scope given twice, descriptions that are too long to be kept.
fn given(
    identifier: &str,
    name: &str,
    scopes: Option<&[ResourceServerScopeType]>,
) -> Result<ResourceServer, Refusal> {
    let mut kept: Vec<Scope> = Vec::new();
    for scope in scopes.unwrap_or_default() {
        if kept.iter().any(|other| other.name == scope.scope_name) {
            return Err(invalid(format!(
                "The scope {} is given twice.",
                scope.scope_name
            )));
        }
        kept.push(Scope {
            name: scope.scope_name.clone(),
            description: scope.scope_description.clone(),
        });
    }
    let server = ResourceServer {
        identifier: identifier.into(),
        name: name.into(),
        scopes: kept,
    };
    if encode(&server).len() > MAX_VALUE {
        return Err(invalid(
            "The scopes of the resource server are too large: together they may take 64 KiB.",
        ));
    }
    Ok(server)
}

/// A resource server as the API shows it.
fn shown(pool: &Pool, server: &ResourceServer) -> ResourceServerType {
    let scopes = server.scopes.iter().map(|scope| ResourceServerScopeType {
        scope_name: scope.name.clone(),
        scope_description: scope.description.clone(),
    });
    ResourceServerType {
        user_pool_id: Some(pool.id.clone()),
        identifier: Some(server.identifier.clone()),
        name: Some(server.name.clone()),
        scopes: Some(scopes.collect()),
        managed_by: None,
    }
}

/// The scope of who may register app clients: every pool has it, and no resource server.
pub(crate) const REGISTER: &str = "aws.cognito/dcr/register";

/// Which of these scopes, none of them a standard one, no resource server of the pool has.
///
/// # Errors
/// Stops the run until the resource servers that they name are there.
pub(crate) fn unknown<'s>(cx: &mut Cx<'_>, pool: &str, scopes: &[&'s str]) -> Run<Vec<&'s str>> {
    // An identifier may hold slashes, the name of a scope may not.
    let keys: Vec<Option<Key>> = scopes
        .iter()
        .map(|scope| {
            let (identifier, _) = scope.rsplit_once('/')?;
            Some(keys::resource_server(pool, identifier))
        })
        .collect();
    cx.want(keys.iter().flatten())?;
    let mut unknown = Vec::new();
    for (scope, key) in scopes.iter().zip(&keys) {
        if *scope == REGISTER {
            continue;
        }
        let server = match key {
            Some(key) => cx.get::<ResourceServer>(key)?,
            None => None,
        };
        if !server.is_some_and(|server| server.has(scope)) {
            unknown.push(*scope);
        }
    }
    Ok(unknown)
}
