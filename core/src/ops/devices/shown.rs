//! A device as the API shows it.

use alloc::{format, string::String, vec::Vec};

use userpool_wire::{
    Timestamp,
    idp::{AttributeType, DeviceType},
};

use crate::{
    engine::Cx,
    model::{
        device::{Device, DeviceId},
        pool::Pool,
        user::Head,
    },
    ops::arn,
};

/// A device as its user sees it.
pub(super) fn to_user(pool: &Pool, id: DeviceId, device: &Device) -> DeviceType {
    shown(pool, id, device, Vec::new())
}

/// A device as administrators see it.
pub(super) fn to_administrators(
    cx: &Cx<'_>,
    pool: &Pool,
    head: &Head,
    id: DeviceId,
    device: &Device,
) -> DeviceType {
    let owner = format!("{}.{}", head.username, pool.id);
    let account = &cx.environment().account_id;
    let place = arn::of("cognito-idp", pool.region(), account);
    let arn = format!("{place}:owner/{owner}/device/{}", id.key(pool));
    let software = device.software.clone();
    let own = [
        attribute("dev:device_arn", arn),
        attribute("dev:device_owner", owner),
        attribute(
            "dev:device_remembered_status",
            device.standing.as_str().into(),
        ),
    ];
    let software = software.map(|software| attribute("dev:device_sdk", software));
    shown(pool, id, device, own.into_iter().chain(software).collect())
}

fn shown(pool: &Pool, id: DeviceId, device: &Device, more: Vec<AttributeType>) -> DeviceType {
    let of = |name: &'static str, value: &Option<String>| {
        let value = value.clone();
        value.map(|value| attribute(name, value))
    };
    let attributes = [Some(attribute("device_status", "valid".into()))]
        .into_iter()
        .chain([
            of("device_name", &device.name),
            of("last_ip_used", &device.address),
        ])
        .flatten()
        .chain(more);
    let date = |stamp: userpool_ports::Timestamp| Some(Timestamp::from_millis(stamp.millis()));
    DeviceType {
        device_key: Some(id.key(pool)),
        device_attributes: Some(attributes.collect()),
        device_create_date: date(device.created),
        device_last_modified_date: date(device.modified),
        device_last_authenticated_date: date(device.authenticated),
    }
}

fn attribute(name: &str, value: String) -> AttributeType {
    AttributeType {
        name: name.into(),
        value: Some(value.into()),
    }
}
