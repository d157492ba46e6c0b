//! Who signs: the ordinary AWS chain of credentials and region, with limits, so that it says what is missing at once.

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::imds;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::check_region;
use super::connector::Connectors;
use crate::Error;

/// Off AWS, nobody answers at the metadata address and packets to it vanish: one try of this length, twice (token, value).
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);

/// For looking whether there are credentials where no region is known.
const ANY_REGION: Region = Region::from_static("us-east-1");

/// What signs where nobody checks.
pub(super) fn test_credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "vpcrun")
}

/// The chain for one profile (or none by name) over one HTTP client.
pub(super) struct Chain<'a> {
    profile: Option<&'a str>,
    config: ProviderConfig,
}

impl<'a> Chain<'a> {
    pub(super) fn new(profile: Option<&'a str>, http_client: SharedHttpClient) -> Self {
        Self { profile, config: ProviderConfig::default().with_http_client(http_client) }
    }

    /// `given`, or what environment or profile say.
    pub(super) async fn region(&self, given: Option<&str>) -> Option<Region> {
        match given.filter(|name| !name.is_empty()) {
            Some(given) => Some(Region::new(given.to_owned())),
            None => self.configured_region().region().await,
        }
    }

    /// Region and credentials for AWS. On an EC2 instance, its own are the last resort.
    ///
    /// Where both are missing, the credentials are what is said to be: a region is of no use without them.
    pub(super) async fn aws(&self, region: Option<&str>) -> Result<(Region, SharedCredentialsProvider), Error> {
        if let Some(region) = self.region(region).await {
            check_region(region.as_ref())?;
            let provider = self.aws_credentials(&region).await?;
            return Ok((region, provider));
        }
        let provider = imds::region::ImdsRegionProvider::builder().configure(&self.config).imds_client(self.imds());
        if let Some(region) = provider.build().region().await {
            let provider = self.aws_credentials(&region).await?;
            return Ok((region, provider));
        }
        // Nobody is at the metadata address: asking there once more would only take its time again.
        self.configured_credentials(&ANY_REGION).await.and(Err(Error::NoRegion))
    }

    fn configured_region(&self) -> RegionProviderChain {
        let mut profile = ProfileFileRegionProvider::builder().configure(&self.config);
        if let Some(name) = self.profile {
            profile = profile.profile_name(name);
        }
        RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile.build())
    }

    /// The chain of the AWS SDKs, or only the profile that was asked for by name: like the AWS CLI, `--profile` wins
    /// over keys in the environment.
    async fn aws_credentials(&self, region: &Region) -> Result<SharedCredentialsProvider, Error> {
        match self.configured_credentials(region).await {
            Err(Error::NoCredentials) => {
                let config = self.config.clone().with_region(Some(region.clone()));
                let role = imds::credentials::ImdsCredentialsProvider::builder().configure(&config);
                self.proven(role.imds_client(self.imds()).build()).await
            }
            found => found,
        }
    }

    /// As [`Chain::aws`] without instance metadata: an endpoint that is not AWS knows no instance roles.
    pub(super) async fn configured_credentials(&self, region: &Region) -> Result<SharedCredentialsProvider, Error> {
        let config = self.config.clone().with_region(Some(region.clone()));
        if self.profile.is_some() {
            return self.proven(self.profile_provider(&config)).await;
        }
        let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(&config).build();
        let container = EcsCredentialsProvider::builder().configure(&config).build();
        let chain = CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
            .or_else("Profile", self.profile_provider(&config))
            .or_else("WebIdentityToken", web_identity)
            .or_else("EcsContainer", container);
        let found = self.proven(chain).await;
        self.or_blame_profile(found, &config).await
    }

    /// When nothing was found although `AWS_PROFILE` names a profile, what is wrong with the profile is the answer.
    async fn or_blame_profile(
        &self,
        found: Result<SharedCredentialsProvider, Error>,
        config: &ProviderConfig,
    ) -> Result<SharedCredentialsProvider, Error> {
        let profile = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let (Err(Error::NoCredentials), Some(profile)) = (&found, profile) else { return found };
        match self.profile_provider(config).provide_credentials().await {
            Ok(_) => found,
            Err(error) => Err(Error::from_credentials(Some(&profile), Box::new(error))),
        }
    }

    fn profile_provider(&self, config: &ProviderConfig) -> ProfileFileCredentialsProvider {
        let builder = ProfileFileCredentialsProvider::builder().configure(config);
        match self.profile {
            Some(name) => builder.profile_name(name).build(),
            None => builder.build(),
        }
    }

    /// Loads once, so that what is missing is said now and not by the first of many calls.
    async fn proven(&self, provider: impl ProvideCredentials + 'static) -> Result<SharedCredentialsProvider, Error> {
        match provider.provide_credentials().await {
            Ok(_) => Ok(SharedCredentialsProvider::new(provider)),
            Err(error) => Err(Error::from_credentials(self.profile, Box::new(error))),
        }
    }

    /// A metadata client that gives up quickly. It goes around proxies: the address is link-local.
    fn imds(&self) -> imds::Client {
        let config = ProviderConfig::default().with_http_client(Connectors::http().shared());
        imds::Client::builder()
            .configure(&config)
            .max_attempts(1)
            .connect_timeout(METADATA_TIMEOUT)
            .read_timeout(METADATA_TIMEOUT)
            .build()
    }
}

/// The account that the credentials belong to, by STS's GetCallerIdentity, which needs no permission.
pub(super) async fn account(config: &SdkConfig) -> Result<String, Error> {
    let identity = aws_sdk_sts::Client::new(config).get_caller_identity().send().await?;
    let account = identity.account.filter(|account| !account.is_empty());
    account.ok_or_else(|| Error::Response {
        action: "GetCallerIdentity".into(),
        status: None,
        source: "it names no account".into(),
    })
}
