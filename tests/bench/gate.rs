//! The link to the gate, over a pseudo-terminal to the pretend controller. A pseudo-terminal has no baud rate: on a real
//! line at 19,200 baud each message adds its length, 5 to 20 ms.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use dock::controller::{Controller, Travel};
use gate::{Command, Lamp, Link, News, Obstruction, Parity, RegisterMap, SerialPort, Status};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};

use crate::Effort;
use crate::table::{Series, Unit, part};

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn measure(effort: Effort) -> Result<()> {
    let timings = gate::Timings::default();
    part(
        "gate",
        &format!(
            "over a pseudo-terminal, which has no baud rate; the link polls every {} ms",
            timings.poll.as_millis()
        ),
    );
    let controller = Controller::start(RegisterMap::controller()?, Travel::default())?;
    let port = SerialPort {
        path: controller.path().display().to_string(),
        baud: 115_200,
        parity: Parity::Even,
    };
    let (link, mut news) = Link::spawn(port, RegisterMap::controller()?, timings);
    until(&mut news, |_| true).await?;

    let mut series = Series::new(Unit::Milliseconds);
    for n in 0..effort.of(200) {
        let lamp = if n % 2 == 0 { Lamp::Go } else { Lamp::Wait };
        // So that commands fall anywhere between two polls.
        sleep(spread(n, timings.poll)).await;
        series.time_async(link.command(Command::Lamp(lamp))).await?;
    }
    series.tell(
        "command to the controller's acknowledgement",
        "written, read back, acknowledged",
    );

    let hands = controller.hands();
    let mut series = Series::new(Unit::Milliseconds);
    for n in 0..effort.of(100) {
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
        series.add(begun.elapsed());
    }
    series.tell("a sensor's change to news of it", "");
    Ok(())
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
