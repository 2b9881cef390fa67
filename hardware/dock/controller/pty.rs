//! A pseudo-terminal whose far end outlives the programs that open it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, ioctl_tiocnxcl, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The device's end of a pseudo-terminal.
#[derive(Debug)]
pub struct Pty {
    master: AsyncFd<OwnedFd>,
    /// Kept open, since a master whose other end nobody holds reads as an error until somebody opens it again.
    keeper: OwnedFd,
    path: PathBuf,
}

impl Pty {
    /// Opens a pair in raw mode.
    ///
    /// # Errors
    /// When the system has none, or outside a tokio runtime.
    pub fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let keeper = rustix::fs::open(&path, flags, Mode::empty())?;
        let mut settings = tcgetattr(&keeper)?;
        settings.make_raw();
        tcsetattr(&keeper, OptionalActions::Now, &settings)?;
        fcntl_setfl(&master, fcntl_getfl(&master)? | OFlags::NONBLOCK)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe; an OwnedFd is its descriptor's only owner for life"
        )]
        let master = AsyncFd::new(master)?;
        Ok(Self {
            master,
            keeper,
            path,
        })
    }

    /// The name under which the other end is opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the next program in. A real port forgets that it was claimed when its holder dies; this one does not,
    /// because the keeper still holds it.
    pub fn release_claim(&self) {
        let _best_effort = ioctl_tiocnxcl(&self.keeper);
    }
}

impl AsyncRead for Pty {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.master.poll_read_ready(cx))?;
            let read = |master: &AsyncFd<OwnedFd>| {
                Ok(rustix::io::read(
                    master.get_ref(),
                    buf.initialize_unfilled(),
                )?)
            };
            if let Ok(result) = ready.try_io(read) {
                return Poll::Ready(result.map(|count| buf.advance(count)));
            }
        }
    }
}

impl AsyncWrite for Pty {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.master.poll_write_ready(cx))?;
            if let Ok(result) =
                ready.try_io(|master| Ok(rustix::io::write(master.get_ref(), bytes)?))
            {
                return Poll::Ready(result);
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
