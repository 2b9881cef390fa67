//! The lane on a desk, as a program: plays the demonstration, issues codes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use dock::{demo, issue};

/// The lane on a desk: the real runtime with pretend devices.
#[derive(Parser)]
#[command(name = "dock", version)]
struct Arguments {
    #[command(subcommand)]
    order: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Play the demonstration: six scenarios, each with an ending that it promises.
    Demo(demo::Play),
    /// Make a signed declaration code from a small TOML file.
    IssueCode(issue::Issue),
}

#[expect(clippy::print_stderr, reason = "an error's place is there")]
fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error")),
        )
        .with_writer(std::io::stderr)
        .init();
    let outcome = match Arguments::parse().order {
        Order::Demo(play) => demo::play(&play),
        Order::IssueCode(order) => issue::issue(&order).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("dock: {error:#}");
            ExitCode::from(2)
        }
    }
}
