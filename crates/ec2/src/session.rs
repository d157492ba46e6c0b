//! A connection to one region of one target: the embedded EC2, AWS, or anything else that speaks the EC2 API.
//!
//! All three are the same `aws-sdk-ec2` client and differ only in what is below it: who answers, which credentials
//! sign, how long to wait. So whatever works on one is the code that runs on the others.

mod connector;
mod credentials;
mod observe;
pub(crate) mod region;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Builder, Region, StalledStreamProtectionConfig};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use ipnet::IpNet;

pub(crate) use connector::Unreachable;
pub(crate) use observe::ActionName;
pub use region::check_region;

use crate::Error;
use connector::{Connectors, NobodyThere};
use observe::{InFlight, Observer};

/// "Home" where there is no Internet to ask: an address for documentation (RFC 5737), which the lab gives its home host.
const LAB_HOME: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

/// AWS's answer to "what is my address", one line of text.
const CHECK_IP: &str = "https://checkip.amazonaws.com/";

/// How long a TCP and TLS connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one attempt may take. The slowest calls of EC2, RunInstances among them, answer within seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Whom a session talks to. Its text is the run's first line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// The embedded EC2; no AWS account is touched.
    Local {
        /// The world's name, or the path of its file.
        world: String,
    },
    /// AWS itself.
    Aws {
        /// The twelve digits of the account that the credentials belong to.
        account: String,
        /// The URL that the profile names instead of AWS's own, if it names one.
        endpoint: Option<String>,
    },
    /// Another server of the EC2 API.
    Endpoint {
        /// Its URL, without a trailing slash.
        url: String,
    },
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { world } => write!(f, "local world {world:?}"),
            Self::Aws { account, endpoint: None } => write!(f, "AWS {account}"),
            Self::Aws { account, endpoint: Some(url) } => write!(f, "AWS {account} through {url}"),
            Self::Endpoint { url } => write!(f, "endpoint {url}"),
        }
    }
}

/// An EC2 client for one region of one [`Target`]. Clones share connections and the count of calls.
#[derive(Debug, Clone)]
pub struct Session {
    client: Client,
    region: Arc<str>,
    target: Arc<Target>,
    calls: Arc<AtomicU64>,
    pub(crate) in_flight: InFlight,
}

impl Session {
    /// A session with the embedded EC2 behind `http_client`.
    ///
    /// Reads no configuration and no environment: it is ready within a millisecond, and nothing that the user has set
    /// for AWS can lead it there.
    pub fn local(http_client: SharedHttpClient, world: &str, region: &str) -> Self {
        // Nothing is far away: a refusal that asks to slow down is about the embedded EC2's own token buckets.
        let retry = RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(1));
        let config = aws_sdk_ec2::Config::builder()
            .http_client(http_client)
            .credentials_provider(credentials::test_credentials())
            .timeout_config(TimeoutConfig::disabled())
            .retry_config(retry);
        Self::new(config, region, Target::Local { world: world.to_owned() })
    }

    /// A session with AWS, by the ordinary chain of credentials and region: `profile` and `region` where given, else
    /// environment, profile files, SSO, web identity, container, instance metadata.
    ///
    /// Asks STS who the caller is, so that wrong credentials are found before anything is changed.
    ///
    /// An endpoint in the profile (`endpoint_url`, for instance of a VPC endpoint) is used, and the target names it.
    /// One in the environment is refused: it is set for another tool, or forgotten.
    ///
    /// # Errors
    ///
    /// [`Error::EndpointVariable`], [`Error::NoRegion`], [`Error::Region`], [`Error::NoCredentials`],
    /// [`Error::Credentials`], [`Error::CredentialsRefused`], or [`Error::Connection`] when AWS cannot be reached.
    pub async fn aws(profile: Option<&str>, region: Option<&str>) -> Result<Self, Error> {
        if let Some((variable, url)) =
            endpoint_variables(["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"])
        {
            return Err(Error::EndpointVariable { variable, url });
        }
        let http = Connectors::https().shared();
        let chain = credentials::Chain::new(profile, http.clone());
        let (region, provider) = chain.aws(region).await?;
        let timeouts = timeouts();
        let shared = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(region.clone())
            .credentials_provider(provider)
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts);
        let shared = match profile {
            Some(profile) => shared.profile_name(profile).load().await,
            None => shared.load().await,
        };
        let account = credentials::account(&shared).await?;
        let config =
            aws_sdk_ec2::config::Builder::from(&shared).retry_config(RetryConfig::standard().with_max_attempts(5));
        let endpoint = configured_endpoint(&shared);
        Ok(Self::new(config, region.as_ref(), Target::Aws { account, endpoint }))
    }

    /// A session with another server of the EC2 API at `url`, for instance moto's `http://127.0.0.1:5000`.
    ///
    /// Credentials are those of the environment and the profile files. Where there are none and the server is on this
    /// host, made-up ones sign the requests. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::EndpointUrl`], [`Error::NoRegion`], [`Error::NoCredentials`] or [`Error::Credentials`].
    pub async fn endpoint(url: &str, profile: Option<&str>, region: Option<&str>) -> Result<Self, Error> {
        let url = EndpointUrl::parse(url)?;
        let connectors = if url.secure { Connectors::https() } else { Connectors::http() };
        let http = connectors.shared();
        let chain = credentials::Chain::new(profile, http.clone());
        let region = chain.region(region).await.ok_or(Error::NoRegion)?;
        let provider = match chain.configured_credentials(&region).await {
            Err(Error::NoCredentials) if url.loopback => {
                SharedCredentialsProvider::new(credentials::test_credentials())
            }
            provider => provider?,
        };
        let retry = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50));
        let config = aws_sdk_ec2::Config::builder()
            .http_client(http)
            .endpoint_url(&url.text)
            .credentials_provider(provider)
            .timeout_config(timeouts())
            .retry_config(retry)
            .retry_classifier(NobodyThere);
        Ok(Self::new(config, region.as_ref(), Target::Endpoint { url: url.text }))
    }

    fn new(config: Builder, region: &str, target: Target) -> Self {
        let calls = Arc::new(AtomicU64::new(0));
        let config = config
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .sleep_impl(TokioSleep::new())
            // EC2's answers are small documents; the attempt's timeout watches them.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .interceptor(Observer::new(calls.clone()))
            .build();
        let client = Client::from_conf(config);
        Self { client, region: region.into(), target: Arc::new(target), calls, in_flight: InFlight::default() }
    }

    /// A session over the same connections, with one more interceptor.
    pub(crate) fn with_interceptor(&self, interceptor: impl Intercept + 'static) -> Self {
        let config = self.client.config().to_builder().interceptor(interceptor).build();
        Self { client: Client::from_conf(config), ..self.clone() }
    }

    /// The region's name, for instance `ap-northeast-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whom this session talks to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How many requests have been sent to EC2 so far, retries included, by this session and its clones.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Waits until none of the calls that [`Session::call`] has begun is in flight. Typed calls are not counted.
    pub async fn idle(&self) {
        self.in_flight.end().await;
    }

    /// The SDK's client, for typed calls.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Who "home" is: the public IPv4 address of this host, as a /32.
    ///
    /// On AWS, `checkip.amazonaws.com` says it. Elsewhere there is no Internet to come from, and home is the lab's.
    ///
    /// # Errors
    ///
    /// [`Error::PublicAddress`] when the lookup fails or does not answer with an IPv4 address.
    pub async fn public_address(&self) -> Result<IpNet, Error> {
        let address = match *self.target {
            Target::Aws { .. } => connector::get_text(CHECK_IP, CONNECT_TIMEOUT).await.and_then(|text| ipv4(&text))?,
            Target::Local { .. } | Target::Endpoint { .. } => LAB_HOME,
        };
        Ok(IpNet::from(IpAddr::V4(address)))
    }
}

/// The endpoint that the environment names (`AWS_ENDPOINT_URL_EC2`, then `AWS_ENDPOINT_URL`), as the AWS SDKs read it.
pub fn endpoint_from_environment() -> Option<String> {
    endpoint_variables(["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL"]).map(|(_, url)| url)
}

/// The first of these variables that is set, and its value; none when the environment says to ignore them.
fn endpoint_variables<const N: usize>(names: [&'static str; N]) -> Option<(&'static str, String)> {
    if std::env::var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_ok_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let set = names.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
    set.into_iter().find(|(_, url)| !url.is_empty())
}

/// The endpoint of EC2 that the profile names, as the SDK's client reads it.
fn configured_endpoint(config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id("EC2").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_service = key.ok().and_then(|key| config.service_config()?.load_config(key));
    of_service.or_else(|| config.endpoint_url().map(str::to_owned))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(ATTEMPT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
}

fn ipv4(text: &str) -> Result<Ipv4Addr, Error> {
    text.trim().parse().map_err(|_| Error::PublicAddress {
        reason: format!("{CHECK_IP} did not answer with an IPv4 address"),
        source: None,
    })
}

/// What a session needs to know of an endpoint's URL.
#[derive(Debug, PartialEq, Eq)]
struct EndpointUrl {
    text: String,
    secure: bool,
    loopback: bool,
}

impl EndpointUrl {
    fn parse(url: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::EndpointUrl { url: url.to_owned(), reason };
        let text = url.trim().trim_end_matches('/');
        let (secure, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            _ => return Err(wrong("it must start with http:// or https://")),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(wrong("a user name has no place in it"));
        }
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split_once(']').map(|(host, _)| host).ok_or_else(|| wrong("a bracket is not closed"))?,
            None => authority.split(':').next().unwrap_or_default(),
        };
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(wrong("it names no host"));
        }
        let port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        if port.is_some_and(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(wrong("the port is not a number up to 65535"));
        }
        let loopback = match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        Ok(Self { text: text.to_owned(), secure, loopback })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn endpoint_urls_are_read_and_refused() {
        let plain = EndpointUrl::parse("http://127.0.0.1:5000/").unwrap();
        assert_eq!(plain, EndpointUrl { text: "http://127.0.0.1:5000".into(), secure: false, loopback: true });
        assert!(EndpointUrl::parse("http://[::1]:5000").unwrap().loopback);
        assert!(EndpointUrl::parse("https://localhost").unwrap().secure);
        assert!(!EndpointUrl::parse("https://ec2.example.com/path").unwrap().loopback);
        for bad in ["127.0.0.1:5000", "ftp://x", "http://", "http://host:99999", "http://[::1", "http://me:pw@host"] {
            let error = EndpointUrl::parse(bad).unwrap_err();
            assert_eq!(error.code(), "EndpointUrl", "{bad}");
        }
    }

    #[test]
    fn targets_read_like_the_first_line_of_a_run() {
        assert_eq!(Target::Local { world: "default".into() }.to_string(), "local world \"default\"");
        let aws = |endpoint| Target::Aws { account: "123456789012".into(), endpoint };
        assert_eq!(aws(None).to_string(), "AWS 123456789012");
        assert_eq!(aws(Some("http://[::1]:9".into())).to_string(), "AWS 123456789012 through http://[::1]:9");
        assert_eq!(
            Target::Endpoint { url: "http://127.0.0.1:5000".into() }.to_string(),
            "endpoint http://127.0.0.1:5000"
        );
    }

    #[test]
    fn a_public_address_is_one_ipv4_address() {
        assert_eq!(ipv4("203.0.113.9\n").unwrap(), Ipv4Addr::new(203, 0, 113, 9));
        assert_eq!(ipv4("<html>").unwrap_err().code(), "PublicAddress");
    }
}
