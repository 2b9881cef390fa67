//! A bus in memory with the pretend controller at its far end. It runs on tokio's clock, so that a test that pauses the
//! clock lives through a day in the time that its messages take to compute.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gate::{PortFactory, RegisterMap};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::machine::{Machine, SLICE, Travel};
use super::registers::Registers;
use super::rtu;
use super::seen::{Deed, Snapshot};
use super::server::Plug;

/// Bits of one character on the line: start, eight bits, parity, stop (Modbus over serial line V1.02, 2.5.1).
const CHARACTER: u32 = 11;
/// What a controller of ordinary speed takes before it answers.
const THOUGHT: Duration = Duration::from_millis(2);

type Watcher = Box<dyn FnMut(&Snapshot, &Snapshot, &[Deed]) + Send>;

struct Far {
    machine: Machine,
    registers: Registers,
    /// Until when the machine has lived.
    lived: Instant,
    shown: Snapshot,
    plug: Plug,
    character: Duration,
    gap: Duration,
    /// Since when the wire towards the controller is free.
    free: Instant,
    heard: Instant,
    inbox: Vec<u8>,
    /// Messages on their way, each with the instant at which its last bit arrives.
    asked: VecDeque<(Instant, Vec<u8>)>,
    answered: VecDeque<(Instant, Vec<u8>)>,
    reader: Option<Waker>,
    deeds: Vec<(Instant, Deed)>,
    watcher: Option<Watcher>,
}

impl Far {
    /// Lives until now: what was asked by now is answered, in its time.
    fn settle(&mut self) {
        let now = Instant::now();
        while let Some((at, request)) = self.asked.pop_front_if(|(at, _)| *at <= now) {
            self.live(at);
            self.hear(at, &request);
        }
        self.live(now);
    }

    fn live(&mut self, until: Instant) {
        while self.lived < until {
            let slice = SLICE.min(until - self.lived);
            self.machine.advance(slice);
            self.lived += slice;
            self.look();
        }
    }

    fn look(&mut self) {
        let now = self.machine.snapshot();
        let deeds: Vec<Deed> = self.machine.deeds().collect();
        if let Some(watcher) = &mut self.watcher {
            watcher(&self.shown, &now, &deeds);
        }
        let at = self.lived;
        self.deeds.extend(deeds.into_iter().map(|deed| (at, deed)));
        if now != self.shown {
            self.registers.show(&now);
            self.shown = now;
        }
    }

    fn hear(&mut self, at: Instant, request: &[u8]) {
        if at.saturating_duration_since(self.heard) > self.gap {
            self.inbox.clear();
        }
        self.heard = at;
        if self.plug != Plug::In || self.shown.booting {
            return;
        }
        self.inbox.extend(request);
        let answers = rtu::answer(&mut self.inbox, &mut self.registers, &mut self.machine);
        self.look();
        if !answers.is_empty() {
            let due = at + THOUGHT + self.character * characters(&answers);
            self.answered.push_back((due, answers));
        }
    }

    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

fn characters(message: &[u8]) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX)
}

/// The bus. Clones are the same bus; each opening gives a port at the near end of the same wire, with whatever was left on it.
#[derive(Clone)]
pub struct Bus {
    far: Arc<Mutex<Far>>,
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bus")
    }
}

impl Bus {
    /// A bus at so many bits a second with a controller of this map at its far end. Needs a tokio runtime for its clock.
    #[must_use]
    pub fn new(map: RegisterMap, travel: Travel, baud: u32) -> Self {
        let machine = Machine::new(travel);
        let shown = machine.snapshot();
        let mut registers = Registers::new(map);
        registers.show(&shown);
        let now = Instant::now();
        let character = Duration::from_secs(1) * CHARACTER / baud.max(1);
        let far = Far {
            machine,
            registers,
            lived: now,
            shown,
            plug: Plug::In,
            character,
            // 3.5 characters end a message, and tokio's clock counts whole milliseconds.
            gap: character * 7 / 2 + Duration::from_millis(2),
            free: now,
            heard: now,
            inbox: Vec::new(),
            asked: VecDeque::new(),
            answered: VecDeque::new(),
            reader: None,
            deeds: Vec::new(),
            watcher: None,
        };
        Self {
            far: Arc::new(Mutex::new(far)),
        }
    }

    fn far(&self) -> MutexGuard<'_, Far> {
        let mut far = self.far.lock().unwrap_or_else(PoisonError::into_inner);
        far.settle();
        far
    }

    /// Shows the watcher every slice of the machine's life, before and after it, and what it did. A slice lasts 5 ms at most.
    pub fn watch(&self, watcher: impl FnMut(&Snapshot, &Snapshot, &[Deed]) + Send + 'static) {
        self.far().watcher = Some(Box::new(watcher));
    }

    /// Puts a hand to the machine.
    pub fn touch(&self, hand: impl FnOnce(&mut Machine)) {
        let mut far = self.far();
        hand(&mut far.machine);
        far.look();
    }

    /// Starts the controller's electronics anew.
    pub fn reboot(&self) {
        let mut far = self.far();
        far.machine.reboot();
        far.registers.reset();
        far.inbox.clear();
        far.look();
    }

    /// Pulls the adapter, plugs it in again, or cuts the wire behind it.
    pub fn plug(&self, plug: Plug) {
        let mut far = self.far();
        far.plug = plug;
        if plug != Plug::In {
            far.asked.clear();
            far.answered.clear();
        }
        far.wake();
    }

    /// How the line stands.
    #[must_use]
    pub fn plugged(&self) -> Plug {
        self.far().plug
    }

    /// What can be seen of the gate now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.far().shown
    }

    /// What the controller has done since the last call, and when.
    pub fn deeds(&self) -> Vec<(Instant, Deed)> {
        std::mem::take(&mut self.far().deeds)
    }
}

impl PortFactory for Bus {
    type Port = NearEnd;

    async fn open(&mut self) -> io::Result<NearEnd> {
        if self.far().plug == Plug::Out {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(NearEnd {
            bus: self.clone(),
            alarm: None,
        })
    }

    fn describe(&self) -> String {
        "a bus in memory".to_owned()
    }
}

/// The near end of a [`Bus`].
#[derive(Debug)]
pub struct NearEnd {
    bus: Bus,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for NearEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let mut far = this.bus.far();
            if far.plug == Plug::Out {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let now = Instant::now();
            if let Some((due, mut answer)) = far.answered.pop_front_if(|(due, _)| *due <= now) {
                let room = buf.remaining().min(answer.len());
                buf.put_slice(&answer[..room]);
                if room < answer.len() {
                    answer.drain(..room);
                    far.answered.push_front((due, answer));
                }
                return Poll::Ready(Ok(()));
            }
            let next = [far.answered.front(), far.asked.front()];
            let next = next.into_iter().flatten().map(|(at, _)| *at).min();
            far.reader = Some(cx.waker().clone());
            drop(far);
            let Some(next) = next else {
                return Poll::Pending;
            };
            let alarm = this
                .alarm
                .get_or_insert_with(|| Box::pin(sleep_until(next)));
            if alarm.deadline() != next {
                alarm.as_mut().reset(next);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl AsyncWrite for NearEnd {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut far = self.bus.far();
        if far.plug == Plug::Out {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let last_bit = far.free.max(Instant::now()) + far.character * characters(bytes);
        far.free = last_bit;
        far.asked.push_back((last_bit, bytes.to_vec()));
        far.wake();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
