//! What is read, in which order, and what becomes of answers that come late.

use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;

/// A reader as slow as the test wants: it says which frame it has, and goes on when it is let.
struct Slow {
    reads: Sender<(Kind, u32)>,
    go: Receiver<Step>,
    forgets: Sender<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Documents,
    Face,
}

/// What the slow reader does next.
enum Step {
    Nothing,
    Tell,
    Panic,
}

impl Reads for Slow {
    fn read(&mut self, looking: &Looking, frame: &Frame) -> Found {
        let kind = match looking {
            Looking::Nothing => panic!("nothing is wanted"),
            Looking::Documents => Kind::Documents,
            Looking::Face { .. } => Kind::Face,
        };
        self.reads.send((kind, number(frame))).unwrap();
        match self.go.recv() {
            Ok(Step::Tell) => Found {
                sights: vec![Sight::Code(Zeroizing::new(number(frame).to_string()))],
                ..Found::default()
            },
            Ok(Step::Panic) => panic!("a reader that asserts on this frame"),
            Ok(Step::Nothing) | Err(_) => Found::default(),
        }
    }

    fn turn(&mut self) {}

    fn forget(&mut self) {
        let _ = self.forgets.send(());
    }
}

/// The threads with a slow reader, and both cameras in hand.
struct Rig {
    documents: (Sender<Frame>, Capture),
    faces: (Sender<Frame>, Capture),
    reads: Receiver<(Kind, u32)>,
    go: Sender<Step>,
    forgets: Receiver<()>,
    sights: UnboundedReceiver<Sight>,
    watch: Watch,
}

impl Rig {
    fn new() -> Self {
        Self::with(handed(), handed())
    }

    fn with(documents: (Sender<Frame>, Capture), faces: (Sender<Frame>, Capture)) -> Self {
        let (reads_in, reads) = channel();
        let (go, goes) = channel();
        let (forgets_in, forgets) = channel();
        let (told, sights) = unbounded_channel();
        let slow = Slow {
            reads: reads_in,
            go: goes,
            forgets: forgets_in,
        };
        let lenses = Lenses {
            documents: documents.1.clone(),
            faces: faces.1.clone(),
        };
        let watch = Watch::with(slow, lenses, told, |_| {}).unwrap();
        Self {
            documents,
            faces,
            reads,
            go,
            forgets,
            sights,
            watch,
        }
    }

    /// Hands over one frame and waits until it is the newest.
    fn shows(camera: &mut (Sender<Frame>, Capture), shown: u32) {
        camera.0.send(numbered(shown)).unwrap();
        while number(&camera.1.newest(PATIENCE).unwrap()) != shown {}
    }

    fn read(&self) -> (Kind, u32) {
        self.reads.recv_timeout(PATIENCE).unwrap()
    }

    /// What was told of what was read; the cameras' own reports are passed over.
    fn told(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Ok(sight) = self.sights.try_recv() {
            if let Sight::Code(text) = sight {
                told.push(text.to_string());
            }
        }
        told
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A reader that is not waited for goes on.
        let (gone, _) = channel();
        self.go = gone;
    }
}

#[test]
fn a_slow_reader_always_reads_the_newest_frame_and_none_twice() {
    let mut rig = Rig::new();
    rig.watch.look(Looking::Documents);
    let mut shown = 1;
    Rig::shows(&mut rig.documents, shown);
    assert_eq!(rig.read(), (Kind::Documents, 1));
    for round in 0_u32..200 {
        // While it reads, one to seven frames come by.
        for _ in 0..=(round * 5 % 7) {
            shown += 1;
            Rig::shows(&mut rig.documents, shown);
        }
        rig.go.send(Step::Nothing).unwrap();
        assert_eq!(rig.read(), (Kind::Documents, shown), "round {round}");
    }
    // Nothing newer: it waits for the next and does not read the last again.
    rig.go.send(Step::Nothing).unwrap();
    Rig::shows(&mut rig.documents, 9_000);
    assert_eq!(rig.read(), (Kind::Documents, 9_000));
}

#[test]
fn what_is_looked_for_decides_which_camera_is_read() {
    let mut rig = Rig::new();
    Rig::shows(&mut rig.documents, 1);
    Rig::shows(&mut rig.faces, 2);
    rig.watch.look(Looking::Documents);
    assert_eq!(rig.read(), (Kind::Documents, 1));
    rig.watch.look(face());
    rig.go.send(Step::Nothing).unwrap();
    assert_eq!(rig.read(), (Kind::Face, 2));
    Rig::shows(&mut rig.documents, 3);
    rig.watch.look(Looking::Nothing);
    rig.go.send(Step::Nothing).unwrap();
    Rig::shows(&mut rig.faces, 4);
    rig.watch.look(Looking::Documents);
    assert_eq!(
        rig.read(),
        (Kind::Documents, 3),
        "the face's frame was not read"
    );
}

#[test]
fn one_camera_serves_as_both() {
    let camera = handed();
    let faces = (camera.0.clone(), camera.1.clone());
    let mut rig = Rig::with(camera, faces);
    Rig::shows(&mut rig.documents, 1);
    rig.watch.look(Looking::Documents);
    assert_eq!(rig.read(), (Kind::Documents, 1));
    rig.watch.look(face());
    Rig::shows(&mut rig.documents, 2);
    rig.go.send(Step::Nothing).unwrap();
    assert_eq!(rig.read(), (Kind::Face, 2));
}

#[test]
fn what_was_seen_under_another_order_is_not_told() {
    let mut rig = Rig::new();
    rig.watch.look(Looking::Documents);
    Rig::shows(&mut rig.documents, 1);
    rig.read();
    rig.go.send(Step::Tell).unwrap();
    Rig::shows(&mut rig.documents, 2);
    rig.read();
    assert_eq!(rig.told(), ["1"]);
    // The journey ends while the second is being read, and a third is taken by then.
    rig.watch.forget();
    rig.go.send(Step::Tell).unwrap();
    rig.forgets.recv_timeout(PATIENCE).unwrap();
    assert_eq!(rig.told(), [] as [&str; 0]);
    Rig::shows(&mut rig.documents, 4);
    assert_eq!(
        rig.read(),
        (Kind::Documents, 4),
        "the same is looked for again"
    );
    rig.watch.look(face());
    rig.go.send(Step::Tell).unwrap();
    Rig::shows(&mut rig.faces, 5);
    assert_eq!(rig.read(), (Kind::Face, 5));
    assert_eq!(rig.told(), [] as [&str; 0]);
}

/// A camera that tells what it is aimed at.
struct Aimed(Receiver<Frame>, Sender<Aim>);

impl Source for Aimed {
    fn frame(&mut self) -> Result<Frame, CameraError> {
        Handed::next(&self.0)
    }

    fn describe(&self) -> String {
        "a camera that can be aimed".to_owned()
    }

    fn aim(&mut self, aim: Aim) {
        let _ = self.1.send(aim);
    }
}

#[test]
fn the_document_camera_is_aimed_at_screens_while_documents_are_wanted() {
    let (frames, source) = channel();
    let (aims_in, aims) = channel();
    let capture = Capture::start(Aimed(source, aims_in)).unwrap();
    let mut rig = Rig::with((frames, capture), handed());
    let mut number = 0;
    // A source hears of it before its next frame, and waits for one already.
    let mut after = |rig: &mut Rig| {
        rig.go.send(Step::Nothing).unwrap();
        for _ in 0..2 {
            number += 1;
            Rig::shows(&mut rig.documents, number);
        }
        aims.recv_timeout(PATIENCE).unwrap()
    };
    rig.watch.look(Looking::Documents);
    Rig::shows(&mut rig.documents, 99);
    rig.read();
    assert_eq!(after(&mut rig), Aim::Screens);
    rig.watch.look(face());
    rig.go.send(Step::Nothing).unwrap();
    Rig::shows(&mut rig.faces, 100);
    while rig.read().0 != Kind::Face {
        rig.go.send(Step::Nothing).unwrap();
    }
    assert_eq!(after(&mut rig), Aim::Scene);
}

#[test]
fn a_forgotten_frame_is_not_read() {
    let mut rig = Rig::new();
    Rig::shows(&mut rig.documents, 1);
    rig.watch.forget();
    rig.watch.look(Looking::Documents);
    rig.forgets.recv_timeout(PATIENCE).unwrap();
    Rig::shows(&mut rig.documents, 2);
    assert_eq!(rig.read(), (Kind::Documents, 2));
}

#[test]
fn a_reader_that_panics_reads_the_next_frame() {
    let mut rig = Rig::new();
    rig.watch.look(Looking::Documents);
    Rig::shows(&mut rig.documents, 1);
    rig.read();
    rig.go.send(Step::Panic).unwrap();
    Rig::shows(&mut rig.documents, 2);
    assert_eq!(rig.read(), (Kind::Documents, 2));
}

#[test]
fn a_reader_that_does_not_come_back_makes_its_camera_useless_until_it_does() {
    let begun = Instant::now();
    let after = |ms| Pace::of(begun, begun + Duration::from_millis(ms));
    let paces = [0, 499, 500, 4_999, 5_000, 60_000].map(after);
    use Pace::{InTime, Late, Lost};
    assert_eq!(paces, [InTime, InTime, Late, Late, Lost, Lost]);

    let mut camera = handed();
    Rig::shows(&mut camera, 1);
    let mut lens = Lens::new(Device::FaceCamera, camera.1.clone());
    assert!(matches!(
        lens.report(InTime),
        Some(Sight::Works(Device::FaceCamera))
    ));
    assert!(lens.report(Late).is_none());
    assert!(matches!(
        lens.report(Lost),
        Some(Sight::Fails(Device::FaceCamera))
    ));
    assert!(lens.report(Lost).is_none(), "told once");
    assert!(matches!(
        lens.report(InTime),
        Some(Sight::Works(Device::FaceCamera))
    ));
}

#[test]
fn a_reader_at_work_keeps_nobody_from_giving_orders() {
    let mut rig = Rig::new();
    rig.watch.look(Looking::Documents);
    Rig::shows(&mut rig.documents, 1);
    rig.read();
    // It is held here; were orders carried out by the thread that reads, these calls would not return.
    rig.watch.look(face());
    rig.watch.forget();
    rig.watch.look(Looking::Nothing);
    assert!(
        rig.documents.1.newest(Duration::ZERO).is_err(),
        "forgotten already"
    );
}
