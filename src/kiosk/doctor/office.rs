//! The office: whether it is reached, is who it says it is, has our editions and our time.

use std::time::{Duration, Instant};

use evidence::{Moment, declaration::CLOCK_TOLERANCE_SECONDS};
use reqwest::{Certificate, Response, header};
use risk::Edition;
use serde::Deserialize;
use time::PrimitiveDateTime;
use time::macros::format_description;
use zeroize::Zeroizing;

use super::Finding;
use crate::config::Office;
use crate::{Config, chain, provisions};

const WAIT: Duration = Duration::from_secs(5);
/// Beyond this a clock is not held by a time server.
const DRIFT_SECONDS: i64 = 5;

#[derive(Deserialize)]
struct Health {
    policy: String,
    lists: String,
}

pub(super) fn office(config: &Config, now: Moment) -> Finding {
    let Some(office) = &config.office else {
        return Finding::ok("office", "none: the lane decides alone");
    };
    // What the lane itself makes of the section.
    if let Err(complaint) = provisions::client(config) {
        return Finding::complaint("office", complaint);
    }
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(tokio) = tokio else {
        return Finding::fault(
            "office",
            "the system gives no threads",
            "end other programs",
        );
    };
    tokio.block_on(async {
        match ask(office).await {
            Ok((response, took)) => answered(config, office, now, response, took).await,
            Err(error) => unanswered(office, error.as_ref()),
        }
    })
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn ask(office: &Office) -> Result<(Response, Duration), Failure> {
    let authorities =
        provisions::authorities(&office.ca).map_err(|complaint| complaint.to_string())?;
    let mut http = reqwest::Client::builder()
        .tls_certs_only(Certificate::from_pem_bundle(&authorities)?)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(WAIT);
    if let Some((certificate, key)) = &office.identity {
        let mut pem = Zeroizing::new(std::fs::read(key)?);
        pem.extend_from_slice(&std::fs::read(certificate)?);
        http = http.identity(reqwest::Identity::from_pem(&pem)?);
    }
    let http = http.build()?;
    let mut base = office.url.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    let begun = Instant::now();
    let response = http.get(base.join("v1/health")?).send().await?;
    Ok((response, begun.elapsed()))
}

fn unanswered(office: &Office, error: &(dyn std::error::Error + 'static)) -> Finding {
    let says = format!(
        "{} does not answer: {}; the lane decides alone",
        office.url,
        chain(error)
    );
    if says.contains("certificate") {
        let cure = "compare `office.ca` with the authority that signed the office's certificate, and its name with `office.url`";
        Finding::fault("office", says, cure)
    } else {
        let cure = "check the network, `office.url` and the office's server; a firewall has to let the port through";
        Finding::warning("office", says, cure)
    }
}

async fn answered(
    config: &Config,
    office: &Office,
    now: Moment,
    response: Response,
    took: Duration,
) -> Finding {
    let says = format!("{} answers in {} ms", office.url, took.as_millis());
    let status = response.status();
    let theirs = response
        .headers()
        .get(header::DATE)
        .and_then(|date| moment(date.to_str().ok()?));
    let health = response.json::<Health>().await;
    let Ok(health) = health else {
        let cure = "see the office's own log, and whether `office.url` is the office";
        return Finding::fault(
            "office",
            format!("{says}, but it is not well: {status}"),
            cure,
        );
    };
    let skew = theirs.map_or(0, |theirs| now.unix_seconds() - theirs.unix_seconds());
    let says = format!("{says}; clocks differ by {} s", skew.abs());
    let cure = "set this computer's clock by a time server, and the office's";
    if skew.abs() > CLOCK_TOLERANCE_SECONDS {
        return Finding::fault("office", format!("{says}: good codes are refused"), cure);
    }
    if skew.abs() > DRIFT_SECONDS {
        return Finding::warning("office", says, cure);
    }
    if took > office.deadline {
        let cure = "look at the line: answers come too late to be used";
        return Finding::warning("office", says, cure);
    }
    if ours(config) != [Some(health.policy.clone()), Some(health.lists.clone())] {
        let says = format!(
            "{says}; it judges by policy {} and lists {}",
            health.policy, health.lists
        );
        let cure = "give office and lane the same files, so that they judge alike";
        return Finding::warning("office", says, cure);
    }
    Finding::ok("office", says)
}

/// The editions of policy and lists that the lane judges by: those that were fetched, else those that the configuration names.
fn ours(config: &Config) -> [Option<String>; 2] {
    let fetched = config
        .updates
        .as_ref()
        .and_then(|updates| Edition::load(&updates.folder.join("current")).ok());
    let (policy, lists) = match fetched {
        Some(edition) => (Some(edition.policy), Some(edition.lists)),
        None => (
            provisions::policy(config).ok(),
            provisions::lists(config).ok(),
        ),
    };
    [
        policy.map(|policy| policy.version().to_string()),
        lists.map(|lists| lists.version().to_string()),
    ]
}

/// The Date field of an answer (RFC 9110, 5.6.7: IMF-fixdate).
fn moment(date: &str) -> Option<Moment> {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let moment = PrimitiveDateTime::parse(date, form).ok()?.assume_utc();
    Some(Moment::new(moment.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_field_is_a_moment() {
        for (date, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(moment(date), seconds.map(Moment::new), "{date}");
        }
    }
}
