//! Listening to a line while it is used.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::{Deed, Entry, Trouble};
use crate::{Command, PortFactory};

struct Reel {
    begun: Instant,
    listener: Box<dyn FnMut(&Entry) + Send>,
}

/// Hears every byte of the lines that it is put on. It changes nothing about them.
#[derive(Clone)]
pub struct Tape {
    reel: Arc<Mutex<Reel>>,
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tape")
    }
}

impl Tape {
    /// A tape that begins now. The listener is called on the line's own task: it must not wait.
    pub fn new(listener: impl FnMut(&Entry) + Send + 'static) -> Self {
        let reel = Reel {
            begun: Instant::now(),
            listener: Box::new(listener),
        };
        Self {
            reel: Arc::new(Mutex::new(reel)),
        }
    }

    /// Puts the tape on a line.
    pub fn on<F: PortFactory>(&self, ports: F) -> Taped<F> {
        Taped {
            ports,
            tape: self.clone(),
        }
    }

    /// Notes a command that is about to be given to the link: bytes alone do not tell that somebody ordered them.
    pub fn ordered(&self, command: Command) {
        self.note(Deed::Ordered(command));
    }

    fn note(&self, deed: Deed) {
        let mut reel = self.reel.lock().unwrap_or_else(PoisonError::into_inner);
        let at = reel.begun.elapsed();
        (reel.listener)(&Entry { at, deed });
    }
}

/// Lines under a tape.
#[derive(Debug)]
pub struct Taped<F> {
    ports: F,
    tape: Tape,
}

impl<F: PortFactory> PortFactory for Taped<F> {
    type Port = TapedPort<F::Port>;

    async fn open(&mut self) -> io::Result<Self::Port> {
        match self.ports.open().await {
            Ok(port) => {
                self.tape.note(Deed::Opened);
                Ok(TapedPort {
                    port,
                    tape: self.tape.clone(),
                })
            }
            Err(error) => {
                self.tape.note(Deed::NotOpened(Trouble::of(&error)));
                Err(error)
            }
        }
    }

    fn describe(&self) -> String {
        self.ports.describe()
    }
}

/// A line under a tape.
#[derive(Debug)]
pub struct TapedPort<P> {
    port: P,
    tape: Tape,
}

impl<P: AsyncRead + Unpin> AsyncRead for TapedPort<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buf.filled().len(), buf.remaining());
        let read = ready!(Pin::new(&mut self.port).poll_read(cx, buf));
        match (&read, buf.filled().get(before..).unwrap_or_default()) {
            (Ok(()), []) if room > 0 => self.tape.note(Deed::Ended),
            (Ok(()), []) => {}
            (Ok(()), bytes) => self.tape.note(Deed::Received(bytes.to_vec())),
            (Err(error), _) => self.tape.note(Deed::Broke(Trouble::of(error))),
        }
        Poll::Ready(read)
    }
}

impl<P: AsyncWrite + Unpin> AsyncWrite for TapedPort<P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.port).poll_write(cx, bytes));
        match &written {
            Ok(0) => {}
            Ok(count) => {
                let taken = bytes.get(..*count).unwrap_or(bytes);
                self.tape.note(Deed::Sent(taken.to_vec()));
            }
            Err(error) => self.tape.note(Deed::Broke(Trouble::of(error))),
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_shutdown(cx)
    }
}
