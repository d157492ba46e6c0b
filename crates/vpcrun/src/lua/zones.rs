//! `ec2.availability_zones { … }`.

use std::rc::Rc;

use mlua::{Lua, Value};
use vpcrun_model::{AvailabilityZone, ZoneState};

use super::fault::Fault;
use super::host::{Host, Region};
use super::keys::Keys;

/// The function, for one region.
pub(super) fn function(lua: &Lua, host: &Rc<Host>, region: &Region) -> mlua::Result<Value> {
    let (host, region) = (host.clone(), region.clone());
    let function = lua.create_async_function(move |lua, keys: Value| {
        let wanted = Wanted::read(&lua, &host, keys);
        let (host, region) = (host.clone(), region.clone());
        async move {
            let wanted = wanted.map_err(Fault::raise)?;
            let zones = wanted.choose(&host, &region).await.map_err(Fault::raise)?;
            lua.create_sequence_from(zones)
        }
    })?;
    Ok(Value::Function(function))
}

struct Wanted {
    prefer: Vec<String>,
    count: Option<usize>,
    keys: Keys,
}

impl Wanted {
    fn read(lua: &Lua, host: &Rc<Host>, keys: Value) -> Result<Self, Fault> {
        let keys = Keys::read(lua, host, "ec2.availability_zones", keys)?;
        let prefer = keys.texts("prefer")?.unwrap_or_default();
        let count = keys.integer("count", 1..=32)?.and_then(|count| usize::try_from(count).ok());
        Ok(Self { prefer, count, keys })
    }

    async fn choose(&self, host: &Host, region: &Region) -> Result<Vec<String>, Fault> {
        let offered = offered(region).await.map_err(|fault| fault.at(self.keys.site()))?;
        let full = |zone: &String| match zone.len() {
            1 => format!("{}{zone}", region.session.region()),
            _ => zone.clone(),
        };
        let prefer: Vec<String> = self.prefer.iter().map(full).collect();
        let count = self.count.unwrap_or(if prefer.is_empty() { offered.len() } else { prefer.len() });
        if offered.len() < count {
            let fault = self.keys.fault(format!(
                "{count} zones are wanted, and {} offers {}",
                region.session.region(),
                offered.join(", ")
            ));
            return Err(fault.mark("count"));
        }
        let wanted = &prefer[..count.min(prefer.len())];
        let missing: Vec<&str> = wanted.iter().filter(|zone| !offered.contains(zone)).map(String::as_str).collect();
        if missing.is_empty() {
            let rest = offered.iter().filter(|zone| !wanted.contains(zone)).cloned();
            return Ok(wanted.iter().cloned().chain(rest).take(count).collect());
        }
        let chosen = offered[..count].to_vec();
        let text =
            format!("{} does not offer {}: taking {}", region.session.region(), missing.join(", "), chosen.join(", "));
        host.report.remark(&text, false);
        Ok(chosen)
    }
}

/// The zones that subnets can be made in, by name: no Local or Wavelength Zones.
async fn offered(region: &Region) -> Result<Vec<String>, Fault> {
    let zones = vpcrun_ec2::availability_zones(&region.session).await.map_err(|error| Fault::ec2(None, &error))?;
    let ordinary = |zone: &AvailabilityZone| {
        zone.zone_type.as_deref().is_none_or(|kind| kind == "availability-zone") && zone.state == ZoneState::Available
    };
    Ok(zones.into_iter().filter(ordinary).map(|zone| zone.zone_name).collect())
}
