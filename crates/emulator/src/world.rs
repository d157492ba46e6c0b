//! A world: one emulated account, in memory or on disk, and the one way in, [`World::handle`].

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::action::{self, Context};
use crate::clock::{Clock, Timestamp, TransitionTimes};
use crate::error::Refusal;
use crate::family;
use crate::fault::{Faults, Injector, Verdict};
use crate::state::{Region, State};
use crate::store::{Store, WorldError};
use crate::wire::{Parameters, xml};

/// What a caller may choose about a world.
#[derive(Clone, Debug)]
pub struct Options {
    /// The account's 12-digit id.
    pub account_id: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// How long EC2 takes from one state to the next.
    pub transition_times: TransitionTimes,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Which images RunInstances knows.
    pub images: Images,
    /// Where a new world's ids come from: the same seed and the same calls give the same ids. `None` takes a random one.
    pub seed: Option<u64>,
    /// Whether the quotas of a fresh account hold: 5 VPCs, 5 Elastic IP addresses and so on. Off by default.
    pub quotas: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account_id: "000000000000".to_owned(),
            clock: Clock::System,
            transition_times: TransitionTimes::Instant,
            faults: Faults::default(),
            images: Images::Known,
            seed: None,
            quotas: false,
        }
    }
}

/// Which images RunInstances knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Images {
    /// Those of the catalogue, and those that were registered or copied.
    #[default]
    Known,
    /// Every well-formed AMI id.
    Any,
}

/// A request of the EC2 Query protocol.
#[derive(Clone, Debug)]
pub struct Request {
    /// The region that the request is for. (On the wire it stands in the signature's scope.)
    pub region: String,
    /// Form-encoded parameters, `Action` among them.
    pub body: String,
}

/// An answer of the EC2 Query protocol. Its `Debug` leaves the body out: it may hold a private key.
#[derive(Clone)]
pub struct Response {
    /// HTTP status: 200, or a refusal's.
    pub status: u16,
    /// The request id, which is also in the body.
    pub request_id: String,
    /// XML.
    pub body: String,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, request_id, body } = self;
        f.debug_struct("Response")
            .field("status", status)
            .field("request_id", request_id)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish()
    }
}

/// One emulated account. Clones are the same world.
#[derive(Clone)]
pub struct World(Arc<Shared>);

struct Shared {
    options: Options,
    /// `None`: no faults, and nothing to decide.
    injector: Option<Injector>,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    /// `None`: the world lives in memory and is gone with its last clone.
    store: Option<Store>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.lock();
        let path = inner.store.as_ref().map_or(Path::new(":memory:"), Store::path);
        f.debug_tuple("World").field(&path).finish()
    }
}

impl World {
    /// A new world that is gone with its last clone.
    #[must_use]
    pub fn in_memory(options: Options) -> Self {
        let mut state = State::default();
        state.account.seed = seed(&options);
        Self::new(options, Inner { state, store: None })
    }

    /// Opens the world in a file, and creates it where there is none.
    ///
    /// # Errors
    /// A file that is no world, is of another format, is damaged or cannot be written. The file is left as it is.
    pub fn open(path: &Path, options: Options) -> Result<Self, WorldError> {
        let (store, state) = Store::open(path, seed(&options))?;
        Ok(Self::new(options, Inner { state, store: Some(store) }))
    }

    fn new(options: Options, inner: Inner) -> Self {
        let injector = Injector::new(&options.faults);
        Self(Arc::new(Shared { options, injector, inner: Mutex::new(inner) }))
    }

    /// The account's id.
    pub(crate) fn account_id(&self) -> &str {
        &self.0.options.account_id
    }

    /// The world's file, or `:memory:`.
    pub(crate) fn name(&self) -> String {
        let inner = self.lock();
        inner.store.as_ref().map_or_else(|| ":memory:".to_owned(), |store| store.path().display().to_string())
    }

    /// Opens the world in a file as a new one, whatever it held: also where [`World::open`] cannot read it because its rows are damaged
    /// or an older version wrote them.
    ///
    /// # Errors
    /// A file that is no world, is of a newer format or cannot be written. The file is left as it is.
    pub fn renew(path: &Path, options: Options) -> Result<Self, WorldError> {
        let (store, state) = Store::renew(path, seed(&options))?;
        Ok(Self::new(options, Inner { state, store: Some(store) }))
    }

    /// Makes the world as new: no region has been used.
    ///
    /// # Errors
    /// The world's file cannot be written; the world is as it was.
    pub fn reset(&self) -> Result<(), WorldError> {
        let seed = seed(&self.0.options);
        let mut inner = self.lock();
        inner.state = match &mut inner.store {
            Some(store) => store.reset(seed)?,
            None => {
                let mut state = State::default();
                state.account.seed = seed;
                state
            }
        };
        if let Some(injector) = &self.0.injector {
            injector.reset();
        }
        Ok(())
    }

    /// Answers a request. A change is on disk before this returns. No reply gets lost here; see [`World::deliver`].
    #[must_use]
    pub fn handle(&self, request: &Request) -> Response {
        self.respond(request, self.draw())
    }

    /// Answers a request as a network does: `None` where the request was carried out and its reply got lost, which happens
    /// under [`Fault::LostReply`](crate::Fault::LostReply) only.
    #[must_use]
    pub fn deliver(&self, request: &Request) -> Option<Response> {
        let verdict = self.draw();
        let response = self.respond(request, verdict);
        (!verdict.reply_is_lost).then_some(response)
    }

    fn draw(&self) -> Verdict {
        self.0.injector.as_ref().map_or_else(Verdict::default, Injector::draw)
    }

    fn respond(&self, request: &Request, verdict: Verdict) -> Response {
        let request_id = request_id();
        match self.answer(request, &request_id, verdict) {
            Ok(body) => Response { status: 200, request_id, body },
            Err(refusal) => {
                tracing::debug!(code = %refusal.code, message = %refusal.message, "refused");
                Response { status: refusal.status, body: xml::refusal(&refusal, &request_id), request_id }
            }
        }
    }

    fn answer(&self, request: &Request, request_id: &str, verdict: Verdict) -> Result<String, Refusal> {
        let mut parameters = Parameters::parse(&request.body)?;
        let missing = || Refusal::new("MissingAction", "The request must contain the parameter Action".to_owned());
        let name = parameters.take("Action").ok_or_else(missing)?;
        parameters.take("Version");
        let (name, run) = action::find(&name).ok_or_else(|| {
            Refusal::new("InvalidAction", format!("The action {name} is not valid for this web service."))
        })?;
        if !family::zone::is_region(&request.region) {
            let message = "AWS was not able to validate the provided access credentials".to_owned();
            return Err(Refusal { status: 401, ..Refusal::new("AuthFailure", message) });
        }
        let now = self.0.options.clock.now();
        if let Some(injector) = &self.0.injector {
            injector.admit(verdict, &request.region, name, &parameters, now)?;
        }
        let dry_run = if action::has_dry_run(name) { parameters.take("DryRun") } else { None };
        let dry_run = match dry_run.as_deref() {
            None | Some("false" | "") => false,
            Some("true") => true,
            Some(other) => {
                return Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for dryRun.")));
            }
        };
        let has_token = parameters.has("ClientToken");
        let fingerprint = if has_token { parameters.fingerprint_but("ClientToken") } else { String::new() };
        let work = Work { name, run, parameters, dry_run, fingerprint, request_id, region: &request.region, now };
        self.carry_out(work)
    }

    fn carry_out(&self, work: Work<'_>) -> Result<String, Refusal> {
        let options = &self.0.options;
        let mut inner = self.lock();
        let Inner { state, store } = &mut *inner;
        if let Some(store) = store {
            store.refresh(state)?;
        }
        // The first request for a region makes its default VPC, whatever the action.
        if action::is_read_only(work.name) && state.regions.contains_key(work.region) {
            // Reads work on a copy, beside each other and beside writers.
            let mut state = state.clone();
            drop(inner);
            return work.carry_out(&mut state, options).map(|done| done.answer);
        }
        let injector = self.0.injector.as_ref();
        let commit = |before: &State| -> Result<_, Refusal> {
            let mut after = before.clone();
            let (region, now) = (work.region, work.now);
            let Done { answer, before: known, after: made } = work.carry_out(&mut after, options)?;
            if let Some(injector) = injector.filter(|injector| injector.hides()) {
                injector.hide(region, made.created_since(&known), now);
            }
            after.regions.insert(region.to_owned(), made);
            Ok((answer, after))
        };
        match store {
            None => {
                let (answer, after) = commit(state)?;
                *state = after;
                Ok(answer)
            }
            Some(store) => store.transact(state, |before| {
                let (answer, after) = commit(before)?;
                let changes = after.changes_since(before);
                let changes =
                    changes.map_err(|error| Refusal::internal(format!("a change cannot be written: {error}")))?;
                Ok((answer, after, changes))
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in an action cannot have left a half-made change: actions work on a clone of the state.
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        let mut message = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            message = format!("{message}: {source}");
        }
        Self::internal(message)
    }
}

struct Work<'a> {
    name: &'static str,
    run: action::Run,
    parameters: Parameters,
    dry_run: bool,
    fingerprint: String,
    request_id: &'a str,
    region: &'a str,
    now: Timestamp,
}

/// What came of a request: the answer, and its region before and after.
struct Done {
    answer: String,
    before: Region,
    after: Region,
}

impl Work<'_> {
    fn carry_out(self, state: &mut State, options: &Options) -> Result<Done, Refusal> {
        let known = state.regions.get(self.region).cloned();
        let is_new = known.is_none();
        let mut cx = Context {
            region: known.unwrap_or_default(),
            region_name: self.region,
            action: self.name,
            state,
            now: self.now,
            options,
            fingerprint: self.fingerprint,
            request_id: self.request_id,
        };
        if is_new {
            family::vpc::create_default_vpc(&mut cx);
        }
        family::prefix_list::create_aws_managed(&mut cx);
        family::settle(&mut cx);
        let before = cx.region.clone();
        let answer = (self.run)(self.name, self.parameters, self.dry_run, &mut cx)?;
        let after = cx.region;
        Ok(Done { answer, before, after })
    }
}

fn seed(options: &Options) -> u64 {
    options.seed.unwrap_or_else(random)
}

/// 64 random bits. The standard library seeds each `RandomState` from the operating system.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

/// A version 4 UUID, as EC2 writes its request ids.
pub(crate) fn request_id() -> String {
    let (a, b) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | ((b >> 48) & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}
