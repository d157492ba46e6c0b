//! Which EC2 a run talks to: the only place that puts the emulator under a session.

use std::cell::OnceCell;
use std::path::Path;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use vpcrun_ec2::session::check_region;
use vpcrun_ec2::{Error, Session};
use vpcrun_emulator::{Options, World, WorldError};

use crate::exit::Exit;
use crate::lua::Fault;
use crate::world::WorldChoice;

/// The region where nothing names one, on targets that have no configuration of their own: the tutorial's.
pub const DEFAULT_REGION: &str = "ap-northeast-1";

/// The target of a run, opened when its first session is.
pub struct TargetOptions {
    /// Which one.
    pub kind: TargetKind,
    /// `AWS_REGION` or `AWS_DEFAULT_REGION`, for the local target. The others read it themselves.
    pub configured_region: Option<String>,
    world: OnceCell<World>,
}

/// The three targets.
#[derive(Clone, Debug)]
pub enum TargetKind {
    /// The embedded EC2.
    Local(WorldChoice),
    /// AWS.
    Aws {
        /// The profile, if one is named.
        profile: Option<String>,
    },
    /// Another server of the EC2 API.
    Endpoint {
        /// Its URL.
        url: String,
        /// The profile, if one is named.
        profile: Option<String>,
    },
}

impl TargetOptions {
    /// A target that is not opened yet.
    #[must_use]
    pub fn new(kind: TargetKind, configured_region: Option<String>) -> Self {
        Self { kind, configured_region, world: OnceCell::new() }
    }

    /// The same target for another thread. An open world is shared.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            configured_region: self.configured_region.clone(),
            world: self.world.get().cloned().map_or_else(OnceCell::new, OnceCell::from),
        }
    }

    /// Whether resources there cost money.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        matches!(self.kind, TargetKind::Aws { .. })
    }

    /// A session in a region; without one, in the configured region or, where there is none and the target is not AWS,
    /// in [`DEFAULT_REGION`].
    ///
    /// # Errors
    /// When the world cannot be opened, or credentials or the region are missing.
    pub async fn session(&self, region: Option<&str>) -> Result<Session, Fault> {
        if let Some(region) = region {
            check_region(region).map_err(|error| Fault::ec2(None, &error))?;
        }
        match &self.kind {
            TargetKind::Local(choice) => {
                let region = region.or(self.configured_region.as_deref()).unwrap_or(DEFAULT_REGION);
                let client = SharedHttpClient::new(self.world(choice)?.connector());
                Ok(Session::local(client, &choice.to_string(), region))
            }
            TargetKind::Aws { profile } => {
                Session::aws(profile.as_deref(), region).await.map_err(|error| Fault::ec2(None, &error))
            }
            TargetKind::Endpoint { url, profile } => {
                let session = match Session::endpoint(url, profile.as_deref(), region).await {
                    Err(Error::NoRegion) => Session::endpoint(url, profile.as_deref(), Some(DEFAULT_REGION)).await,
                    session => session,
                };
                session.map_err(|error| Fault::ec2(None, &error))
            }
        }
    }

    fn world(&self, choice: &WorldChoice) -> Result<&World, Fault> {
        if let Some(world) = self.world.get() {
            return Ok(world);
        }
        let world = open(choice, Options::default())?;
        Ok(self.world.get_or_init(|| world))
    }
}

/// Opens a world, which is made when it is not there.
///
/// # Errors
/// When its file cannot be used.
pub fn open(choice: &WorldChoice, options: Options) -> Result<World, Fault> {
    let Some(path) = choice.path() else { return Ok(World::in_memory(options)) };
    if let Some(folder) = path.parent().filter(|_| choice.is_named()) {
        std::fs::create_dir_all(folder).map_err(|error| unusable(choice, &format!("{}: {error}", folder.display())))?;
    }
    World::open(path, options).map_err(|error| {
        let fault = unusable(choice, &reason(&error));
        match error {
            WorldError::OlderFormat { .. } | WorldError::Damaged { .. } => {
                fault.help(format!("`vpcrun world reset {choice}` makes it new; what is in it is lost"))
            }
            _ => fault,
        }
    })
}

/// Makes a world as new, also one that cannot be read.
///
/// # Errors
/// When its file cannot be used.
pub fn renew(path: &Path, choice: &WorldChoice) -> Result<(), Fault> {
    World::renew(path, Options::default()).map(drop).map_err(|error| unusable(choice, &reason(&error)))
}

fn unusable(choice: &WorldChoice, why: &str) -> Fault {
    let fault = Fault::new(Exit::Failed, format!("world {:?}: {why}", choice.to_string())).code("World");
    fault.help("choose another one with --world, or --world :memory: for none on disk")
}

fn reason(error: &WorldError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}
