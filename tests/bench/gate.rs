//! The link to the gate, over pseudo-terminals to the pretend controller and a cable between them that takes the time that a
//! wire of that many baud takes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use dock::controller::{Controller, Pty, Travel};
use gate::{
    Command, Link, News, Obstruction, Parity, PortFactory, RegisterMap, SerialPort, Status,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};

use crate::Effort;
use crate::table::{Series, Unit, part, say, seconds};

const PATIENCE: Duration = Duration::from_secs(10);
/// Start bit, eight bits, parity, stop bit.
const BITS: u32 = 11;
/// Characters of one poll of the shipped map: eight discrete inputs, seven input registers, the heartbeat and its echo.
const POLL: [u32; 6] = [8, 6, 8, 19, 8, 8];
/// Characters of a command: three registers written, and read back. The poll that follows brings the acknowledgement.
const COMMAND: [u32; 4] = [15, 8, 8, 11];
/// The median may take so many times the wire's own time, and half a poll's interval more.
const BAR: f64 = 1.5;

pub(crate) async fn measure(effort: Effort) -> Result<()> {
    for baud in [19_200, 115_200] {
        at(baud, effort).await?;
    }
    Ok(())
}

/// What these messages last on the wire, with the silence of 3.5 characters that ends each.
fn wire(messages: &[u32], baud: u32) -> Duration {
    messages
        .iter()
        .map(|characters| message(*characters, baud))
        .sum()
}

fn message(characters: u32, baud: u32) -> Duration {
    Duration::from_secs(1) * BITS * (characters * 2 + 7) / (baud * 2)
}

async fn at(baud: u32, effort: Effort) -> Result<()> {
    let timings = gate::Timings::default();
    let half = timings.poll / 2;
    part(
        "gate",
        &format!(
            "at {baud} baud, bits and pauses counted; the link polls every {} ms, and one poll is {:.1} ms of wire",
            timings.poll.as_millis(),
            seconds(wire(&POLL, baud)) * 1e3
        ),
    );
    let controller = Controller::start(RegisterMap::controller()?, Travel::default())?;
    let path = cable(controller.path().to_owned(), baud)?;
    let port = SerialPort {
        path: path.display().to_string(),
        baud,
        parity: Parity::Even,
    };
    let (link, mut news) = Link::spawn(port, RegisterMap::controller()?, timings);
    until(&mut news, |_| true).await?;

    let mut taken = Vec::new();
    for n in 0..effort.of(200) {
        // So that commands fall anywhere between two polls.
        sleep(spread(n, timings.poll)).await;
        let begun = Instant::now();
        link.command(Command::Lock).await?;
        taken.push(begun.elapsed());
    }
    let own = wire(&COMMAND, baud) + wire(&POLL, baud);
    tell(
        "command to the controller's acknowledgement",
        taken,
        own,
        half,
    );

    let hands = controller.hands();
    let mut taken = Vec::new();
    for n in 0..effort.of(200) {
        while news.try_recv().is_ok() {}
        sleep(spread(n, timings.poll)).await;
        let on = n % 2 == 0;
        let expected = if on {
            Obstruction::Blocked
        } else {
            Obstruction::Clear
        };
        let begun = Instant::now();
        hands.stand(on);
        until(&mut news, |status| status.obstruction == expected).await?;
        taken.push(begun.elapsed());
    }
    tell(
        "a sensor's change to news of it",
        taken,
        wire(&POLL, baud),
        half,
    );
    say(
        "   what limits both is the wire: a command waits for the poll under way, is written and read back, and the next poll \
         brings its acknowledgement;",
    );
    say("   a change waits for the next poll's read, and is believed only with that poll's echo");
    Ok(())
}

fn tell(what: &str, mut taken: Vec<Duration>, own: Duration, half: Duration) {
    taken.sort_unstable();
    let times = |percent: usize| {
        let rank = (taken.len() * percent).div_ceil(100).max(1);
        seconds(taken[rank - 1])
    };
    let bar = seconds(own) * BAR + seconds(half);
    let note = format!(
        "p50 {:.2} and p99 {:.2} times the wire's {:.1} ms; the median's bar is {BAR} times and half a poll, {:.1} ms",
        times(50) / seconds(own),
        times(99) / seconds(own),
        seconds(own) * 1e3,
        bar * 1e3,
    );
    let mut series = Series::new(Unit::Milliseconds);
    taken.into_iter().for_each(|one| series.add(one));
    series.tell(what, &note);
}

/// A cable to the device at `far`; gives the name of its near end. It lives as long as the program. It has a thread of its
/// own, since tokio's clock counts whole milliseconds and a short message at 115,200 baud is one.
fn cable(far: PathBuf, baud: u32) -> Result<PathBuf> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        tokio.block_on(carry(&far, baud, &tell))
    });
    told.recv().context("the cable has no near end")
}

async fn carry(
    far: &Path,
    baud: u32,
    tell: &std::sync::mpsc::Sender<PathBuf>,
) -> std::io::Result<()> {
    let mut near = Pty::open()?;
    let mut port = SerialPort {
        path: far.display().to_string(),
        baud,
        parity: Parity::Even,
    };
    let mut far = port.open().await?;
    let _nobody_waits = tell.send(near.path().to_owned());
    let (mut asked, mut answered) = ([0; 256], [0; 256]);
    loop {
        tokio::select! {
            got = near.read(&mut asked) => {
                let got = got?;
                takes_its_time(got, baud);
                far.write_all(&asked[..got]).await?;
            }
            got = far.read(&mut answered) => {
                let got = got?;
                takes_its_time(got, baud);
                near.write_all(&answered[..got]).await?;
            }
        }
        near.release_claim();
    }
}

/// Nothing else happens on a line of two wires meanwhile.
fn takes_its_time(characters: usize, baud: u32) {
    let characters = u32::try_from(characters).unwrap_or(u32::MAX);
    std::thread::sleep(message(characters, baud));
}

/// A fixed, even spread over one and a half times `length`.
fn spread(n: usize, length: Duration) -> Duration {
    let part = u32::try_from(n * 61 % 150).unwrap_or(0);
    length * part / 100
}

async fn until(news: &mut Receiver<News>, test: impl Fn(&Status) -> bool) -> Result<()> {
    let found = timeout(PATIENCE, async {
        loop {
            match news.recv().await.context("the link ended")? {
                News::Connected(status) | News::Changed(status) if test(&status) => return Ok(()),
                News::Connected(_) | News::Changed(_) => {}
                News::Lost(error) => bail!("the gate is lost: {error}"),
            }
        }
    });
    found.await.context("no news of the gate")?
}
