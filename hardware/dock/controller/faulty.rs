//! Trouble on a line, put in between by a decorator.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A line that loses and garbles messages, the same ones for the same seed.
///
/// One write, and one read as it arrives, counts as one message; a Modbus RTU frame fits in one.
#[derive(Debug)]
pub struct Faulty<P> {
    port: P,
    state: u64,
    drop: u64,
    flip: u64,
}

impl<P> Faulty<P> {
    /// Wraps a line, without trouble as yet.
    pub fn new(port: P, seed: u64) -> Self {
        Self {
            port,
            state: seed,
            drop: 0,
            flip: 0,
        }
    }

    /// Loses this many messages in a hundred.
    #[must_use]
    pub fn drop(mut self, per_cent: u64) -> Self {
        self.drop = per_cent;
        self
    }

    /// Turns one bit over in this many messages in a hundred.
    #[must_use]
    pub fn flip(mut self, per_cent: u64) -> Self {
        self.flip = per_cent;
        self
    }

    /// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough to choose troubles with.
    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Whether a message gets through; it may come out with a bit turned over.
    fn trouble(&mut self, message: &mut [u8]) -> bool {
        if self.roll() % 100 < self.drop {
            return false;
        }
        if self.roll() % 100 < self.flip && !message.is_empty() {
            let bits = u64::try_from(message.len() * 8).unwrap_or(8);
            let bit = usize::try_from(self.roll() % bits).unwrap_or(0);
            message[bit / 8] ^= 1 << (bit % 8);
        }
        true
    }
}

impl<P: AsyncRead + Unpin> AsyncRead for Faulty<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let before = buf.filled().len();
            ready!(Pin::new(&mut self.port).poll_read(cx, buf))?;
            let arrived = buf.filled().len() > before;
            if !arrived || self.trouble(&mut buf.filled_mut()[before..]) {
                return Poll::Ready(Ok(()));
            }
            buf.set_filled(before);
        }
    }
}

impl<P: AsyncWrite + Unpin> AsyncWrite for Faulty<P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut message = bytes.to_vec();
        // A line that is not ready is asked again with the same bytes: roll only once it has taken them.
        let state = self.state;
        if !self.trouble(&mut message) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.port).poll_write(cx, &message);
        if written.is_pending() {
            self.state = state;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.port).poll_shutdown(cx)
    }
}
