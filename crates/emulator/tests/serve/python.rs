//! The Python that has boto3: in `VPCRUN_TEST_ENV`, or where `tests/setup.sh` and the CI put it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a script; what it prints comes back.
pub fn run(script: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(python());
    // Nothing of this machine's AWS configuration counts.
    for name in
        ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS", "HTTP_PROXY", "http_proxy"]
    {
        command.env_remove(name);
    }
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let output = command.arg("-c").arg(script).args(arguments).output().expect("runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn python() -> PathBuf {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).filter(|bin| bin.join("moto_server").exists()).collect();
    let mut bins =
        std::env::var_os("VPCRUN_TEST_ENV").map(|env| PathBuf::from(env).join("bin")).into_iter().chain(on_path);
    let known = [repository.join("target/test-env/bin"), "/work/cache/ci-test-env/bin".into()]; // as .ci/run keeps it
    let python = bins.by_ref().chain(known).map(|bin| bin.join("python")).find(|python| python.exists());
    python.expect("boto3 is not found: `tests/run -p vpcrun-emulator` installs it and runs the tests")
}
