//! A disk as strace saw it written: what it was told to keep, and what it may have lost if the power failed now.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What becomes of what was written since the last sync.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it is kept.
    Kept,
    /// All of it is kept but the end of the last write.
    LastTorn,
    /// Each write is kept, lost or torn by chance, and so is each change to the folder, up to one after which none is kept.
    Chance(u64),
}

/// The smallest part of a write that a disk keeps or loses, in bytes.
const SECTOR: usize = 512;

#[derive(Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

#[derive(Clone, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Entry {
    Created(PathBuf, usize),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

/// The files of one folder. A file is known by its number; names come and go.
pub(crate) struct Disk {
    folder: PathBuf,
    files: Vec<File>,
    /// As the program sees it.
    names: BTreeMap<PathBuf, usize>,
    /// As it is sure to be after a power cut.
    durable: BTreeMap<PathBuf, usize>,
    pending: Vec<Entry>,
    /// Open descriptors: the file and the place in it; no file for the folder.
    open: BTreeMap<u32, (Option<usize>, usize)>,
    acknowledged: usize,
}

struct Call<'line> {
    name: &'line str,
    arguments: &'line str,
    result: i64,
}

impl<'line> Call<'line> {
    /// `1234 name(arguments) = result`. Signals and exits are no calls.
    fn of(line: &'line str) -> Option<Self> {
        assert!(
            !line.contains("<unfinished") && !line.contains("resumed>"),
            "two threads at once: {line:.200}"
        );
        let call = line
            .trim_start_matches(|digit: char| digit.is_ascii_digit())
            .trim_start();
        let (call, result) = call.rsplit_once(" = ")?;
        let (name, arguments) = call.trim_end().strip_suffix(')')?.split_once('(')?;
        let result = result.split(' ').next()?.parse().ok()?;
        Some(Self {
            name,
            arguments,
            result,
        })
    }

    fn descriptor(&self) -> u32 {
        let first = self.arguments.split(',').next().unwrap();
        first.trim().parse().unwrap()
    }

    fn number(&self, place: usize) -> usize {
        self.arguments
            .rsplit(',')
            .nth(place)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    }

    /// The strings among the arguments, which `-xx` writes as `\x41\x42`.
    fn strings(&self) -> Vec<Vec<u8>> {
        self.arguments
            .split('"')
            .skip(1)
            .step_by(2)
            .map(|text| {
                let digits: String = text.split("\\x").collect();
                hex::decode(digits).unwrap()
            })
            .collect()
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.strings()
            .into_iter()
            .map(|bytes| PathBuf::from(String::from_utf8(bytes).unwrap()))
            .collect()
    }
}

impl Disk {
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: Vec::new(),
            names: BTreeMap::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            open: BTreeMap::new(),
            acknowledged: 0,
        }
    }

    /// Whether this line is a sync of something in the folder.
    pub(crate) fn is_sync(&self, line: &str) -> bool {
        Call::of(line).is_some_and(|call| {
            ["fsync", "fdatasync"].contains(&call.name)
                && self.open.contains_key(&call.descriptor())
        })
    }

    /// How many records the lane had said that it has.
    pub(crate) const fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    /// Takes one line of the trace.
    pub(crate) fn happened(&mut self, line: &str) {
        let Some(call) = Call::of(line).filter(|call| call.result >= 0) else {
            return;
        };
        let count = usize::try_from(call.result).unwrap();
        match call.name {
            "open" | "openat" => self.opened(&call, u32::try_from(count).unwrap()),
            "close" => drop(self.open.remove(&call.descriptor())),
            "lseek" => {
                if let Some((_, at)) = self.open.get_mut(&call.descriptor()) {
                    *at = count;
                }
            }
            "read" => {
                if let Some((_, at)) = self.open.get_mut(&call.descriptor()) {
                    *at += count;
                }
            }
            "write" if call.descriptor() == 2 => {
                let said = String::from_utf8(call.strings().remove(0)).unwrap();
                if let Some(records) = said.strip_prefix("ack ") {
                    self.acknowledged = records.trim().parse().unwrap();
                }
            }
            "write" => {
                if let Some((Some(file), at)) = self.open.get_mut(&call.descriptor()) {
                    let change = Change::Write {
                        at: *at,
                        bytes: call.strings().remove(0),
                    };
                    *at += count;
                    self.files[*file].pending.push(change);
                }
            }
            "pwrite64" => {
                if let Some((Some(file), _)) = self.open.get(&call.descriptor()) {
                    let change = Change::Write {
                        at: call.number(0),
                        bytes: call.strings().remove(0),
                    };
                    self.files[*file].pending.push(change);
                }
            }
            "ftruncate" => {
                if let Some((Some(file), _)) = self.open.get(&call.descriptor()) {
                    self.files[*file]
                        .pending
                        .push(Change::Length(call.number(0)));
                }
            }
            "fsync" | "fdatasync" => self.synced(call.descriptor()),
            "rename" => {
                let [from, to] = <[PathBuf; 2]>::try_from(call.paths()).unwrap();
                if from.parent() == Some(&self.folder) {
                    self.entry(Entry::Renamed(from, to));
                }
            }
            "unlink" => {
                let path = call.paths().remove(0);
                if path.parent() == Some(&self.folder) {
                    self.entry(Entry::Removed(path));
                }
            }
            "pwritev" => panic!("a call that is not understood: {line:.200}"),
            _ => {}
        }
    }

    fn opened(&mut self, call: &Call<'_>, descriptor: u32) {
        let path = call.paths().remove(0);
        if path == self.folder {
            self.open.insert(descriptor, (None, 0));
        } else if path.parent() == Some(&self.folder) {
            if !self.names.contains_key(&path) {
                self.files.push(File::default());
                self.entry(Entry::Created(path.clone(), self.files.len() - 1));
            }
            let file = self.names[&path];
            if call.arguments.contains("O_TRUNC") {
                self.files[file].pending.push(Change::Length(0));
            }
            self.open.insert(descriptor, (Some(file), 0));
        }
    }

    fn entry(&mut self, entry: Entry) {
        apply(&mut self.names, &entry);
        self.pending.push(entry);
    }

    fn synced(&mut self, descriptor: u32) {
        match self.open.get(&descriptor) {
            // The folder: every name is sure now.
            Some((None, _)) => {
                self.durable.clone_from(&self.names);
                self.pending.clear();
            }
            Some((Some(file), _)) => {
                let File { durable, pending } = &mut self.files[*file];
                pending
                    .drain(..)
                    .for_each(|change| apply_to(durable, &change));
            }
            None => {}
        }
    }

    /// Puts into `folder` what is found after a power cut now.
    pub(crate) fn as_after(&self, fate: &Fate, folder: &Path) {
        let mut chance = match fate {
            Fate::Chance(seed) => *seed,
            _ => 0,
        };
        let mut names = self.durable.clone();
        // A file system keeps changes to a folder in their order.
        let kept = match fate {
            Fate::Lost => 0,
            Fate::Kept | Fate::LastTorn => self.pending.len(),
            Fate::Chance(_) => below(&mut chance, self.pending.len() + 1),
        };
        for entry in &self.pending[..kept] {
            apply(&mut names, entry);
        }
        for (path, file) in names {
            let name = path.file_name().unwrap().to_str().unwrap();
            // The index of the log is mapped memory, and made anew after a cut. The trace is not the journal's.
            if name.ends_with("-shm") || name.ends_with(".trace") {
                continue;
            }
            let File { durable, pending } = &self.files[file];
            let mut content = durable.clone();
            for (number, change) in pending.iter().enumerate() {
                let whole = match fate {
                    Fate::Lost => continue,
                    Fate::Kept => true,
                    Fate::LastTorn => number + 1 < pending.len(),
                    Fate::Chance(_) => match below(&mut chance, 3) {
                        0 => continue,
                        one_of => one_of == 1,
                    },
                };
                match change {
                    Change::Write { at, bytes } if !whole => {
                        let sectors = bytes.len() / SECTOR;
                        let bytes = bytes[..sectors / 2 * SECTOR].to_vec();
                        apply_to(&mut content, &Change::Write { at: *at, bytes });
                    }
                    change => apply_to(&mut content, change),
                }
            }
            fs::write(folder.join(name), content).unwrap();
        }
    }
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, entry: &Entry) {
    match entry {
        Entry::Created(path, file) => drop(names.insert(path.clone(), *file)),
        Entry::Renamed(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Entry::Removed(path) => drop(names.remove(path)),
    }
}

fn apply_to(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => content.resize(*length, 0),
        Change::Write { at, bytes } => {
            content.resize(content.len().max(at + bytes.len()), 0);
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): chance that a seed repeats.
fn below(state: &mut u64, limit: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) % limit as u64) as usize
}
