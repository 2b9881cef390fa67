//! The link: one task that owns the line, polls, writes, reads back, and feeds the watchdog.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tracing::{debug, info, warn};

use crate::error::LinkError;
use crate::map::{Acknowledge, Image, RegisterMap, Value, Write};
use crate::news::{News, Outbox};
use crate::plan::Reading;
use crate::port::PortFactory;
use crate::wire::Line;
use crate::words::{Beam, Command, Order, Status};

/// How long the link waits for what. The defaults suit 19,200 baud and a controller of ordinary speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// From one poll to the next. 50 ms is a quarter of the shortest time for which a walking adult covers a beam.
    pub poll: Duration,
    /// How long one answer may take. The longest answer of the shipped maps lasts 30 ms at 9,600 baud, and Modbus
    /// devices are allowed to think; a USB adapter adds up to 16 ms.
    pub answer: Duration,
    /// How long an acknowledged command may take from its first write to the controller's word, disturbances included.
    pub acknowledge: Duration,
    /// How long opening the port may take: a stuck USB driver must not stop the link.
    pub opening: Duration,
    /// Silence that ends the draining of a line. It must be longer than the pauses inside a late answer.
    pub silence: Duration,
    /// After this much draining a line that never falls silent is called babbling.
    pub drain: Duration,
    /// From one attempt to open a dead line to the next: an adapter needs about this long to appear after replugging.
    pub reopen: Duration,
    /// How long the gate may be out of reach before [`News::Lost`] is told. On a bad cable single messages are lost all the
    /// time, and the lane must not go out of service for each. It must stay below the controller's own watchdog.
    pub patience: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(50),
            answer: Duration::from_millis(250),
            acknowledge: Duration::from_millis(1500),
            opening: Duration::from_secs(2),
            silence: Duration::from_millis(60),
            drain: Duration::from_secs(1),
            reopen: Duration::from_millis(250),
            patience: Duration::from_secs(1),
        }
    }
}

struct Errand {
    command: Command,
    reply: oneshot::Sender<Result<(), LinkError>>,
}

/// A handle to the link. The link ends, and with it the heartbeat, when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Link {
    errands: mpsc::Sender<Errand>,
    orders: Arc<[Order]>,
}

impl Link {
    /// Starts the link on the running tokio runtime.
    #[must_use]
    pub fn spawn<P: PortFactory>(
        ports: P,
        map: RegisterMap,
        timings: Timings,
    ) -> (Self, mpsc::Receiver<News>) {
        let (errands, orders) = mpsc::channel(8);
        let (tell, news) = mpsc::channel(16);
        let known = map.commands.keys().copied().collect();
        let session = Session {
            readings: map.readings(),
            ports,
            map,
            timings,
            line: None,
            beat: 0,
            ticket: None,
            counted: 0,
            remembered: 0,
            dealt_with: 0,
            opening: None,
            status: None,
            told: Told::Nothing,
            trouble: None,
            next_open: Instant::now(),
            outbox: Outbox::default(),
            tell,
        };
        tokio::spawn(session.run(orders));
        let link = Self {
            errands,
            orders: known,
        };
        (link, news)
    }

    /// Whether the gate's register map has this order. Some gates have no sounder, others no lamps.
    #[must_use]
    pub fn takes(&self, order: Order) -> bool {
        self.orders.contains(&order)
    }

    /// Gives a command. It is done only when it has been written, read back, and, where the map says how,
    /// acknowledged by the controller. The leaf's travel follows as [`News::Changed`].
    ///
    /// # Errors
    /// When the controller refuses, does not confirm in time, or is out of reach. Dropping the future withdraws a
    /// command that has not been written yet.
    pub async fn command(&self, command: Command) -> Result<(), LinkError> {
        let (reply, answer) = oneshot::channel();
        self.errands
            .send(Errand { command, reply })
            .await
            .map_err(|_| LinkError::Stopped)?;
        answer.await.map_err(|_| LinkError::Stopped)?
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Connected,
    Lost,
}

struct Session<P> {
    ports: P,
    map: RegisterMap,
    timings: Timings,
    readings: Vec<Reading>,
    line: Option<Line>,
    beat: u16,
    /// The ticket of the latest command; read from the controller before the first one.
    ticket: Option<u16>,
    /// Persons counted by the exit beam, where the controller does not count.
    counted: u16,
    /// Persons whom the controller had counted since the last opening when it started anew and forgot them.
    remembered: u16,
    /// The ticket that the controller reported last.
    dealt_with: u16,
    /// The ticket of an opening whose acceptance has not been read yet.
    opening: Option<u16>,
    status: Option<Status>,
    told: Told,
    trouble: Option<Instant>,
    next_open: Instant,
    outbox: Outbox,
    tell: mpsc::Sender<News>,
}

impl<P: PortFactory> Session<P> {
    async fn run(mut self, mut orders: mpsc::Receiver<Errand>) {
        let mut ticks = interval(self.timings.poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                errand = orders.recv() => match errand {
                    Some(errand) => self.perform(errand).await,
                    None => return,
                },
                _ = ticks.tick() => {
                    if self.line.is_some() || Instant::now() >= self.next_open {
                        // A failure has been noted already; polling goes on.
                        let _noted = self.poll().await;
                    }
                }
            }
            self.outbox.deliver(&self.tell);
        }
    }

    /// Reads the status once, over a new line if need be, and publishes it.
    async fn poll(&mut self) -> Result<Image, Arc<LinkError>> {
        match self.look().await {
            Ok((status, image)) => {
                self.publish(status);
                Ok(image)
            }
            Err(error) => {
                self.line = None;
                Err(self.note(error))
            }
        }
    }

    async fn look(&mut self) -> Result<(Status, Image), LinkError> {
        let line = match &mut self.line {
            Some(line) => line,
            None => {
                self.next_open = Instant::now() + self.timings.reopen;
                let line =
                    Line::open(&mut self.ports, &self.map, &self.timings, &mut self.beat).await?;
                self.line.insert(line)
            }
        };
        let image = line.image(&self.readings).await?;
        line.beat(&self.map, &mut self.beat).await?;
        let mut status = self.map.status(&image)?;
        if self.map.status.passed.is_none() {
            let was = self.status.map_or(Beam::Clear, |old| old.exit_beam);
            if (was, status.exit_beam) == (Beam::Broken, Beam::Clear) {
                self.counted = self.counted.saturating_add(1);
            }
            status.passed = self.counted;
        }
        if let (None, Some(acknowledge)) = (self.ticket, &self.map.acknowledge) {
            self.ticket = acknowledge.ticket.of(&image);
        }
        self.remember(&image);
        status.passed = status.passed.saturating_add(self.remembered);
        Ok((status, image))
    }

    /// A controller that starts anew in the middle of a passage counts from nought again: without those counted before,
    /// one too many would go unnoticed. Ticket nought tells, which no command ever had.
    fn remember(&mut self, image: &Image) {
        let Some(acknowledge) = &self.map.acknowledge else {
            return;
        };
        let Some(ticket) = acknowledge.ticket.of(image) else {
            return;
        };
        if self.opening == Some(ticket)
            && acknowledge.verdict.of(image) == Some(acknowledge.accepted)
        {
            (self.opening, self.remembered) = (None, 0);
        } else if ticket == 0 && self.dealt_with != 0 {
            self.remembered = self.status.map_or(0, |status| status.passed);
        }
        self.dealt_with = ticket;
    }

    fn publish(&mut self, status: Status) {
        self.trouble = None;
        let news = match self.told {
            Told::Nothing | Told::Lost => {
                info!(port = %self.ports.describe(), map = %self.map.name, "the gate answers");
                Some(News::Connected(status))
            }
            Told::Connected => (self.status != Some(status)).then_some(News::Changed(status)),
        };
        self.told = Told::Connected;
        self.status = Some(status);
        if let Some(news) = news {
            self.outbox.push(news);
            self.outbox.deliver(&self.tell);
        }
    }

    /// Notes a failure, and tells of it once it has lasted.
    fn note(&mut self, error: LinkError) -> Arc<LinkError> {
        let error = Arc::new(error);
        let now = Instant::now();
        let since = *self.trouble.get_or_insert(now);
        debug!(%error, "trouble on the line to the gate");
        if self.told != Told::Lost && now - since >= self.timings.patience {
            warn!(
                error = &error as &dyn std::error::Error,
                "the gate is out of reach"
            );
            self.told = Told::Lost;
            self.outbox.push(News::Lost(Arc::clone(&error)));
            self.outbox.deliver(&self.tell);
        }
        error
    }

    async fn perform(&mut self, errand: Errand) {
        let Errand { command, mut reply } = errand;
        let order = command.order();
        if reply.is_closed() {
            return;
        }
        let result = match self.map.commands.get(&order).cloned() {
            None => Err(LinkError::Unsupported { order }),
            Some(_) if self.told == Told::Lost => Err(LinkError::OutOfReach { order }),
            Some(writes) => tokio::select! {
                result = self.carry_out(command, &writes) => Some(result),
                () = reply.closed() => None,
            }
            .unwrap_or(Err(LinkError::Stopped)),
        };
        if reply.is_closed() {
            // An exchange was cut short: its answer may still come.
            self.line = None;
        }
        let _withdrawn = reply.send(result);
    }

    /// Writes the command and sees to its confirmation, over as many lines as it takes within the time allowed.
    ///
    /// A controller obeys one ticket once, and relays stand where they are put: writing again after a disturbance
    /// repeats nothing.
    async fn carry_out(&mut self, command: Command, writes: &[Write]) -> Result<(), LinkError> {
        let order = command.order();
        let deadline = Instant::now() + self.timings.acknowledge;
        let mut ticket = None;
        let mut failure = None;
        loop {
            if Instant::now() >= deadline {
                let after = self.timings.acknowledge;
                return Err(LinkError::NotConfirmed {
                    order,
                    after,
                    source: failure,
                });
            }
            match self.attempt(command, writes, &mut ticket, deadline).await {
                Ok(verdict) => return verdict,
                Err(error) => failure = Some(error),
            }
            if self.line.is_none() {
                sleep_until(self.next_open.min(deadline)).await;
            }
        }
    }

    /// One attempt. The outer error is trouble on the way, the inner one is the controller's word.
    async fn attempt(
        &mut self,
        command: Command,
        writes: &[Write],
        ticket: &mut Option<u16>,
        deadline: Instant,
    ) -> Result<Result<(), LinkError>, Arc<LinkError>> {
        let order = command.order();
        if self.line.is_none() {
            let image = self.poll().await?;
            if let (Some(ticket), Some(acknowledge)) = (*ticket, &self.map.acknowledge)
                && let Some(verdict) = verdict(acknowledge, ticket, order, &image)
            {
                return Ok(verdict);
            }
        }
        let ticket = *ticket.get_or_insert_with(|| {
            let next = next_ticket(self.ticket);
            self.ticket = Some(next);
            if order == Order::Open {
                self.counted = 0;
                self.opening = Some(next);
            }
            next
        });
        let mut awaited = false;
        for write in writes {
            let values: Vec<u16> = write
                .values
                .iter()
                .map(|value| resolve(*value, command, ticket))
                .collect();
            awaited |= write.values.contains(&Value::Ticket);
            let Some(line) = &mut self.line else {
                return Err(Arc::new(LinkError::OutOfReach { order }));
            };
            match line.write(write.table, write.address, &values).await {
                Ok(()) => {}
                // The device is there and says no: asking again would change nothing.
                Err(error @ LinkError::Exception { .. }) => return Ok(Err(error)),
                Err(error) => {
                    self.line = None;
                    return Err(self.note(error));
                }
            }
        }
        loop {
            let image = self.poll().await?;
            match &self.map.acknowledge {
                Some(acknowledge) if awaited => {
                    if let Some(verdict) = verdict(acknowledge, ticket, order, &image) {
                        return Ok(verdict);
                    }
                }
                _ => return Ok(Ok(())),
            }
            if Instant::now() >= deadline {
                let after = self.timings.acknowledge;
                return Ok(Err(LinkError::NotConfirmed {
                    order,
                    after,
                    source: None,
                }));
            }
        }
    }
}

fn verdict(
    acknowledge: &Acknowledge,
    ticket: u16,
    order: Order,
    image: &Image,
) -> Option<Result<(), LinkError>> {
    if acknowledge.ticket.of(image)? != ticket {
        return None;
    }
    let verdict = acknowledge.verdict.of(image)?;
    if verdict == acknowledge.accepted {
        return Some(Ok(()));
    }
    let meaning = acknowledge
        .refused
        .get(&verdict)
        .cloned()
        .unwrap_or_else(|| format!("verdict {verdict}"));
    Some(Err(LinkError::Refused { order, meaning }))
}

/// Nought is what a controller says that has dealt with nothing yet.
fn next_ticket(last: Option<u16>) -> u16 {
    match last.unwrap_or(0).wrapping_add(1) {
        0 => 1,
        next => next,
    }
}

fn resolve(value: Value, command: Command, ticket: u16) -> u16 {
    match (value, command) {
        (Value::Number(number), _) => number,
        (Value::Persons, Command::Open { persons }) => u16::from(persons.get()),
        (Value::Persons, _) => 0,
        (Value::Ticket, _) => ticket,
    }
}
