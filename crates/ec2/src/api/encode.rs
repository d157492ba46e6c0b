//! From a table to the parameters of a request, checked on the way.
//!
//! The EC2 Query protocol: `Action=…&Version=…`, then one parameter per scalar. A structure's members are joined with
//! dots, a list's values numbered from 1: `TagSpecification.1.Tag.2.Key`. An empty list has no parameters at all.

use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::{Map, Value};

use super::input_error::InputError;
use super::shape::{Action, Member, Shape, Structure};

/// The version of the API that the table was made from.
const VERSION: &str = "2016-11-15";

/// The body of a request for `action`. Absent idempotency tokens are filled with what `token` gives.
///
/// # Errors
///
/// [`InputError`] for whatever `input` holds that the action does not take.
pub(super) fn form(action: Action, input: &Value, token: impl Fn() -> String) -> Result<String, InputError> {
    let mut form = Form { body: format!("Action={}&Version={VERSION}", action.name()), action, token };
    form.structure(action.input(), input, &Place::default())?;
    Ok(form.body)
}

/// Where a value stands: as parameters are named, and as the user wrote it.
#[derive(Debug, Default, Clone)]
struct Place {
    parameter: String,
    path: String,
}

impl Place {
    fn member(&self, member: &Member) -> Self {
        Self { parameter: join(&self.parameter, &member.query_name()), path: join(&self.path, &member.snake_name()) }
    }

    /// The value at `index`, counted from 0; on the wire and in Lua the first one is 1.
    fn value(&self, index: usize) -> Self {
        let number = index + 1;
        Self { parameter: format!("{}.{number}", self.parameter), path: format!("{}[{number}]", self.path) }
    }
}

fn join(left: &str, right: &str) -> String {
    if left.is_empty() { right.to_owned() } else { format!("{left}.{right}") }
}

struct Form<T> {
    action: Action,
    body: String,
    token: T,
}

impl<T: Fn() -> String> Form<T> {
    fn structure(&mut self, structure: Structure, value: &Value, place: &Place) -> Result<(), InputError> {
        let none = Map::new();
        let given = match value {
            Value::Object(given) => given,
            // An empty Lua table is both an empty list and an empty table.
            Value::Array(values) if values.is_empty() => &none,
            Value::Null if place.path.is_empty() => &none,
            other => return Err(self.wrong_type(place, "a table", other)),
        };
        self.refuse_unknown(structure, given, place)?;
        for member in structure.members() {
            let place = place.member(&member);
            match given.get(&member.snake_name()) {
                Some(value) if !value.is_null() => self.value(member.shape(), value, &place)?,
                _ if member.idempotency_token() => {
                    let token = (self.token)();
                    self.push(&place, &token);
                }
                _ if member.required() => {
                    return Err(InputError::Missing { action: self.action.snake_name(), path: place.path });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn refuse_unknown(
        &self,
        structure: Structure,
        given: &Map<String, Value>,
        place: &Place,
    ) -> Result<(), InputError> {
        let Some(member) = given.keys().find(|key| structure.member(key).is_none()) else { return Ok(()) };
        let known: Vec<String> = structure.members().map(|member| member.snake_name()).collect();
        Err(InputError::UnknownMember {
            action: self.action.snake_name(),
            path: place.path.clone(),
            nearest: nearest(member, &known),
            member: member.clone(),
            known,
        })
    }

    fn value(&mut self, shape: Shape, value: &Value, place: &Place) -> Result<(), InputError> {
        match shape {
            Shape::Structure(structure) => self.structure(structure, value, place),
            Shape::List(list) => {
                let values = match value {
                    Value::Array(values) => values.as_slice(),
                    Value::Object(given) if given.is_empty() => &[],
                    other => {
                        return Err(self.wrong_type(place, &format!("a {shape}", shape = Shape::List(list)), other));
                    }
                };
                for (index, value) in values.iter().enumerate() {
                    self.value(list.element(), value, &place.value(index))?;
                }
                Ok(())
            }
            scalar => {
                let text = scalar_text(scalar, value).ok_or_else(|| self.wrong_type(place, expected(scalar), value))?;
                self.push(place, &text);
                Ok(())
            }
        }
    }

    fn push(&mut self, place: &Place, text: &str) {
        self.body.push('&');
        self.body.push_str(&place.parameter);
        self.body.push('=');
        percent_encode(text, &mut self.body);
    }

    fn wrong_type(&self, place: &Place, expected: &str, found: &Value) -> InputError {
        let path = if place.path.is_empty() { "its input" } else { &place.path };
        InputError::WrongType {
            action: self.action.snake_name(),
            path: path.to_owned(),
            expected: expected.to_owned(),
            found: describe(found),
        }
    }
}

/// The text of `value` on the wire, or nothing when it is not of this type.
fn scalar_text(shape: Shape, value: &Value) -> Option<String> {
    match shape {
        Shape::String | Shape::Enum(_) => value.as_str().map(str::to_owned),
        Shape::Integer => whole(value).filter(|number| i32::try_from(*number).is_ok()).map(|number| number.to_string()),
        Shape::Long => whole(value).map(|number| number.to_string()),
        Shape::Double => value.as_f64().map(|number| number.to_string()),
        Shape::Boolean => value.as_bool().map(|flag| flag.to_string()),
        Shape::Timestamp => {
            let moment = DateTime::from_str(value.as_str()?, Format::DateTimeWithOffset).ok()?;
            moment.fmt(Format::DateTime).ok()
        }
        Shape::Blob => value.as_str().map(aws_smithy_types::base64::encode),
        Shape::List(_) | Shape::Structure(_) => None,
    }
}

/// A whole number, also when it is written like `22.0`: Lua's arithmetic makes such numbers.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small enough to be exact")]
fn whole(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
    })
}

fn expected(shape: Shape) -> &'static str {
    match shape {
        Shape::Integer => "an integer of 32 bits",
        Shape::Long => "an integer",
        Shape::Double => "a number",
        Shape::Boolean => "true or false",
        Shape::Timestamp => "a time like \"2024-02-29T12:00:00Z\"",
        _ => "a string",
    }
}

/// What was given, in words, and short: the value may be a secret or a page long.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nil".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".into(),
        Value::Array(values) if values.is_empty() => "an empty table".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(given) if given.is_empty() => "an empty table".into(),
        Value::Object(_) => "a table with names".into(),
    }
}

/// The member whose name comes closest to `given`, also when it is written as AWS does (`VpcId`) or in the singular.
fn nearest(given: &str, known: &[String]) -> Option<String> {
    let given = super::table::snake_name(given);
    let score = |name: &&String| strsim::jaro_winkler(name, &given);
    let best = known.iter().max_by(|left, right| score(left).total_cmp(&score(right)))?;
    (score(&best) > 0.8).then(|| best.clone())
}

/// Appends `text` as a form wants it: all but RFC 3986's unreserved characters as `%XX`, which signing reads the same way.
fn percent_encode(text: &str, body: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            body.push(char::from(byte));
        } else {
            body.push('%');
            body.push(char::from(HEX[usize::from(byte >> 4)]));
            body.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::super::table;
    use super::*;

    /// The parameters of a call, one per line, without action and version.
    fn parameters(action: &str, input: Value) -> Result<String, InputError> {
        let body = form(table::action(action).unwrap(), &input, || "token-1".into())?;
        Ok(body.split('&').skip(2).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn a_body_starts_with_action_and_version() {
        let body = form(table::action("describe_vpcs").unwrap(), &json!({}), String::new).unwrap();
        assert_eq!(body, "Action=DescribeVpcs&Version=2016-11-15");
    }

    #[test]
    fn lists_are_numbered_and_structures_joined_with_dots() {
        let filters = json!({ "filters": [
            { "name": "vpc-id", "values": ["vpc-1", "vpc-2"] },
            { "name": "tag:Name", "values": ["a b&c"] },
        ], "max_results": 5 });
        assert_eq!(
            parameters("describe_subnets", filters).unwrap(),
            "Filter.1.Name=vpc-id\nFilter.1.Value.1=vpc-1\nFilter.1.Value.2=vpc-2\n\
             Filter.2.Name=tag%3AName\nFilter.2.Value.1=a%20b%26c\nMaxResults=5"
        );
        let tags = json!({ "cidr_block": "10.0.0.0/16", "tag_specifications": [
            { "resource_type": "vpc", "tags": [{ "key": "Name", "value": "私" }] },
        ] });
        assert_eq!(
            parameters("create_vpc", tags).unwrap(),
            "CidrBlock=10.0.0.0%2F16\nTagSpecification.1.ResourceType=vpc\n\
             TagSpecification.1.Tag.1.Key=Name\nTagSpecification.1.Tag.1.Value=%E7%A7%81"
        );
        let rule = json!({ "group_id": "sg-1", "ip_permissions": [
            { "ip_protocol": "tcp", "from_port": 22, "to_port": 22.0, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
        ] });
        assert_eq!(
            parameters("authorize_security_group_ingress", rule).unwrap(),
            "GroupId=sg-1\nIpPermissions.1.IpProtocol=tcp\nIpPermissions.1.FromPort=22\nIpPermissions.1.ToPort=22\n\
             IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"
        );
    }

    #[test]
    fn ids_tokens_blobs_and_nested_structures_follow_the_model() {
        assert_eq!(
            parameters("describe_instances", json!({ "instance_ids": ["i-1", "i-2"], "dry_run": true })).unwrap(),
            "InstanceId.1=i-1\nInstanceId.2=i-2\nDryRun=true"
        );
        let run = parameters("run_instances", json!({ "min_count": 1, "max_count": 1 })).unwrap();
        assert!(run.contains("ClientToken=token-1"), "{run}");
        let own = json!({ "min_count": 1, "max_count": 1, "client_token": "mine" });
        assert!(parameters("run_instances", own).unwrap().contains("ClientToken=mine"));
        let attribute = json!({ "vpc_id": "vpc-1", "enable_dns_hostnames": { "value": true } });
        assert_eq!(
            parameters("modify_vpc_attribute", attribute).unwrap(),
            "EnableDnsHostnames.Value=true\nVpcId=vpc-1"
        );
        let key = json!({ "key_name": "k", "public_key_material": "ssh-rsa AAAA" });
        assert_eq!(parameters("import_key_pair", key).unwrap(), "KeyName=k\nPublicKeyMaterial=c3NoLXJzYSBBQUFB");
    }

    #[test]
    fn empty_lua_tables_and_nil_are_what_they_must_be() {
        assert_eq!(
            parameters("describe_vpcs", json!({ "vpc_ids": {}, "filters": [], "max_results": null })).unwrap(),
            ""
        );
        assert_eq!(parameters("describe_vpcs", json!([])).unwrap(), "");
        assert_eq!(parameters("describe_vpcs", Value::Null).unwrap(), "");
    }

    #[test]
    fn an_unknown_enum_value_is_for_ec2_to_refuse() {
        let vpc = json!({ "cidr_block": "10.0.0.0/16", "instance_tenancy": "brand-new" });
        assert!(parameters("create_vpc", vpc).unwrap().contains("InstanceTenancy=brand-new"));
    }

    #[test]
    fn an_unknown_member_is_named_with_what_was_meant() {
        let error = parameters("create_subnet", json!({ "vpc_id": "vpc-1", "cird_block": "10.0.0.0/24" })).unwrap_err();
        assert_eq!(error.to_string(), "create_subnet has no \"cird_block\"");
        assert_eq!(error.hint().unwrap(), "did you mean \"cidr_block\"?");
        let error = parameters("create_subnet", json!({ "VpcId": "vpc-1" })).unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean \"vpc_id\"?");
        let error = parameters("describe_vpcs", json!({ "filters": [{ "name": "x", "qqq": 1 }] })).unwrap_err();
        assert_eq!(error.to_string(), "describe_vpcs has no \"qqq\" in filters[1]");
        assert_eq!(error.hint().unwrap(), "it takes name, values");
    }

    #[test]
    fn a_wrong_type_is_named_with_path_expected_and_found() {
        let cases = [
            (json!({ "vpc_id": 5 }), "create_subnet: vpc_id must be a string, not the number 5"),
            (json!({ "vpc_id": "v", "dry_run": "yes" }), "create_subnet: dry_run must be true or false, not a string"),
            (
                json!({ "vpc_id": "v", "tag_specifications": [{ "tags": { "key": "a" } }] }),
                "create_subnet: tag_specifications[1].tags must be a list of Tag, not a table with names",
            ),
            (
                json!({ "vpc_id": "v", "tag_specifications": ["x"] }),
                "create_subnet: tag_specifications[1] must be a table, not a string",
            ),
            (json!("vpc-1"), "create_subnet: its input must be a table, not a string"),
            (json!({}), "create_subnet needs vpc_id"),
        ];
        for (input, text) in cases {
            // Members are read in AWS's order, so the required vpc_id may come after the wrong one.
            assert_eq!(parameters("create_subnet", input).unwrap_err().to_string(), text);
        }
        let ports = json!({ "ip_permissions": [{ "from_port": 22.5 }] });
        assert_eq!(
            parameters("authorize_security_group_ingress", ports).unwrap_err().to_string(),
            "authorize_security_group_ingress: ip_permissions[1].from_port must be an integer of 32 bits, not the number 22.5"
        );
    }

    #[test]
    fn times_are_sent_in_utc() {
        let offer = |time: &str| {
            parameters("describe_spot_price_history", json!({ "start_time": time })).map_err(|error| error.to_string())
        };
        assert_eq!(offer("2024-02-29T12:00:00+09:00").unwrap(), "StartTime=2024-02-29T03%3A00%3A00Z");
        assert!(offer("yesterday").unwrap_err().contains("a time like"));
    }
}
