//! EC2's own description of its actions: botocore's service model, as `tests/setup.sh` installs it. It is not in this repository.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::{LazyLock, OnceLock};

use flate2::read::GzDecoder;
use serde::Deserialize;

/// The model of the EC2 API.
pub static MODEL: LazyLock<Model> = LazyLock::new(Model::load);

#[derive(Deserialize)]
pub struct Model {
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
struct Operation {
    input: Reference,
    output: Option<Reference>,
}

/// A shape as a member or an item names it, with what is said of it there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    shape: String,
    location_name: Option<String>,
    query_name: Option<String>,
}

/// What a value may be.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Shape {
    Structure(Structure),
    #[serde(rename_all = "camelCase")]
    List {
        member: Reference,
        location_name: Option<String>,
    },
    String {
        #[serde(rename = "enum", default)]
        values: Vec<String>,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

#[derive(Deserialize)]
pub struct Structure {
    members: BTreeMap<String, Reference>,
    #[serde(default)]
    required: BTreeSet<String>,
    /// The members with what they refer to, looked up once.
    #[serde(skip)]
    resolved: OnceLock<Vec<Member>>,
}

/// A member of a structure.
pub struct Member {
    /// Its name in a request.
    pub query: String,
    /// Its name in an answer.
    pub element: &'static str,
    pub required: bool,
    pub shape_name: &'static str,
    pub shape: &'static Shape,
}

impl Model {
    fn load() -> Self {
        let path = find();
        let mut text = String::new();
        let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        GzDecoder::new(file).read_to_string(&mut text).expect("the model is compressed text");
        serde_json::from_str(&text).expect("the model reads")
    }

    pub fn has(&self, action: &str) -> bool {
        self.operations.contains_key(action)
    }

    /// What an action takes.
    pub fn input(&self, action: &str) -> &Structure {
        self.structure(&self.operations[action].input)
    }

    /// What an action answers, `None` where that is nothing but success.
    pub fn output(&self, action: &str) -> Option<&Structure> {
        self.operations[action].output.as_ref().map(|output| self.structure(output))
    }

    fn structure(&self, reference: &Reference) -> &Structure {
        match &self.shapes[&reference.shape] {
            Shape::Structure(structure) => structure,
            _ => panic!("{} is no structure", reference.shape),
        }
    }

    pub fn shape(&self, reference: &Reference) -> &Shape {
        &self.shapes[&reference.shape]
    }

    pub fn members(&'static self, structure: &'static Structure) -> slice::Iter<'static, Member> {
        structure
            .resolved
            .get_or_init(|| structure.members.keys().map(|name| self.member(structure, name)).collect())
            .iter()
    }

    fn member(&'static self, structure: &'static Structure, name: &'static str) -> Member {
        let reference = &structure.members[name];
        let shape = self.shape(reference);
        let of_list = match shape {
            Shape::List { location_name, .. } => location_name.as_deref(),
            _ => None,
        };
        let element = reference.location_name.as_deref().or(of_list).unwrap_or(name);
        Member {
            query: reference.query_name.clone().unwrap_or_else(|| upper_first(element)),
            element,
            required: structure.required.contains(name),
            shape_name: &reference.shape,
            shape,
        }
    }
}

impl Reference {
    pub fn shape(&self) -> &str {
        &self.shape
    }

    /// The element of an item of a list.
    pub fn item(&self) -> &str {
        self.location_name.as_deref().unwrap_or("member")
    }
}

fn upper_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The model's file: under `BOTOCORE_DATA`, or in the virtualenv that `tests/setup.sh` made, be it on the `PATH` or not.
fn find() -> PathBuf {
    const MODEL: &str = "ec2/2016-11-15/service-2.json.gz";
    let data = env::var_os("BOTOCORE_DATA").map(PathBuf::from);
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|bin| bin.join("moto_server").exists() || bin.join("aws").exists());
    let environments = env::var_os("VPCRUN_TEST_ENV")
        .map(PathBuf::from)
        .into_iter()
        .chain(on_path.filter_map(|bin| bin.parent().map(Path::to_owned)))
        .chain([repository.join("target/test-env"), "/work/cache/ci-test-env".into()]); // as .ci/run keeps it
    let packages = environments.flat_map(|environment| {
        let versions = fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
        versions.map(|python| python.path().join("site-packages/botocore/data"))
    });
    data.into_iter().chain(packages).map(|data| data.join(MODEL)).find(|path| path.exists()).unwrap_or_else(|| {
        panic!(
            "botocore's model of EC2 is not found. `tests/run -p vpcrun-emulator` installs it and runs the tests; \
             after tests/setup.sh, plain cargo test finds it too. BOTOCORE_DATA names another botocore/data folder."
        )
    })
}
