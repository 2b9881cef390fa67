//! What the command line asks for.

use std::path::PathBuf;

use crate::help::Topic;

/// One command, read from its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Help(Topic),
    Setup,
    /// With what is handed on to the test runner.
    Test(Vec<String>),
    /// With what is handed on to the dock.
    Demo(Vec<String>),
    /// With what is handed on to the bench.
    Bench(Vec<String>),
    /// With the folder that the pictures go to, if one was named.
    Screens(Option<PathBuf>),
    /// With what is handed on to the program that draws them.
    Pictures(Vec<String>),
    /// With what is handed on to the dock.
    IssueCode(Vec<String>),
    Lint(Vec<Part>),
}

/// A part of `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Fmt,
    Clippy,
    Deny,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Fmt, Self::Clippy, Self::Deny];

    fn named(word: &str) -> Option<Self> {
        match word {
            "fmt" => Some(Self::Fmt),
            "clippy" => Some(Self::Clippy),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

impl Order {
    /// Reads the arguments after the program's name; the error is for the person who typed them.
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let Some(command) = arguments.next() else {
            return Ok(Self::Help(Topic::Overview));
        };
        let rest: Vec<String> = arguments.collect();
        if matches!(command.as_str(), "help" | "--help" | "-h") {
            return match rest.first() {
                None => Ok(Self::Help(Topic::Overview)),
                Some(about) => Topic::named(about)
                    .map(Self::Help)
                    .ok_or_else(|| unknown(about)),
            };
        }
        let topic = Topic::named(&command).ok_or_else(|| unknown(&command))?;
        // After `--` a `--help` belongs to the program that is handed the arguments.
        let ours = rest.iter().take_while(|word| *word != "--");
        if ours
            .into_iter()
            .any(|word| word == "--help" || word == "-h")
        {
            return Ok(Self::Help(topic));
        }
        match topic {
            Topic::Overview => Ok(Self::Help(topic)),
            Topic::Setup => none(&command, &rest).map(|()| Self::Setup),
            Topic::Test => Ok(Self::Test(rest)),
            Topic::Demo => Ok(Self::Demo(rest)),
            Topic::Bench => Ok(Self::Bench(rest)),
            Topic::Screens => screens(&rest),
            Topic::Pictures if rest.is_empty() => {
                Err("pictures needs a folder: --into DIR; cargo xtask pictures --help".into())
            }
            Topic::Pictures => Ok(Self::Pictures(rest)),
            Topic::IssueCode if rest.is_empty() => {
                Err("issue-code needs a TOML file that describes the declaration; cargo xtask issue-code --help".into())
            }
            Topic::IssueCode => Ok(Self::IssueCode(rest)),
            Topic::Lint => lint(&rest),
        }
    }
}

fn unknown(command: &str) -> String {
    format!("there is no command '{command}'; cargo xtask --help lists them")
}

fn none(command: &str, rest: &[String]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(format!(
            "{command} takes no '{word}'; cargo xtask {command} --help"
        )),
    }
}

fn screens(rest: &[String]) -> Result<Order, String> {
    match rest {
        [] => Ok(Order::Screens(None)),
        [flag, folder] if flag == "--into" => Ok(Order::Screens(Some(folder.into()))),
        [flag] if flag == "--into" => Err("--into needs a folder".into()),
        [flag] if flag.starts_with("--into=") => {
            Ok(Order::Screens(Some(flag["--into=".len()..].into())))
        }
        _ => Err(format!(
            "screens takes --into DIR, not '{}'",
            rest.join(" ")
        )),
    }
}

fn lint(rest: &[String]) -> Result<Order, String> {
    if rest.is_empty() {
        return Ok(Order::Lint(Part::ALL.into()));
    }
    let named = rest
        .iter()
        .map(|word| {
            Part::named(word).ok_or_else(|| {
                format!("lint has no part '{word}'; its parts are fmt, clippy, deny")
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Order::Lint(
        Part::ALL
            .into_iter()
            .filter(|part| named.contains(part))
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn read(line: &str) -> Result<Order, String> {
        Order::read(line.split_whitespace().map(String::from))
    }

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn commands_are_read_with_what_they_hand_on() {
        let table = [
            ("", Order::Help(Topic::Overview)),
            ("--help", Order::Help(Topic::Overview)),
            ("help demo", Order::Help(Topic::Demo)),
            ("demo --help", Order::Help(Topic::Demo)),
            ("test -h", Order::Help(Topic::Test)),
            ("bench -- --help", Order::Bench(words("-- --help"))),
            ("setup", Order::Setup),
            ("test", Order::Test(vec![])),
            (
                "test -E package(gate)",
                Order::Test(words("-E package(gate)")),
            ),
            (
                "demo --scenario clear --headless",
                Order::Demo(words("--scenario clear --headless")),
            ),
            ("bench readers", Order::Bench(words("readers"))),
            ("screens", Order::Screens(None)),
            ("screens --into there", Order::Screens(Some("there".into()))),
            ("screens --into=there", Order::Screens(Some("there".into()))),
            (
                "pictures --into there --kind face",
                Order::Pictures(words("--into there --kind face")),
            ),
            (
                "issue-code trip.toml --out c.png",
                Order::IssueCode(words("trip.toml --out c.png")),
            ),
            ("lint", Order::Lint(Part::ALL.into())),
            ("lint deny fmt", Order::Lint(vec![Part::Fmt, Part::Deny])),
        ];
        for (line, expected) in table {
            assert_eq!(read(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let table = [
            ("tset", "'tset'"),
            ("help tset", "'tset'"),
            ("setup now", "'now'"),
            ("screens there", "'there'"),
            ("screens --into", "needs a folder"),
            ("lint fnt", "'fnt'"),
            ("issue-code", "TOML"),
            ("pictures", "--into DIR"),
        ];
        for (line, expected) in table {
            let said = read(line).unwrap_err();
            assert!(said.contains(expected), "{line}: {said}");
        }
    }
}
