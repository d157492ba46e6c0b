//! `vpcrun serve`: the embedded EC2 for any AWS client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde_json::{Value, json};
use vpcrun::exit::Exit;
use vpcrun::interrupt::Interrupt;
use vpcrun::lua::Fault;
use vpcrun::report::Report;
use vpcrun::target;
use vpcrun::world;
use vpcrun_emulator::{
    Clock, Credentials, DrivenClock, Faults, Images, Options, ServeError, ServeOptions, Server, Timestamp,
    TransitionTimes,
};

use super::{TellArgs, settings};

/// What `serve` takes.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9099")]
    pub listen: SocketAddr,

    /// The world that is served: a name, a path with a /, or :memory:.
    #[arg(long, value_name = "NAME|PATH|:memory:", default_value = world::DEFAULT)]
    pub world: String,

    /// Accept only requests signed with a key of this file (as ~/.aws/credentials); needed beyond loopback.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub credentials: Option<PathBuf>,

    /// The account's id.
    #[arg(long, value_name = "DIGITS", default_value = "000000000000", value_parser = account_id)]
    pub account_id: String,

    /// Which images RunInstances knows.
    #[arg(long, value_name = "WHICH", default_value = "known")]
    pub images: ImagesArg,

    /// How long EC2 takes: instant, aws, or a factor of AWS's times.
    #[arg(long, value_name = "instant|aws|FACTOR", default_value = "instant")]
    pub transition_times: TransitionTimes,

    /// A clock that stands still until POST /_vpcrun/clock?advance=15s moves it.
    #[arg(long)]
    pub driven_clock: bool,

    /// Hold to the quotas of a fresh account.
    #[arg(long)]
    pub quotas: bool,

    /// What goes wrong: throttle, not-found-after-create=TIME, nat-gateway=fail|TIME, lost-reply=CHANCE,
    /// internal-error=CHANCE, unavailable=CHANCE; can be given more than once.
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<vpcrun_emulator::Fault>,

    /// The seed of faults with a chance: the same calls meet the same faults.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub fault_seed: u64,

    /// What is told.
    #[command(flatten)]
    pub tell: TellArgs,
}

/// Which images RunInstances knows.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ImagesArg {
    /// Those of the catalogue, and registered ones.
    Known,
    /// Every well-formed AMI id.
    Any,
}

fn account_id(text: &str) -> Result<String, String> {
    let is_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| text.to_owned()).ok_or_else(|| "an account's id has 12 digits".to_owned())
}

/// Serves a world until SIGINT or SIGTERM, and ends what is in flight.
pub async fn serve(args: &ServeArgs, report: &Report, interrupt: &Interrupt) -> Result<Exit, Fault> {
    let credentials = args.credentials.as_deref().map(Credentials::read).transpose().map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Fault::usage(format!("{error}{source}")).code("Usage")
    })?;
    let now = || Timestamp::from_millisecond(unix_milliseconds());
    let clock = args.driven_clock.then(|| DrivenClock::new(now()));
    let options = Options {
        account_id: args.account_id.clone(),
        clock: clock.clone().map_or(Clock::System, Clock::Driven),
        transition_times: args.transition_times,
        faults: args.fault.iter().copied().fold(Faults::seeded(args.fault_seed), Faults::with),
        images: match args.images {
            ImagesArg::Known => Images::Known,
            ImagesArg::Any => Images::Any,
        },
        quotas: args.quotas,
        ..Options::default()
    };
    let world = target::open(&settings::world(&args.world)?, options)?;
    let options = ServeOptions { listen: args.listen, credentials, clock, ..ServeOptions::default() };
    let server = Server::start(world, options).map_err(refused)?;
    announce(args, report, server.address());
    interrupt.wait().await;
    report.say("ending what is in flight (Ctrl-C again: at once)");
    let served = server.requests();
    server.stop();
    report.say(&format!("served {served} requests"));
    Ok(Exit::Success)
}

fn refused(error: ServeError) -> Fault {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    let message = format!("{error}{source}");
    match error {
        ServeError::Open(_) => Fault::usage(message).code("Usage").help("add --credentials FILE"),
        ServeError::Listen { .. } => Fault::new(Exit::Failed, message)
            .code("Listen")
            .help("choose another port with --listen, or 0 for a free one"),
        ServeError::Thread(_) => Fault::new(Exit::Failed, message).code("Listen"),
    }
}

/// Says where it listens, in lines for a shell.
fn announce(args: &ServeArgs, report: &Report, address: SocketAddr) {
    let host: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let url = format!("http://{}", SocketAddr::new(host, address.port()));
    let region = settings::configured_region().unwrap_or_else(|| "us-east-1".to_owned());
    let mut variables = vec![
        ("AWS_ENDPOINT_URL_EC2", url.clone()),
        // The aws CLI, Terraform and Ansible ask STS who they are.
        ("AWS_ENDPOINT_URL_STS", url),
        ("AWS_REGION", region),
    ];
    match &args.credentials {
        Some(file) => variables.push(("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string())),
        None => {
            variables.push(("AWS_ACCESS_KEY_ID", "test".to_owned()));
            variables.push(("AWS_SECRET_ACCESS_KEY", "test".to_owned()));
        }
    }
    report.say(&format!("world {:?} on {address}; in another shell:", args.world));
    if report.is_json() {
        let variables: serde_json::Map<String, Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        report.document(&json!({ "world": args.world, "address": address.to_string(), "environment": variables }));
        return;
    }
    for (name, value) in variables {
        report.result(&format!("export {name}={}", quoted(&value)));
    }
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:[]@%+,".contains(&byte);
    if text.bytes().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn unix_milliseconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_twelve_digits() {
        assert!(account_id("123456789012").is_ok());
        for text in ["", "12345678901", "1234567890123", "12345678901a"] {
            assert!(account_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn words_are_quoted_where_they_must_be() {
        assert_eq!(quoted("http://127.0.0.1:9099"), "http://127.0.0.1:9099");
        assert_eq!(quoted("/my keys"), "'/my keys'");
    }
}
