use super::*;

#[test]
fn a_wrong_key_is_named_with_its_line_and_its_cure() {
    for (from, to, key, trouble, cure) in [
        (
            "baud = 19_200",
            "bauds = 19_200",
            "gate.bauds",
            "is no key",
            "did you mean `baud`?",
        ),
        (
            "[journal]",
            "[jurnal]",
            "jurnal",
            "is no key",
            "did you mean `journal`?",
        ),
        (
            "contrast =",
            "colour =",
            "screen.colour",
            "is no key",
            "take it out; known here are size, contrast",
        ),
        (
            "fps = 30",
            "frames_a_second = 30",
            "cameras.documents.frames_a_second",
            "is no key",
            "known here are source",
        ),
        (
            "exposure = \"for-screens\"",
            "exposure = \"bright\"",
            "cameras.documents.exposure",
            "is \"bright\"",
            "one of \"automatic\", \"for-screens\"",
        ),
        (
            "focus = \"as-it-is\"",
            "focus = -3",
            "cameras.documents.focus",
            "is -3",
            "the position of a fixed focus",
        ),
        (
            "baud = 19_200",
            "baud = \"fast\"",
            "gate.baud",
            "is \"fast\"",
            "write a whole number from 1200 to 921600",
        ),
        (
            "baud = 19_200",
            "baud = 19200.5",
            "gate.baud",
            "is 19200.5",
            "whole number",
        ),
        (
            "baud = 19_200",
            "baud = 300",
            "gate.baud",
            "is 300",
            "whole number from 1200",
        ),
        (
            "parity = \"even\"",
            "parity = \"mark\"",
            "gate.parity",
            "is \"mark\"",
            "one of \"even\", \"none\", \"odd\"",
        ),
        (
            "port = \"/dev/sekisho-gate\"",
            "port = 3",
            "gate.port",
            "is 3",
            "a device such as",
        ),
        (
            "map = \"controller\"",
            "map = \"\"",
            "gate.map",
            "is \"\"",
            "\"controller\", \"relay-box\"",
        ),
        (
            "\"+09:00\"",
            "\"9\"",
            "lane.offset",
            "is \"9\"",
            "\"+09:00\"",
        ),
        (
            "\"+09:00\"",
            "\"+15:00\"",
            "lane.offset",
            "is \"+15:00\"",
            "\"+09:00\"",
        ),
        (
            "\"+09:00\"",
            "\"Asia/Tokyo\"",
            "lane.offset",
            "is \"Asia/Tokyo\"",
            "\"+09:00\"",
        ),
        (
            "language = \"ja\"",
            "language = \"jp\"",
            "lane.language",
            "is \"jp\"",
            "one of \"ja\", \"en\"",
        ),
        (
            "name = \"lane-3\"",
            "name = \"Lane 3\"",
            "lane.name",
            "is \"Lane 3\"",
            "1 to 32",
        ),
        (
            "size = \"fullscreen\"",
            "size = \"1080\"",
            "screen.size",
            "is \"1080\"",
            "1080x1920",
        ),
        (
            "desk = \"1\"",
            "desk = \"the desk behind the pillar\"",
            "screen.signs.desk",
            "is \"the desk",
            "1 to 12",
        ),
        (
            "desk_way = \"right\"",
            "desk_way = \"up\"",
            "screen.signs.desk_way",
            "is \"up\"",
            "\"ahead\"",
        ),
        (
            "\"v4l2:/dev/sekisho-face\"",
            "\"/dev/video0\"",
            "cameras.face.source",
            "is \"/dev/video0\"",
            "v4l2:",
        ),
        (
            "\"v4l2:/dev/sekisho-face\"",
            "\"usb:1\"",
            "cameras.face.source",
            "is \"usb:1\"",
            "pictures:",
        ),
        ("[gate]", "[[gate]]", "gate", "is ", "a section of keys"),
        (
            "https:",
            "http:",
            "office.url",
            "is \"http://office.example:8443/\"",
            "https address",
        ),
        (
            "deadline_ms = 1_500",
            "deadline_ms = 0",
            "office.deadline_ms",
            "is 0",
            "100 to 10000",
        ),
        (
            "alike_from = 460",
            "alike_from = 0.46",
            "rules.alike_from",
            "is 0.46",
            "1 to 1000",
        ),
        (
            "gathering = \"60 s\"",
            "gathering = 60",
            "timings.gathering",
            "is 60",
            "with its unit",
        ),
        (
            "gathering = \"60 s\"",
            "gathering = \"60 h\"",
            "timings.gathering",
            "is \"60 h\"",
            "with its unit",
        ),
        (
            "gathering = \"60 s\"",
            "gathering = \"0 s\"",
            "timings.gathering",
            "is \"0 s\"",
            "with its unit",
        ),
        (
            "gathering = \"60 s\"",
            "gatering = \"60 s\"",
            "timings.gatering",
            "is no key",
            "did you mean `gathering`?",
        ),
        (
            "nearing_percent = 65",
            "nearing_percent = 0",
            "timings.nearing_percent",
            "is 0",
            "1 to 100",
        ),
        (
            "format = \"json\"",
            "format = \"xml\"",
            "log.format",
            "is \"xml\"",
            "one of \"json\", \"text\"",
        ),
        (
            "filter = \"info\"",
            "filter = \"a=b=c\"",
            "log.filter",
            "is \"a=b=c\"",
            "debug",
        ),
    ] {
        let line = SAMPLE
            .lines()
            .position(|line| line.contains(from) && !line.starts_with('#'));
        let line = line.unwrap_or_else(|| panic!("{from}")) + 1;
        let lines = SAMPLE.lines().enumerate().flat_map(|(index, text)| {
            [
                if index + 1 == line {
                    text.replacen(from, to, 1)
                } else {
                    text.to_owned()
                },
                "\n".to_owned(),
            ]
        });
        let complaints = complaints(&lines.collect::<String>());
        let [complaint] = complaints.as_slice() else {
            panic!("{to}: {complaints:?}");
        };
        assert_eq!(
            (complaint.line, complaint.key.as_str()),
            (Some(line), key),
            "{to}"
        );
        assert!(complaint.trouble.starts_with(trouble), "{to}: {complaint}");
        assert!(complaint.cure.contains(cure), "{to}: {complaint}");
    }
}

#[test]
fn whatever_is_missing_is_told_at_once() {
    let complaints = complaints("");
    let keys: Vec<&str> = complaints
        .iter()
        .map(|complaint| complaint.key.as_str())
        .collect();
    let needed = [
        "lane.name",
        "cameras.documents.source",
        "gate.port",
        "risk.policy",
        "risk.lists",
        "evidence.issuers",
        "officers.roster",
        "journal.path",
    ];
    assert_eq!(keys, needed);
    for complaint in complaints {
        assert!(
            complaint.trouble == "is missing" && complaint.cure.starts_with("add it: "),
            "{complaint}"
        );
    }
}

#[test]
fn an_office_or_a_face_camera_that_is_begun_has_to_be_whole() {
    for (from, key) in [
        (
            "office.url = \"https://office.example:8443/\"\n",
            "office.url",
        ),
        ("office.ca = \"office-ca.pem\"\n", "office.ca"),
        (
            "office.certificate_key = \"lane.key.pem\"\n",
            "office.certificate_key",
        ),
        ("updates.root = \"root.json\"\n", "updates.root"),
        (
            "cameras.face.source = \"v4l2:/dev/sekisho-face\"",
            "cameras.face.source",
        ),
    ] {
        assert!(SHORTEST.contains(from));
        let instead = if from.contains("face") {
            "cameras.face.fps = 15"
        } else {
            ""
        };
        let complaints = complaints(&SHORTEST.replace(from, instead));
        assert_eq!(complaints.len(), 1);
        assert_eq!(complaints.first().unwrap().key, key);
    }
}

#[test]
fn complaints_come_in_the_order_of_the_file_and_no_line_is_blamed_twice() {
    let text = SHORTEST
        .replace("gate.port", "gate.prot")
        .replace("risk.policy", "rsk.policy")
        .replace("\"lane-3\"", "\"lane 3\"");
    let complaints = complaints(&text);
    let told: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "line 2: `lane.name` is \"lane 3\": write a name such as \"lane-3\": 1 to 32 of A-Z, a-z, 0-9, '.', '_' and '-'",
            "line 5: `gate.prot` is no key: did you mean `port`?",
            "line 12: `rsk` is no key: did you mean `risk`?",
            "`risk.policy` is missing: add it: the path of a file; a relative one starts at this configuration's folder",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let complaints = complaints("[lane]\nname = \n");
    assert_eq!(complaints.first().unwrap().line, Some(2));
    assert_eq!(complaints.first().unwrap().trouble, "is not TOML");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Config::load(&folder.path().join("none.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("none.toml") && error.contains("--config"),
        "{error}"
    );
}
