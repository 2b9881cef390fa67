#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;

use super::*;
use crate::map::ORDERS;
use crate::{Link, News, PortFactory, Timings};

fn persons(count: u8) -> NonZeroU8 {
    NonZeroU8::new(count).unwrap()
}

fn recording(entries: Vec<Entry>) -> Recording {
    Recording {
        head: Head::new("/dev/sekisho-gate", 19_200, CONTROLLER),
        entries,
    }
}

#[test]
fn every_command_is_written_and_read() {
    for order in ORDERS {
        let words = match order.key() {
            "open" => "open 7",
            key => key,
        };
        let read = command(words).unwrap();
        assert_eq!(read.order(), order);
        let entry = Entry {
            at: Duration::from_micros(12),
            deed: Deed::Ordered(read),
        };
        assert_eq!(entry.to_string(), format!("12 order {words}"));
    }
    for words in ["open", "open 0", "open 256", "open x", "", "opens"] {
        assert_eq!(command(words), None, "{words}");
    }
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let head = "sekisho gate tape 1\nsoftware 0.1.0\nport p\nbaud 9600\nmap\n";
    for (text, line, says) in [
        ("", 1, "begins with"),
        ("# only a comment\n", 1, "begins with"),
        ("hello\n", 1, "begins with"),
        ("sekisho gate tape 2\n", 1, "another"),
        ("sekisho gate tape 1\nport p\n", 2, "`software`"),
        (
            "sekisho gate tape 1\nsoftware 0.1.0\n",
            2,
            "`port` is missing",
        ),
        (
            "sekisho gate tape 1\nsoftware 1\nport p\nbaud x\nmap\n",
            4,
            "no number",
        ),
        (
            "sekisho gate tape 1\nsoftware 1\nport p\nbaud 1\nmop\n",
            5,
            "stands `map`",
        ),
        (&format!("{head}open\n"), 6, "microseconds"),
        (&format!("{head}-1 open\n"), 6, "microseconds"),
        (&format!("{head}1 open wide\n"), 6, "one of"),
        (&format!("{head}1 shut\n"), 6, "one of"),
        (&format!("{head}1 >\n"), 6, "pairs"),
        (&format!("{head}1 > 0\n"), 6, "pairs"),
        (&format!("{head}1 > 0g\n"), 6, "pairs"),
        (&format!("{head}1 > é\n"), 6, "pairs"),
        (&format!("{head}1 broke\n"), 6, "number"),
        (&format!("{head}1 order dance\n"), 6, "no such command"),
        (
            &format!("{head}\n# later\n2 open\n1 open\n"),
            9,
            "goes back",
        ),
    ] {
        let error = text.parse::<Recording>().unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        let says = if says == "another" {
            "does not read"
        } else {
            says
        };
        assert!(error.problem.contains(says), "{text:?}: {error}");
    }
}

#[test]
fn the_map_travels_with_the_recording_and_its_comments_do_not() {
    for (text, map) in [
        (CONTROLLER, RegisterMap::controller().unwrap()),
        (RELAY_BOX, RegisterMap::relay_box().unwrap()),
    ] {
        let mut made = recording(vec![]);
        made.head = Head::new("p", 9600, text);
        let read: Recording = made.to_string().parse().unwrap();
        assert_eq!(read, made);
        assert_eq!(read.head.register_map().unwrap(), map);
        assert!(!made.to_string().contains('#'));
    }
    // Where a line that looks like a comment is none, all of it stays.
    let odd = CONTROLLER.replace("\"gate controller\"", "\"\"\"\n# a name\n\"\"\"");
    let head = Head::new("p", 9600, &odd);
    assert_eq!(head.register_map().unwrap().name, "# a name\n");
}

fn deeds() -> impl Strategy<Value = Deed> {
    let bytes = || proptest::collection::vec(any::<u8>(), 1..24);
    let trouble = || {
        (proptest::option::of(1..200_i32), "[a-z ]{0,12}")
            .prop_map(|(code, words)| Trouble { code, words })
    };
    // The first beat of every link, so that some recordings get past it.
    let beat = "01060004000109cb";
    prop_oneof![
        3 => Just(Deed::Opened),
        1 => trouble().prop_map(Deed::NotOpened),
        3 => Just(Deed::Sent(super::bytes(beat).unwrap())),
        3 => Just(Deed::Received(super::bytes(beat).unwrap())),
        1 => bytes().prop_map(Deed::Sent),
        2 => bytes().prop_map(Deed::Received),
        1 => trouble().prop_map(Deed::Broke),
        1 => Just(Deed::Ended),
        1 => (1..9_u8).prop_map(|n| Deed::Ordered(Command::Open { persons: persons(n) })),
        1 => Just(Deed::Ordered(Command::Lock)),
    ]
}

fn recordings() -> impl Strategy<Value = Recording> {
    proptest::collection::vec((0..400_000_u64, deeds()), 0..24).prop_map(|steps| {
        let mut at = Duration::ZERO;
        let entry = |(pause, deed)| {
            at += Duration::from_micros(pause);
            Entry { at, deed }
        };
        recording(steps.into_iter().map(entry).collect())
    })
}

/// In virtual time; gives what the replay told, in words.
fn played(recording: &Recording, pace: Pace) -> (Vec<String>, Result<(), Diverged>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let mut told = Vec::new();
    let map = recording.head.register_map().unwrap();
    let end = runtime.block_on(replay(recording, map, Timings::default(), pace, |played| {
        told.push(match played {
            Played::News {
                news: News::Connected(status),
                ..
            } => format!("connected {status:?}"),
            Played::News {
                news: News::Changed(status),
                ..
            } => format!("changed {status:?}"),
            Played::News {
                news: News::Lost(_),
                ..
            } => "lost".to_owned(),
            Played::Done {
                command, result, ..
            } => format!("{} {}", command.order(), result.is_ok()),
        });
    }));
    (told, end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_refused_or_are_a_recording_that_reads_back(bytes in proptest::collection::vec(any::<u8>(), 0..200), headed in any::<bool>()) {
        let head = if headed { recording(vec![]).to_string() } else { String::new() };
        let text = head + &String::from_utf8_lossy(&bytes);
        if let Ok(read) = text.parse::<Recording>() {
            prop_assert_eq!(read.to_string().parse::<Recording>().unwrap(), read);
        }
    }

    #[test]
    fn a_recording_with_a_scratch_is_refused_or_replayed_to_an_end(recording in recordings(), at in any::<prop::sample::Index>(), with in any::<char>()) {
        let text = recording.to_string();
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        letters[at] = with;
        if let Ok(scratched) = letters.into_iter().collect::<String>().parse::<Recording>() {
            // A changed map may be no map; times may have become years.
            if scratched.head.register_map().is_ok() {
                let _either_end = played(&scratched, Pace::Fast);
            }
        }
    }

    #[test]
    fn every_recording_is_written_read_and_replayed_to_an_end(recording in recordings()) {
        prop_assert_eq!(&recording.to_string().parse::<Recording>().unwrap(), &recording);
        for pace in [Pace::Fast, Pace::Recorded] {
            let (told, _either_end) = played(&recording, pace);
            // Noise is no gate.
            prop_assert!(told.iter().all(|told| !told.starts_with("connected")), "{:?}", told);
        }
    }
}

/// A controller in memory that can be plugged in anew; nothing of it is ours but the frames of the Modbus specification.
struct Bench {
    lines: mpsc::UnboundedSender<DuplexStream>,
    opened: u32,
}

impl PortFactory for Bench {
    type Port = DuplexStream;

    async fn open(&mut self) -> io::Result<DuplexStream> {
        self.opened += 1;
        // Not there at the first try, nor for the second line's first six.
        if self.opened == 1 || (3..9).contains(&self.opened) {
            return Err(io::Error::from_raw_os_error(2));
        }
        let (near, far) = duplex(512);
        self.lines
            .send(far)
            .map_err(|_| io::Error::other("the bench is gone"))?;
        Ok(near)
    }

    fn describe(&self) -> String {
        "a bench".to_owned()
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let crc = body.iter().fold(0xffff_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| match crc & 1 {
            1 => (crc >> 1) ^ 0xa001,
            _ => crc >> 1,
        })
    });
    [body, &crc.to_le_bytes()].concat()
}

/// Obeys at once, says so, and dies with the line after `life` questions.
async fn bench(mut lines: mpsc::UnboundedReceiver<DuplexStream>) {
    let (mut command, mut life) = (vec![0, 0, 0, 0, 0, 0], 60);
    while let Some(mut line) = lines.recv().await {
        for _ in 0..life {
            let mut asked = vec![0; 8];
            if line.read_exact(&mut asked).await.is_err() {
                break;
            }
            let leaf = if command[1] == 1 { 2 } else { 0 };
            let reply = match asked[1] {
                2 => frame(&[1, 2, 1, 0x80]),
                3 => frame(&[&[1, 3, 6], command.as_slice()].concat()),
                4 => frame(&[
                    1, 4, 14, 0, leaf, 0, 0, 0, 0, 0, command[5], 0, 1, 1, 4, 0, 90,
                ]),
                16 => {
                    let mut rest = vec![0; 7];
                    line.read_exact(&mut rest).await.unwrap();
                    command = [&asked[7..], &rest[..5]].concat();
                    frame(&asked[..6])
                }
                _ => asked,
            };
            // In two pieces with a pause between them, as a slow adapter hands them over.
            let (first, second) = reply.split_at(3);
            line.write_all(first).await.unwrap();
            tokio::time::sleep(Duration::from_millis(7)).await;
            line.write_all(second).await.unwrap();
        }
        life = 1000;
    }
}

#[tokio::test(start_paused = true)]
async fn a_replay_makes_the_news_that_were_recorded_at_either_pace() {
    let (lines, taken) = mpsc::unbounded_channel();
    let controller = tokio::spawn(bench(taken));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let reel = Arc::clone(&heard);
    let tape = Tape::new(move |entry| reel.lock().unwrap().push(entry.clone()));
    let bench = tape.on(Bench { lines, opened: 0 });
    let (link, mut news) = Link::spawn(
        bench,
        RegisterMap::controller().unwrap(),
        Timings::default(),
    );
    let mut told = Vec::new();
    for (wanted, order) in [
        (
            "connected",
            Some(Command::Open {
                persons: persons(2),
            }),
        ),
        ("changed", None),
        ("lost", None),
        ("connected", Some(Command::Close)),
        ("changed", None),
    ] {
        let said = match news.recv().await.unwrap() {
            News::Connected(status) => format!("connected {status:?}"),
            News::Changed(status) => format!("changed {status:?}"),
            News::Lost(_) => "lost".to_owned(),
        };
        assert!(said.starts_with(wanted), "{said}");
        told.push(said);
        if let Some(command) = order {
            tape.ordered(command);
            link.command(command).await.unwrap();
            told.push(format!("{} true", command.order()));
        }
    }
    drop(link);
    controller.abort();
    let entries = heard.lock().unwrap().clone();
    let made = recording(
        entries
            .into_iter()
            .map(|entry| Entry {
                at: Duration::from_micros(u64::try_from(entry.at.as_micros()).unwrap()),
                ..entry
            })
            .collect(),
    );
    let read: Recording = made.to_string().parse().unwrap();
    assert_eq!(read, made);
    // A command's answer and the news that come with it are told by two tasks.
    told.sort();
    let replays = [Pace::Recorded, Pace::Fast].map(|pace| {
        let read = read.clone();
        std::thread::spawn(move || played(&read, pace))
            .join()
            .unwrap()
    });
    for (mut again, end) in replays {
        assert_eq!(end, Ok(()));
        again.sort();
        assert_eq!(again, told);
    }
}

#[test]
fn a_link_that_says_something_else_is_told_where() {
    let text = recording(vec![]).to_string()
        + "0 open\n60000 > 010600040001ffff\n70000 < 010600040001ffff\n";
    let (told, end) = played(&text.parse().unwrap(), Pace::Recorded);
    assert!(told.is_empty());
    let diverged = end.unwrap_err();
    assert_eq!(diverged.at, Duration::from_millis(60));
    assert_eq!(
        diverged.to_string(),
        "at 60000 us the link sends 01060004000109cb where the recording has `> 010600040001ffff`"
    );
}
