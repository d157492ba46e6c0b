//! Judges every request and every answer of the emulator by EC2's own model, which neither the emulator nor we wrote.

mod answer;
mod model;
mod request;
pub mod same;

use vpcrun_emulator::Response;

pub use answer::Element;
pub use model::{MODEL, Member, Shape, Structure};

use crate::coverage::action;

/// Judges what the emulator answered to a request.
#[track_caller]
pub fn judge(request: &str, response: &Response) {
    let faults = match response.status {
        200 => answer::judge(action(request), &response.body),
        _ => answer::judge_refusal(&response.body),
    };
    assert!(faults.is_empty(), "{request}\nis answered\n{}\n{}", response.body, faults.join("\n"));
}
