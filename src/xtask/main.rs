//! The developer's commands: `cargo xtask test`, `cargo xtask demo` and their kin, set-up included.
//!
//! There is no dependency here, neither on another crate nor on a system library: this is what puts them there.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks on both"
)]

mod debian;
mod errand;
mod help;
mod lint;
mod order;
mod peers;
mod place;
mod setup;
mod tasks;

use std::{env, process::ExitCode};

use errand::Failure;
use order::Order;

fn main() -> ExitCode {
    match Order::read(env::args().skip(1)).map(perform) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(Failure::Exit(code))) => ExitCode::from(code),
        Ok(Err(Failure::Told(what))) => {
            eprintln!("xtask: {what}");
            ExitCode::FAILURE
        }
        Err(wrong) => {
            eprintln!("xtask: {wrong}");
            ExitCode::from(2)
        }
    }
}

fn perform(order: Order) -> Result<(), Failure> {
    match order {
        Order::Help(topic) => {
            print!("{}", topic.text());
            Ok(())
        }
        Order::Setup => setup::perform(),
        Order::Test(more) => tasks::test(&more),
        Order::Demo(more) => tasks::demo(&more),
        Order::Bench(more) => tasks::bench(&more),
        Order::Screens(into) => tasks::screens(into),
        Order::Pictures(more) => tasks::pictures(&more),
        Order::IssueCode(more) => tasks::issue_code(&more),
        Order::Lint(parts) => lint::perform(&parts),
    }
}
