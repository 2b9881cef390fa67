//! The gate's doors, which need few crates: their fuzzers are built in a minute.

#![allow(clippy::expect_used, unreachable_pub)]

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU8;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gate::tape::Recording;
use gate::{Command, Link, News, PortFactory, RegisterMap};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[path = "operations.rs"]
mod operations;
pub use operations::gate_operations;

/// What answers a request, both without their CRC; none when the line is gone. The answer's CRC may be spoilt.
pub type Answers = Box<dyn FnMut(&[u8]) -> Option<(Vec<u8>, bool)> + Send>;

/// A line that can be opened once.
struct Line(Option<Answers>);

impl PortFactory for Line {
    type Port = Wire;

    async fn open(&mut self) -> io::Result<Wire> {
        let answers = self.0.take().ok_or(io::ErrorKind::NotFound)?;
        Ok(Wire {
            answers,
            said: VecDeque::new(),
            gone: false,
        })
    }

    fn describe(&self) -> String {
        "a line of bytes".to_owned()
    }
}

struct Wire {
    answers: Answers,
    said: VecDeque<u8>,
    gone: bool,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Who waits here waits with a time limit of its own, which wakes it.
        if self.said.is_empty() && !self.gone {
            return Poll::Pending;
        }
        let count = into.remaining().min(self.said.len());
        let bytes: Vec<u8> = self.said.drain(..count).collect();
        into.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        request: &[u8],
    ) -> Poll<io::Result<usize>> {
        let body = request.len().saturating_sub(2);
        match (self.answers)(&request[..body]) {
            Some((message, sound)) => {
                self.said.extend(&message);
                if sound {
                    self.said.extend(crc(&message));
                }
            }
            None => self.gone = true,
        }
        Poll::Ready(Ok(request.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What a gate's controller says: one message for each request, each behind a byte of its length; a good CRC is put behind
/// it, but where the length's top bit is set. When there is no more, the line is gone. The link survives it, tells nothing
/// of a gate that it has not met, and says at last that the gate is lost.
pub fn gate_answers(input: &[u8]) -> bool {
    let mut rest = input.to_vec();
    converse(Box::new(move |_| {
        let (length, more) = rest.split_first()?;
        let sound = length & 0x80 == 0;
        let (message, after) = more.split_at(usize::from(length & 0x7f).min(more.len()));
        let message = message.to_vec();
        rest = after.to_vec();
        Some((message, sound))
    }))
}

/// A link with one command over a line that answers so. True when the gate was met.
pub fn converse(answers: Answers) -> bool {
    let short = Duration::from_millis(1);
    let timings = gate::Timings {
        poll: short,
        answer: short,
        acknowledge: short,
        opening: short,
        silence: short,
        drain: Duration::from_secs(1),
        reopen: short,
        patience: short,
    };
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime of one thread");
    tokio.block_on(async {
        let map = RegisterMap::controller().expect("the shipped map");
        let (link, mut news) = Link::spawn(Line(Some(answers)), map, timings);
        let command = link.command(Command::Open {
            persons: NonZeroU8::MIN,
        });
        let followed = async {
            let mut connected = false;
            while let Some(news) = news.recv().await {
                match news {
                    News::Connected(_) => connected = true,
                    News::Changed(_) => assert!(connected, "changed before it was known"),
                    News::Lost(_) => break,
                }
            }
            connected
        };
        let (_obeyed_or_not, connected) = tokio::join!(command, followed);
        connected
    })
}

/// CRC-16 as in Modbus over serial line V1.02, section 6.2.2.
fn crc(message: &[u8]) -> [u8; 2] {
    let step = |crc: u16, byte: &u8| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xa001 } else { 0 }
        })
    };
    message.iter().fold(0xffff, step).to_le_bytes()
}

/// A recording of a line. What is read is written so that it reads the same again.
pub fn gate_tape(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    let Ok(recording) = text.parse::<Recording>() else {
        return false;
    };
    let written = recording.to_string();
    assert_eq!(
        written.parse().as_ref(),
        Ok(&recording),
        "it does not read as it was written"
    );
    // The map in it may be one that a later release refuses.
    drop(recording.head.register_map());
    true
}
