//! Whether the files that the configuration names serve, today and for some time to come.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use evidence::Moment;
use sha2::{Digest as _, Sha256};
use vision::face::FaceReader;
use vision::mrz::MrzReader;

use super::Finding;
use crate::{Config, models as folders, provisions};

const DAY: i64 = 86_400;
/// Renewing a signing key takes an issuer weeks.
const SOON_DAYS: i64 = 30;

pub(super) fn policy(config: &Config, now: Moment) -> Finding {
    let policy = match provisions::policy(config) {
        Ok(policy) => policy,
        Err(complaint) => return Finding::complaint("policy", complaint),
    };
    let version = policy.version().as_str();
    if policy.allowances(now.date_at(config.offset)).is_none() {
        let says = format!(
            "version {version} has no allowance for today, so that every traveller is referred"
        );
        return Finding::fault("policy", says, "install the policy that is in force");
    }
    Finding::ok("policy", format!("version {version}"))
}

pub(super) fn lists(config: &Config, now: Moment) -> Finding {
    let lists = match provisions::lists(config) {
        Ok(lists) => lists,
        Err(complaint) => return Finding::complaint("lists", complaint),
    };
    let age = (now.date_at(config.offset) - lists.issued()).whole_days();
    let says = format!("version {}, {age} days old", lists.version().as_str());
    let most = provisions::policy(config).map_or(i64::MAX, |policy| {
        i64::from(policy.lists_greatest_age_days())
    });
    if age < 0 {
        let says = format!(
            "version {} was issued on {}, which is to come",
            lists.version().as_str(),
            lists.issued()
        );
        Finding::warning("lists", says, "check this computer's clock, and the lists")
    } else if age > most {
        let cure = format!(
            "install newer lists; the policy allows {most} days, and refers every traveller after that"
        );
        Finding::fault("lists", says, cure)
    } else if age + 1 >= most {
        Finding::warning(
            "lists",
            says,
            format!("install newer lists; the policy allows {most} days"),
        )
    } else {
        Finding::ok("lists", says)
    }
}

pub(super) fn issuers(config: &Config, now: Moment) -> Finding {
    let issuers = match provisions::issuers(config) {
        Ok(issuers) => issuers,
        Err(complaint) => return Finding::complaint("issuing keys", complaint),
    };
    let mut valid = 0;
    let mut ending = Vec::new();
    for issuer in issuers.iter() {
        let left = issuer.valid_to().unix_seconds() - now.unix_seconds();
        let named = format!("{} ({})", issuer.key_id(), issuer.name());
        if left < 0 {
            ending.push(format!("{named} has expired"));
        } else if issuer.valid_from() <= now {
            valid += 1;
            if left < SOON_DAYS * DAY {
                ending.push(format!("{named} expires in {} days", left / DAY));
            }
        }
    }
    let says = format!("{valid} of {} valid", issuers.iter().len());
    let cure = "get the issuer's next key into the list of issuers";
    if valid == 0 {
        Finding::fault("issuing keys", format!("{says}: no code can be read"), cure)
    } else if ending.is_empty() {
        Finding::ok("issuing keys", says)
    } else {
        Finding::warning(
            "issuing keys",
            format!("{says}; {}", ending.join(", ")),
            cure,
        )
    }
}

pub(super) fn roster(config: &Config) -> Finding {
    let roster = match provisions::roster(config) {
        Ok(roster) => roster,
        Err(complaint) => return Finding::complaint("roster", complaint),
    };
    let says = format!("{} may sign in", roster.officers().count());
    let open =
        fs::metadata(&config.roster).is_ok_and(|about| about.permissions().mode() & 0o004 != 0);
    if open {
        let cure = format!(
            "chmod o-r {}: a short PIN can be found from its hash",
            config.roster.display()
        );
        return Finding::warning(
            "roster",
            format!("{says}; everybody may read the PIN hashes"),
            cure,
        );
    }
    Finding::ok("roster", says)
}

pub(super) fn models(config: &Config) -> Finding {
    let folder = folders::folder(config.models.as_deref());
    if let Err(error) = FaceReader::load_from(&folders::of(config)) {
        return Finding::complaint("models", folders::complaint_of(config, &error));
    }
    if let Err(error) = MrzReader::new() {
        let cure = "install this release again";
        return Finding::fault("models", crate::chain(&error), cure);
    }
    let digests = ["face_detection.onnx", "face_recognition.onnx"].map(|file| {
        let bytes = fs::read(folder.join(file)).unwrap_or_default();
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{file} {digest}")
    });
    let says = format!("{}: {}", folder.display(), digests.join(", "));
    match &config.presentation {
        None => Finding::ok("models", says),
        Some(net) => Finding::warning(
            "models",
            format!(
                "{says}; and {}, which is for evaluation only",
                net.display()
            ),
            "leave `models.presentation` out of a lane that travellers use".to_owned(),
        ),
    }
}
