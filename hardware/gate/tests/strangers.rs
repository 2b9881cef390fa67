//! Peers that answer late, twice, or with noise: the link takes nothing for an answer that is none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use gate::{Leaf, Link, LinkError, News, PortFactory, RegisterMap, Timings};
use proptest::prelude::*;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
};

/// One line that stays the same however often it is opened, so that what was left on it is still there.
#[derive(Clone)]
struct SameLine(Arc<Mutex<DuplexStream>>);

impl SameLine {
    fn pair() -> (Self, DuplexStream) {
        let (near, far) = duplex(4096);
        (Self(Arc::new(Mutex::new(near))), far)
    }
}

impl PortFactory for SameLine {
    type Port = Self;
    async fn open(&mut self) -> io::Result<Self> {
        Ok(self.clone())
    }
    fn describe(&self) -> String {
        "a line in memory".to_owned()
    }
}

impl AsyncRead for SameLine {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.lock().unwrap()).poll_read(cx, buf)
    }
}

impl AsyncWrite for SameLine {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.lock().unwrap()).poll_write(cx, bytes)
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.lock().unwrap()).poll_flush(cx)
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.lock().unwrap()).poll_shutdown(cx)
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let crc = body.iter().fold(0xffff_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xa001
            } else {
                crc >> 1
            }
        })
    });
    [body, &crc.to_le_bytes()].concat()
}

/// Answers one request as a gate would whose leaf stands thus (0 closed, 2 open).
fn answer(request: &[u8], leaf: u8) -> Vec<u8> {
    match request[1] {
        2 => frame(&[1, 2, 1, 0x80]),
        4 => frame(&[1, 4, 14, 0, leaf, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 100]),
        6 => request.to_vec(),
        other => panic!("unexpected function {other}"),
    }
}

async fn request(far: &mut DuplexStream) -> Vec<u8> {
    let mut request = vec![0; 8];
    far.read_exact(&mut request).await.unwrap();
    request
}

/// Short, so that hundreds of time-outs fit into a test.
fn timings() -> Timings {
    Timings {
        poll: Duration::from_millis(1),
        answer: Duration::from_millis(30),
        silence: Duration::from_millis(5),
        reopen: Duration::from_millis(1),
        ..Timings::default()
    }
}

/// Everything that the link has said so far.
fn said(news: &mut tokio::sync::mpsc::Receiver<News>) -> Vec<Leaf> {
    std::iter::from_fn(|| news.try_recv().ok())
        .map(leaf)
        .collect()
}

fn leaf(news: News) -> Leaf {
    match news {
        News::Connected(status) | News::Changed(status) => status.leaf,
        News::Lost(error) => panic!("lost: {error}"),
    }
}

/// The peer answers everything, but for one poll it keeps silent until the link has given up, and only then says that the
/// gate is open. By then it is closed.
#[tokio::test]
async fn a_late_answer_is_never_taken_for_the_next_one() {
    let (line, mut far) = SameLine::pair();
    let (_link, mut news) = Link::spawn(line, RegisterMap::controller().unwrap(), timings());
    let peer = tokio::spawn(async move {
        let mut withheld = None;
        for turn in 0_u32..600 {
            let asked = request(&mut far).await;
            // Twenty exchanges in: say nothing now, and let the stale answer precede the next answer.
            if turn % 20 == 19 {
                withheld = Some(answer(&asked, 2));
                continue;
            }
            if let Some(late) = withheld.take() {
                far.write_all(&late).await.unwrap();
            }
            far.write_all(&answer(&asked, 0)).await.unwrap();
        }
    });
    peer.await.unwrap();
    // Neither has an open leaf been seen, nor was the gate lost.
    assert_eq!(said(&mut news), [Leaf::Closed]);
}

/// Every answer of one poll comes twice. The second copy must not answer the next question.
#[tokio::test]
async fn a_doubled_answer_is_never_taken_for_the_next_one() {
    let (line, mut far) = SameLine::pair();
    let (_link, mut news) = Link::spawn(line, RegisterMap::controller().unwrap(), timings());
    let peer = tokio::spawn(async move {
        for turn in 0_u32..600 {
            let asked = request(&mut far).await;
            let open = turn > 60;
            far.write_all(&answer(&asked, if open { 2 } else { 0 }))
                .await
                .unwrap();
            if turn % 7 == 3 {
                // The copy is of an answer that was true once: always "closed".
                tokio::task::yield_now().await;
                far.write_all(&answer(&asked, 0)).await.unwrap();
            }
        }
    });
    peer.await.unwrap();
    // After "open" every "closed" would have been a stale copy.
    assert_eq!(said(&mut news), [Leaf::Closed, Leaf::Open]);
}

#[tokio::test]
async fn a_command_to_a_dumb_line_ends_in_its_time_and_says_that_its_fate_is_not_known() {
    let (line, _far) = SameLine::pair();
    let timings = timings();
    let (link, mut news) = Link::spawn(line, RegisterMap::controller().unwrap(), timings);
    let begun = tokio::time::Instant::now();
    let error = link
        .command(gate::Command::Close)
        .await
        .expect_err("nobody answers");
    assert!(
        matches!(
            error,
            LinkError::NotConfirmed { .. } | LinkError::OutOfReach { .. }
        ),
        "{error}"
    );
    assert!(begun.elapsed() < 2 * timings.acknowledge);
    assert!(matches!(news.recv().await.unwrap(), News::Lost(_)));
    let error = link
        .command(gate::Command::Close)
        .await
        .expect_err("nobody answers");
    assert!(matches!(error, LinkError::OutOfReach { .. }), "{error}");
}

#[tokio::test]
async fn a_babbling_line_is_reported_as_one() {
    let (line, mut far) = SameLine::pair();
    let (_link, mut news) = Link::spawn(
        line,
        RegisterMap::controller().unwrap(),
        Timings {
            silence: Duration::from_millis(200),
            drain: Duration::from_millis(400),
            ..timings()
        },
    );
    let noise = tokio::spawn(async move { while far.write_all(&[0x55; 16]).await.is_ok() {} });
    match news.recv().await.unwrap() {
        News::Lost(error) => assert!(matches!(*error, LinkError::Babbling { .. }), "{error}"),
        other => panic!("{other:?}"),
    }
    noise.abort();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever bytes come, cut as they may be, the link neither panics nor takes them for a gate.
    #[test]
    fn no_bytes_make_the_link_panic(
        chunks in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..40), any::<bool>(), 0_u8..24), 1..16),
        relay in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (line, far) = SameLine::pair();
            let map = if relay { RegisterMap::relay_box() } else { RegisterMap::controller() }.unwrap();
            let (link, mut news) = Link::spawn(line, map, Timings {
                answer: Duration::from_millis(3),
                silence: Duration::from_millis(1),
                drain: Duration::from_millis(20),
                acknowledge: Duration::from_millis(40),
                ..timings()
            });
            let (mut reader, mut writer) = tokio::io::split(far);
            let noise = async {
                for (bytes, framed, function) in &chunks {
                    let mut request = [0; 8];
                    let _asked = tokio::time::timeout(Duration::from_millis(4), reader.read(&mut request)).await;
                    let bytes = if *framed { frame(&[&[1, *function], bytes.as_slice()].concat()) } else { bytes.clone() };
                    writer.write_all(&bytes).await.unwrap();
                }
            };
            let orders = async {
                for _ in 0..3 {
                    let done = link.command(gate::Command::Close).await;
                    // Relays only read back, and noise with a right checksum may be that; tickets it cannot guess.
                    assert!(relay || done.is_err(), "noise confirmed a command");
                }
            };
            tokio::join!(noise, orders);
            let stopped = link.command(gate::Command::Close).await;
            assert!(!matches!(stopped, Err(LinkError::Stopped)), "the link has died of noise");
            while let Ok(said) = news.try_recv() {
                assert!(relay || matches!(said, News::Lost(_)), "noise was taken for a gate: {said:?}");
            }
        });
    }
}
