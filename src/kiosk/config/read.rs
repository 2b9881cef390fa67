//! Which keys there are, what they may be, and what they are when they are left out.

use std::path::Path;
use std::time::Duration;

use camera::{Exposure, Focus, Format, Tuning};
use evidence::{Likeness, UtcOffset};
use gate::{Parity, SerialPort};
use journal::Retention;
use journey::{Language, OnTailgating, Rules};
use risk::{LaneName, Url};
use runtime::Timings;
use toml::de::DeValue;
use ui::{Contrast, Motion, Settings, Signs, Size, Way};

use super::keys::{Complaint, Document, Section, duration, integer, text};
use super::{Camera, Config, Log, LogFormat, Map, Office, Source, Updates};

const DEVICE: &str = "a device such as \"/dev/sekisho-gate\"";
const FOCUS: &str = "\"as-it-is\", \"automatic\", or the position of a fixed focus, a whole number in the camera's own unit";
const FILE: &str = "the path of a file; a relative one starts at this configuration's folder";

pub(super) fn config(toml: &str, file: &Path) -> Result<Config, Vec<Complaint>> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let path = |value: &DeValue<'_>| text(value).map(|path| folder.join(path));
    Document::read(toml, |top| {
        // Every section is read before the first one that is wrong ends it.
        let lane = top.section("lane", lane);
        let sign = lane.as_ref().map_or("1", |(name, ..)| name.as_str());
        let timings = top.section("timings", timings);
        let screen = top.section("screen", |keys| screen(keys, sign));
        let cameras = top.section("cameras", |keys| cameras(keys, folder));
        let gate = top.section("gate", |keys| gate(keys, folder));
        let office = match top.has("office") {
            true => top.section("office", |keys| office(keys, folder)).map(Some),
            false => top.section("office", |_| Some(None)),
        };
        let (policy, lists) = top.section("risk", |keys| {
            (
                keys.needed("policy", FILE, path),
                keys.needed("lists", FILE, path),
            )
        });
        let issuers = top.section("evidence", |keys| keys.needed("issuers", FILE, path));
        let roster = top.section("officers", |keys| keys.needed("roster", FILE, path));
        let updates = match top.has("updates") {
            true => top
                .section("updates", |keys| updates(keys, folder))
                .map(Some),
            false => top.section("updates", |_| Some(None)),
        };
        let (journal, journal_key, lane_key, retention) = top.section("journal", |keys| {
            (
                keys.needed("path", FILE, path),
                keys.optional("key", FILE, path),
                keys.optional("lane_key", FILE, path),
                retention(keys),
            )
        });
        let models = top.section("models", |keys| {
            let folder = keys.optional("folder", "the path of a folder", path);
            let presentation = keys.optional("presentation", FILE, path);
            Some((folder?, presentation?))
        });
        let language = lane
            .as_ref()
            .map_or(Language::default(), |(.., language)| *language);
        let rules = top.section("rules", |keys| rules(keys, language));
        let log = top.section("log", log);
        let (lane, offset, _) = lane?;
        let timings = timings?;
        let models = models?;
        let (documents, face) = cameras?;
        let (port, map) = gate?;
        Some(Config {
            file: file.to_owned(),
            lane,
            offset,
            screen: Settings {
                reading_time: timings.reviewing,
                ..screen?
            },
            documents,
            face,
            port,
            map,
            office: office?,
            updates: updates?,
            policy: policy?,
            lists: lists?,
            issuers: issuers?,
            roster: roster?,
            journal: journal?,
            journal_key: journal_key?,
            lane_key: lane_key?,
            retention: retention?,
            models: models.0,
            presentation: models.1,
            rules: rules?,
            timings,
            log: log?,
        })
    })
}

fn lane(keys: &mut Section<'_, '_>) -> Option<(LaneName, UtcOffset, Language)> {
    let want = "a name such as \"lane-3\": 1 to 32 of A-Z, a-z, 0-9, '.', '_' and '-'";
    let name = keys.needed("name", want, |value| LaneName::parse(value.as_str()?));
    let japan = UtcOffset::from_hms(9, 0, 0).unwrap_or(UtcOffset::UTC);
    let offset = keys.or(
        "offset",
        japan,
        "hours and minutes such as \"+09:00\"",
        offset,
    );
    let words = Language::ALL.map(|language| (language.tag(), language));
    let language = keys.word("language", Language::Japanese, &words);
    Some((name?, offset?, language?))
}

fn offset(value: &DeValue<'_>) -> Option<UtcOffset> {
    let text = value.as_str()?;
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let digits = |text: &str| (text.len() == 2).then(|| text.parse::<i8>().ok()).flatten();
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    // Offsets in use reach from -12:00 to +14:00.
    let real = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    real.then(|| UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok())?
}

fn screen(keys: &mut Section<'_, '_>, lane: &str) -> Option<Settings> {
    let want = "\"fullscreen\", or a size in pixels such as \"1080x1920\"";
    let size = keys.or("size", None, want, |value| {
        let text = value.as_str()?;
        if text == "fullscreen" {
            return Some(None);
        }
        let (width, height) = text.split_once('x')?;
        let side = |text: &str| {
            text.parse()
                .ok()
                .filter(|side| (200..=16_384).contains(side))
        };
        Some(Some(Size {
            width: side(width)?,
            height: side(height)?,
        }))
    });
    let contrast = keys.word(
        "contrast",
        Contrast::Normal,
        &[("normal", Contrast::Normal), ("high", Contrast::High)],
    );
    let motion = keys.word(
        "motion",
        Motion::Full,
        &[("full", Motion::Full), ("reduced", Motion::Reduced)],
    );
    let signs = keys.section("signs", |keys| signs(keys, lane));
    Some(Settings {
        size: size?,
        contrast: contrast?,
        motion: motion?,
        signs: signs?,
        ..Settings::default()
    })
}

fn signs(keys: &mut Section<'_, '_>, lane: &str) -> Option<Signs> {
    let mark = "what stands on the sign in the hall, 1 to 12 characters, such as \"3\" or \"B\"";
    let read = |value: &DeValue<'_>| text(value).filter(|text| text.chars().count() <= 12);
    // "lane-3" is what computers call it; travellers look for a 3.
    let short = lane.rsplit(['-', '_', '.']).next().unwrap_or(lane);
    let default = Signs::default();
    let lane = keys.or("lane", short.chars().take(12).collect(), mark, read);
    let desk = keys.or("desk", default.desk, mark, read);
    let next_lane = keys.optional("next_lane", mark, read);
    let ways = [
        ("left", Way::Left),
        ("right", Way::Right),
        ("ahead", Way::Ahead),
        ("back", Way::Back),
    ];
    let desk_way = keys.word("desk_way", default.desk_way, &ways);
    let next_lane_way = keys.word("next_lane_way", default.next_lane_way, &ways);
    let exit_way = keys.word("exit_way", default.exit_way, &ways);
    Some(Signs {
        lane: lane?,
        desk: desk?,
        desk_way: desk_way?,
        next_lane: next_lane?,
        next_lane_way: next_lane_way?,
        exit_way: exit_way?,
    })
}

fn cameras(keys: &mut Section<'_, '_>, folder: &Path) -> Option<(Camera, Option<Camera>)> {
    let documents = keys.section("documents", |keys| camera(keys, folder));
    let face = match keys.has("face") {
        true => keys.section("face", |keys| camera(keys, folder)).map(Some),
        false => keys.section("face", |_| Some(None)),
    };
    let documents = documents?;
    // A device is opened once: two sections that name the same one mean one camera for both.
    let face = face?.filter(|face| face.source != documents.source);
    Some((documents, face))
}

fn camera(keys: &mut Section<'_, '_>, folder: &Path) -> Option<Camera> {
    let want = "\"v4l2:/dev/NAME\" for a camera, or \"pictures:PATH\" for a folder of pictures or one picture";
    let source = keys.needed("source", want, |value| {
        let (kind, path) = value.as_str()?.split_once(':')?;
        let path = (!path.is_empty()).then(|| folder.join(path))?;
        match kind {
            "v4l2" => Some(Source::V4l2(path)),
            "pictures" => Some(Source::Pictures(path)),
            _ => None,
        }
    });
    let width = keys.number("width", 1280, 160..=7680);
    let height = keys.number("height", 720, 120..=4320);
    let fps = keys.number("fps", 30, 1..=240);
    let exposure = keys.word(
        "exposure",
        Exposure::default(),
        &[
            ("automatic", Exposure::Automatic),
            ("for-screens", Exposure::ForScreens),
        ],
    );
    let focus = keys.or("focus", Focus::default(), FOCUS, |value| {
        match value.as_str() {
            Some("as-it-is") => Some(Focus::AsItIs),
            Some("automatic") => Some(Focus::Automatic),
            Some(_) => None,
            None => Some(Focus::Fixed(u16::try_from(integer(value)?).ok()?)),
        }
    });
    Some(Camera {
        source: source?,
        format: Format {
            width: width?,
            height: height?,
            fps: fps?,
        },
        tuning: Tuning {
            exposure: exposure?,
            focus: focus?,
        },
    })
}

fn gate(keys: &mut Section<'_, '_>, folder: &Path) -> Option<(SerialPort, Map)> {
    let path = keys.needed("port", DEVICE, |value| {
        Some(folder.join(text(value)?).to_string_lossy().into_owned())
    });
    let baud = keys.number("baud", 19_200, 1_200..=921_600);
    let parities = [
        ("even", Parity::Even),
        ("none", Parity::None),
        ("odd", Parity::Odd),
    ];
    let parity = keys.word("parity", Parity::Even, &parities);
    let want = "\"controller\", \"relay-box\", or the path of a register map";
    let map = keys.or("map", Map::Controller, want, |value| {
        Some(match text(value)?.as_str() {
            "controller" => Map::Controller,
            "relay-box" => Map::RelayBox,
            path => Map::File(folder.join(path)),
        })
    });
    let port = SerialPort {
        path: path?,
        baud: baud?,
        parity: parity?,
    };
    Some((port, map?))
}

fn office(keys: &mut Section<'_, '_>, folder: &Path) -> Option<Office> {
    let want = "an https address such as \"https://office.example:8443/\"";
    let url = keys.needed("url", want, |value| {
        Url::parse(value.as_str()?)
            .ok()
            .filter(|url| url.scheme() == "https" && url.has_host())
    });
    let ca = keys.needed("ca", FILE, |value| {
        text(value).map(|path| folder.join(path))
    });
    let default = u64::try_from(risk::DEADLINE.as_millis()).unwrap_or(1_500);
    let deadline = keys.number("deadline_ms", default, 100..=10_000);
    let path = |value: &DeValue<'_>| text(value).map(|path| folder.join(path));
    let certificate = keys.optional("certificate", FILE, path);
    // One without the other serves nobody.
    let certificate_key = match keys.has("certificate") {
        true => keys.needed("certificate_key", FILE, path).map(Some),
        false => keys.optional("certificate_key", FILE, path),
    };
    Some(Office {
        url: url?,
        ca: ca?,
        deadline: Duration::from_millis(deadline?),
        identity: certificate?.zip(certificate_key?),
    })
}

fn updates(keys: &mut Section<'_, '_>, folder: &Path) -> Option<Updates> {
    let path = |value: &DeValue<'_>| text(value).map(|path| folder.join(path));
    let root = keys.needed("root", FILE, path);
    let want =
        "an https address that ends with a stroke, such as \"https://office.example:8443/v1/tuf/\"";
    let repository = keys.optional("repository", want, |value| {
        Url::parse(value.as_str()?)
            .ok()
            .filter(|url| url.scheme() == "https" && url.has_host() && url.path().ends_with('/'))
    });
    let want = "a time with its unit, such as \"5 min\"";
    let every = keys.or("every", Duration::from_secs(300), want, duration);
    let own = keys.needed("folder", "the path of a folder", path);
    Some(Updates {
        root: root?,
        repository: repository?,
        every: every?,
        folder: own?,
    })
}

fn retention(keys: &mut Section<'_, '_>) -> Option<Retention> {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let travellers = keys.number("travellers_days", 90_u64, 1..=36_500);
    let officers = keys.number("officers_days", 1_826_u64, 1..=36_500);
    Some(Retention {
        travellers: Some(days(travellers?)),
        officers: Some(days(officers?)),
    })
}

fn rules(keys: &mut Section<'_, '_>, language: Language) -> Option<Rules> {
    let alike_from = keys.number("alike_from", vision::face::STRICT_THRESHOLD, 1..=1_000);
    let face_tries = keys.number("face_tries", 3, 1..=10);
    let face_from_age = keys.number("face_from_age", 6, 0..=120);
    let tailgating = keys.word(
        "tailgating",
        OnTailgating::LetThrough,
        &[
            ("let-through", OnTailgating::LetThrough),
            ("close", OnTailgating::Close),
        ],
    );
    Some(Rules {
        alike_from: Likeness::new(alike_from?)?,
        face_tries: face_tries?,
        face_from_age: face_from_age?,
        tailgating: tailgating?,
        language,
    })
}

fn timings(keys: &mut Section<'_, '_>) -> Option<Timings> {
    let mut timings = Timings::default();
    let mut right = true;
    let waits: [(&'static str, &mut Duration); 12] = [
        ("gathering", &mut timings.gathering),
        ("reviewing", &mut timings.reviewing),
        ("facing", &mut timings.facing),
        ("verdict", &mut timings.verdict),
        ("gate_opens", &mut timings.gate_opens),
        ("passage", &mut timings.passage),
        ("gate_closes", &mut timings.gate_closes),
        ("alarm", &mut timings.alarm),
        ("journal_retry", &mut timings.journal_retry),
        ("panel_idle", &mut timings.panel_idle),
        ("stop", &mut timings.stop),
        ("alive", &mut timings.alive),
    ];
    for (key, wait) in waits {
        match keys.or(
            key,
            *wait,
            "a time with its unit, such as \"20 s\", \"1500 ms\" or \"2 min\"",
            duration,
        ) {
            Some(length) => *wait = length,
            None => right = false,
        }
    }
    timings.nearing_percent = keys.number("nearing_percent", timings.nearing_percent, 1..=100)?;
    right.then_some(timings)
}

fn log(keys: &mut Section<'_, '_>) -> Option<Log> {
    let formats = [("json", LogFormat::Json), ("text", LogFormat::Text)];
    let format = keys.word("format", LogFormat::Json, &formats);
    let want = "error, warn, info, debug or trace, for all or by module: \"info,gate=debug\"";
    let filter = keys.or("filter", "info".to_owned(), want, |value| {
        text(value).filter(|text| text.parse::<tracing_subscriber::filter::Targets>().is_ok())
    });
    Some(Log {
        format: format?,
        filter: filter?,
    })
}
