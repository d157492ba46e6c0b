//! Log lines for people: with `-v` a line for every call, sent or served, with its latency; what else is logged as it comes.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use vpcrun::style::{Paint, Role};

/// The target under which the session logs each call.
const CALL: &str = "vpcrun_ec2::call";

/// The target under which the server logs each request.
const REQUEST: &str = "vpcrun_emulator::request";

/// The format of `-v`.
pub struct Lines {
    /// Colour on standard error.
    pub paint: Paint,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if [CALL, REQUEST].contains(&event.metadata().target()) {
            let mut call = Call::default();
            event.record(&mut call);
            return writeln!(writer, "{}", self.paint.text(Role::Faint, call));
        }
        write!(writer, "    {}: ", event.metadata().target())?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// One call as it was logged.
#[derive(Default)]
struct Call {
    action: String,
    micros: u64,
    status: Option<u64>,
    request_id: Option<String>,
    ok: bool,
}

impl Visit for Call {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "action" => value.clone_into(&mut self.action),
            "request_id" => self.request_id = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "elapsed_us" => self.micros = value,
            "status" => self.status = Some(value),
            _ => {}
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "ok" {
            self.ok = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.micros / 1_000;
        write!(f, "    {} ", self.action)?;
        match millis {
            0 => write!(f, "{} µs", self.micros)?,
            1..10_000 => write!(f, "{millis} ms")?,
            _ => write!(f, "{} s", millis / 1_000)?,
        }
        match (self.ok, self.status) {
            (true, _) => return Ok(()),
            (false, Some(status)) => write!(f, ", refused with HTTP {status}")?,
            (false, None) => f.write_str(", no answer")?,
        }
        match &self.request_id {
            Some(id) => write!(f, ", request {id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn a_call_is_one_line() {
        let call = |micros, status, request_id: Option<&str>| Call {
            action: "CreateVpc".into(),
            micros,
            status,
            request_id: request_id.map(str::to_owned),
            ok: status == Some(200),
        };
        assert_eq!(call(138, Some(200), Some("r-1")).to_string(), "    CreateVpc 138 µs");
        assert_eq!(
            call(12_400, Some(400), Some("r-1")).to_string(),
            "    CreateVpc 12 ms, refused with HTTP 400, request r-1"
        );
        assert_eq!(call(15_000_000, None, None).to_string(), "    CreateVpc 15 s, no answer");
    }
}
