//! Trouble on a line, put in between by a decorator.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use gate::PortFactory;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::chance::Dice;
use super::rtu::crc;
use super::uart;

/// What can befall a message on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// It does not arrive.
    Dropped,
    /// One bit is turned over.
    Flipped,
    /// It arrives twice.
    Doubled,
    /// It arrives late; only what comes from the device does.
    Delayed,
    /// Its end is missing.
    Truncated,
    /// Another slave of the bus answers before the one that was asked, or in its place.
    Foreign,
    /// Bytes that nobody sent stand before it.
    Noise,
    /// It was sent at one baud rate and is read at another.
    WrongBaud,
}

/// Every trouble, in the order in which they are tried.
pub const TROUBLES: [Trouble; 8] = [
    Trouble::Dropped,
    Trouble::Flipped,
    Trouble::Doubled,
    Trouble::Delayed,
    Trouble::Truncated,
    Trouble::Foreign,
    Trouble::Noise,
    Trouble::WrongBaud,
];

#[derive(Debug)]
struct Cable {
    dice: Dice,
    /// How many messages in a thousand each trouble befalls.
    rates: [u64; TROUBLES.len()],
    met: [u64; TROUBLES.len()],
    lateness: Duration,
    bauds: (u32, u32),
    /// Answers on their way, in the order in which they will arrive. They stay on the line when its port is closed.
    late: VecDeque<(Instant, Vec<u8>)>,
}

impl Cable {
    fn befalls(&mut self, trouble: Trouble) -> bool {
        let at = trouble as usize;
        let befalls = self.rates[at] > 0 && self.dice.in_a_thousand(self.rates[at]);
        self.met[at] += u64::from(befalls);
        befalls
    }

    /// What becomes of a message in either direction.
    fn carry(&mut self, mut message: Vec<u8>) -> Vec<u8> {
        if message.is_empty() {
            return message;
        }
        if self.befalls(Trouble::Dropped) {
            return Vec::new();
        }
        if self.befalls(Trouble::Flipped) {
            let bit = self.dice.below(message.len() * 8);
            message[bit / 8] ^= 1 << (bit % 8);
        }
        if self.befalls(Trouble::Truncated) {
            message.truncate(self.dice.below(message.len()));
        }
        if self.befalls(Trouble::Noise) {
            let noise: Vec<u8> = (0..=self.dice.below(6)).map(|_| self.dice.byte()).collect();
            message.splice(0..0, noise);
        }
        if self.befalls(Trouble::Doubled) {
            message.extend_from_within(..);
        }
        if self.befalls(Trouble::WrongBaud) {
            message = uart::misread(&message, self.bauds.0, self.bauds.1);
        }
        message
    }

    /// What becomes of an answer; `None` when it comes later.
    fn answer(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let mut message = message.to_vec();
        if self.befalls(Trouble::Foreign) && message.len() >= 4 {
            let mut foreign = message[..message.len() - 2].to_vec();
            foreign[0] = foreign[0] % 247 + 1;
            let last = foreign.len() - 1;
            foreign[last] ^= self.dice.byte();
            let check = crc(&foreign);
            foreign.extend(check);
            if self.dice.in_a_thousand(500) {
                foreign.extend(message);
            }
            message = foreign;
        }
        let message = self.carry(message);
        let now = Instant::now();
        let due = if self.befalls(Trouble::Delayed) {
            now + self.lateness.mul_f64(self.dice.part())
        } else {
            now
        };
        // A wire does not change the order of what is on it.
        let due = self.late.back().map_or(due, |(before, _)| due.max(*before));
        if due > now {
            self.late.push_back((due, message));
            return None;
        }
        Some(message)
    }
}

/// A line that loses, garbles and delays messages, the same ones for the same seed and the same traffic.
///
/// One write, and one read as it arrives, counts as one message; a Modbus RTU frame fits in one. Rates are messages in
/// a thousand. What is late stays on the line however often it is opened anew.
#[derive(Debug)]
pub struct Faulty<F> {
    ports: F,
    cable: Cabling,
}

/// A hold on the cable of a [`Faulty`] line, to make it worse or better while it is in use.
#[derive(Clone, Debug)]
pub struct Cabling(Arc<Mutex<Cable>>);

impl Cabling {
    fn cable(&self) -> MutexGuard<'_, Cable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a trouble befall so many messages in a thousand.
    pub fn set(&self, trouble: Trouble, rate: u64) {
        self.cable().rates[trouble as usize] = rate;
    }

    /// Mends the cable. What is late still comes.
    pub fn mend(&self) {
        self.cable().rates = [0; TROUBLES.len()];
    }

    /// How many messages a trouble has befallen.
    #[must_use]
    pub fn met(&self, trouble: Trouble) -> u64 {
        self.cable().met[trouble as usize]
    }
}

impl<F> Faulty<F> {
    /// Wraps a line, without trouble as yet.
    pub fn new(ports: F, seed: u64) -> Self {
        let cable = Cable {
            dice: Dice::new(seed),
            rates: [0; TROUBLES.len()],
            met: [0; TROUBLES.len()],
            lateness: Duration::from_millis(500),
            bauds: (19_200, 9_600),
            late: VecDeque::new(),
        };
        Self {
            ports,
            cable: Cabling(Arc::new(Mutex::new(cable))),
        }
    }

    /// A hold on the cable.
    #[must_use]
    pub fn cabling(&self) -> Cabling {
        self.cable.clone()
    }

    fn with(self, trouble: Trouble, rate: u64) -> Self {
        self.cable.set(trouble, rate);
        self
    }

    /// Loses messages.
    #[must_use]
    pub fn drop(self, rate: u64) -> Self {
        self.with(Trouble::Dropped, rate)
    }

    /// Turns one bit over.
    #[must_use]
    pub fn flip(self, rate: u64) -> Self {
        self.with(Trouble::Flipped, rate)
    }

    /// Sends messages twice.
    #[must_use]
    pub fn double(self, rate: u64) -> Self {
        self.with(Trouble::Doubled, rate)
    }

    /// Holds answers back, for any time up to this long.
    #[must_use]
    pub fn delay(self, rate: u64, lateness: Duration) -> Self {
        self.cable.cable().lateness = lateness;
        self.with(Trouble::Delayed, rate)
    }

    /// Cuts messages short.
    #[must_use]
    pub fn truncate(self, rate: u64) -> Self {
        self.with(Trouble::Truncated, rate)
    }

    /// Lets another slave answer.
    #[must_use]
    pub fn foreign(self, rate: u64) -> Self {
        self.with(Trouble::Foreign, rate)
    }

    /// Puts noise before messages.
    #[must_use]
    pub fn noise(self, rate: u64) -> Self {
        self.with(Trouble::Noise, rate)
    }

    /// Has messages sent at one baud rate and read at the other.
    #[must_use]
    pub fn misread(self, rate: u64, sent: u32, read: u32) -> Self {
        self.cable.cable().bauds = (sent, read);
        self.with(Trouble::WrongBaud, rate)
    }
}

impl<F: PortFactory> PortFactory for Faulty<F> {
    type Port = FaultyPort<F::Port>;

    async fn open(&mut self) -> io::Result<Self::Port> {
        Ok(FaultyPort {
            port: self.ports.open().await?,
            cable: self.cable.clone(),
            arrived: VecDeque::new(),
            unsent: VecDeque::new(),
            alarm: None,
        })
    }

    fn describe(&self) -> String {
        self.ports.describe()
    }
}

/// A port at the near end of a [`Faulty`] line.
#[derive(Debug)]
pub struct FaultyPort<P> {
    port: P,
    cable: Cabling,
    arrived: VecDeque<u8>,
    unsent: VecDeque<u8>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<P: AsyncRead + Unpin> FaultyPort<P> {
    /// Takes what has come by now, late or not; ready with `false` at the end of the line.
    fn gather(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let now = Instant::now();
            let next = {
                let mut cable = self.cable.cable();
                if let Some((_, late)) = cable.late.pop_front_if(|(due, _)| *due <= now) {
                    self.arrived.extend(late);
                }
                cable.late.front().map(|(due, _)| *due)
            };
            if !self.arrived.is_empty() {
                return Poll::Ready(Ok(true));
            }
            let mut bytes = [0; 256];
            let mut taken = ReadBuf::new(&mut bytes);
            if Pin::new(&mut self.port)
                .poll_read(cx, &mut taken)?
                .is_ready()
            {
                if taken.filled().is_empty() {
                    return Poll::Ready(Ok(false));
                }
                let message = self.cable.cable().answer(taken.filled());
                self.arrived.extend(message.into_iter().flatten());
                continue;
            }
            let Some(next) = next else {
                return Poll::Pending;
            };
            let alarm = self
                .alarm
                .get_or_insert_with(|| Box::pin(sleep_until(next)));
            if alarm.deadline() != next {
                alarm.as_mut().reset(next);
            }
            ready!(alarm.as_mut().poll(cx));
        }
    }
}

impl<P: AsyncRead + Unpin> AsyncRead for FaultyPort<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.arrived.is_empty() && !ready!(self.gather(cx))? {
            return Poll::Ready(Ok(()));
        }
        let room = buf.remaining().min(self.arrived.len());
        for byte in self.arrived.drain(..room) {
            buf.put_slice(&[byte]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<P: AsyncWrite + Unpin> FaultyPort<P> {
    fn send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let message = self.unsent.make_contiguous();
            let count = ready!(Pin::new(&mut self.port).poll_write(cx, message))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent.drain(..count);
        }
        Poll::Ready(Ok(()))
    }
}

impl<P: AsyncWrite + Unpin> AsyncWrite for FaultyPort<P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.send(cx))?;
        let message = self.cable.cable().carry(bytes.to_vec());
        self.unsent.extend(message);
        // What the line does not take at once goes with the flush.
        let _sent = self.send(cx)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send(cx))?;
        Pin::new(&mut self.port).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_shutdown(cx)
    }
}
