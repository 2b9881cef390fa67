//! Debian's packages: which the project needs, which are there, and how the rest is asked for. Words only; `setup` acts.

/// A package and why it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
}

const fn package(name: &'static str, why: &'static str) -> Package {
    Package { name, why }
}

/// What a Debian 12 with a C compiler and a Rust toolchain lacks.
pub(crate) const WANTED: &[Package] = &[
    package("pkg-config", "finds fontconfig for the build"),
    package(
        "libfontconfig1-dev",
        "headers of fontconfig, which finds the screen's fonts",
    ),
    package(
        "libclang-dev",
        "reads the camera interface's C headers for the build",
    ),
    package(
        "libssl-dev",
        "libcrypto and its headers, with which SQLCipher encrypts the journal",
    ),
    package("fonts-noto-core", "the screens' letters"),
    package(
        "fonts-noto-cjk",
        "the screens' Japanese, Chinese and Korean letters",
    ),
    package(
        "fonts-ocr-b",
        "the letters of machine-readable zones in test pictures",
    ),
    package("libx11-6", "the window under X11"),
    package("libx11-xcb1", "the window under X11"),
    package("libxcursor1", "the window under X11"),
    package("libxi6", "touch and pointer under X11"),
    package("libxrandr2", "the window's scale under X11"),
    package("libxkbcommon-x11-0", "the keyboard under X11"),
    package("libwayland-client0", "the window under Wayland"),
    package(
        "libmodbus-dev",
        "a Modbus server that the gate's link is tested against",
    ),
    package(
        "strace",
        "cuts the journal's writer at each fsync, and fails its calls, under test",
    ),
    package("xvfb", "a display for tests on machines without one"),
    package("xdotool", "clicks in the window under test"),
    package(
        "python3",
        "fetches the face models, and runs pymodbus and Schemathesis, which gate and office are tested against",
    ),
    package(
        "python3-venv",
        "gives that fetching, and the tests that run pymodbus and Schemathesis, a pip of their own",
    ),
    package(
        "systemd",
        "systemd-analyze, which verifies the kiosk's unit in a test",
    ),
];

/// What two of the readers that ours are compared with need besides; see `peers`.
pub(crate) const PEERS: &[Package] = &[
    package(
        "tesseract-ocr",
        "reads zones for PassportEye, and by itself",
    ),
    package("libzbar0", "zbar, a reader of codes"),
];

/// The arguments of `dpkg-query` whose output [`missing`] reads.
pub(crate) fn query(wanted: &[Package]) -> Vec<&'static str> {
    let mut arguments = vec!["-W", "-f", "${Package} ${db:Status-Status}\n"];
    arguments.extend(wanted.iter().map(|package| package.name));
    arguments
}

/// Which of the wanted packages `dpkg-query` does not list as installed.
pub(crate) fn missing(wanted: &[Package], listed: &str) -> Vec<Package> {
    let installed = |name: &str| {
        listed
            .lines()
            .filter_map(|line| line.split_once(' '))
            .any(|(package, status)| package == name && status.trim() == "installed")
    };
    wanted
        .iter()
        .copied()
        .filter(|package| !installed(package.name))
        .collect()
}

/// Who runs `apt-get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    Root,
    /// sudo, which may ask for a password.
    Sudo,
    /// sudo without anybody to ask.
    SudoSilent,
}

/// Seconds to wait for another package run to end; an unattended upgrade after boot takes minutes.
const LOCK_SECONDS: &str = "DPkg::Lock::Timeout=600";

/// The command line, program first, that runs `apt-get` with `arguments` and asks nothing.
pub(crate) fn apt_get(hand: Hand, arguments: &[&str]) -> Vec<String> {
    let by: &[&str] = match hand {
        Hand::Root => &["env"],
        Hand::Sudo => &["sudo", "env"],
        Hand::SudoSilent => &["sudo", "-n", "env"],
    };
    let fixed = [
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-o",
        LOCK_SECONDS,
    ];
    by.iter()
        .chain(&fixed)
        .chain(arguments)
        .map(ToString::to_string)
        .collect()
}

/// The arguments of `apt-get` that install these packages and nothing that they merely recommend.
pub(crate) fn install(packages: &[Package]) -> Vec<&'static str> {
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages.iter().map(|package| package.name));
    arguments
}

/// The effective user's number in the text of `/proc/self/status` (proc(5): `Uid:` real, effective, saved, filesystem).
pub(crate) fn effective_user(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn all_but(left_out: &str) -> String {
        WANTED
            .iter()
            .filter(|package| package.name != left_out)
            .map(|package| format!("{} installed\n", package.name))
            .collect()
    }

    #[test]
    fn a_package_is_missing_unless_it_is_installed() {
        assert_eq!(missing(WANTED, &all_but("")), []);
        assert_eq!(missing(WANTED, "").len(), WANTED.len());
        let table = [
            "",
            "xvfb config-files\n",
            "xvfb not-installed\n",
            "xvfb half-configured\n",
            "xvfb-extra installed\n",
        ];
        for line in table {
            let names: Vec<_> = missing(WANTED, &(all_but("xvfb") + line))
                .iter()
                .map(|p| p.name)
                .collect();
            assert_eq!(names, ["xvfb"], "{line}");
        }
    }

    #[test]
    fn no_package_is_wanted_twice() {
        for (place, package) in WANTED.iter().enumerate() {
            assert!(
                WANTED[..place]
                    .iter()
                    .all(|before| before.name != package.name),
                "{}",
                package.name
            );
        }
    }

    #[test]
    fn installing_asks_nobody_and_waits_for_the_lock() {
        let command = apt_get(Hand::SudoSilent, &install(&WANTED[..1])).join(" ");
        assert_eq!(
            command,
            "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 \
             install -y --no-install-recommends pkg-config"
        );
        assert!(
            apt_get(Hand::Root, &["update"])
                .join(" ")
                .starts_with("env DEBIAN")
        );
    }

    #[test]
    fn the_effective_user_is_the_second_number() {
        let table = [
            ("Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n", Some(0)),
            ("Uid:\t1000\t1000\t1000\t1000\n", Some(1000)),
            ("Gid:\t0\t0\t0\t0\n", None),
            ("Uid:\t0\n", None),
        ];
        for (status, expected) in table {
            assert_eq!(effective_user(status), expected, "{status}");
        }
    }
}
