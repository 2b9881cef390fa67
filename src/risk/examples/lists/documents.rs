//! Made-up documents by the hundred million.

use crate::{KEY, progress};
use evidence::{DocumentNumber, Sensitive, StateCode};
use risk::Lists;
use risk::lists::DocumentDigests;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

/// The number of a listed document: a letter and eight digits in no order that shows. Each is another one below a hundred
/// million.
fn number(letter: char, at: u64) -> Option<DocumentNumber> {
    DocumentNumber::parse(&format!("{letter}{:08}", at * 48_271 % 100_000_000)).ok()
}

pub(crate) fn collected(count: u64) -> DocumentDigests {
    let mut digests = DocumentDigests::new(&Sensitive::new(KEY));
    digests.reserve(usize::try_from(count).unwrap_or_default());
    let begun = Instant::now();
    for at in 0..count {
        if let Some(number) = number('L', at) {
            digests.add(StateCode::UTOPIA, &number);
        }
        progress("digests", at, count);
    }
    println!("{count} digests in {:?}", begun.elapsed());
    let begun = Instant::now();
    digests.settle();
    println!("sorted in {:?}", begun.elapsed());
    digests
}

pub(crate) fn check(lists: &Lists, count: u64) -> Result<(), Box<dyn Error>> {
    let mut missed = 0_u64;
    let begun = Instant::now();
    for at in 0..count {
        let number = number('L', at).ok_or("no number")?;
        missed += u64::from(lists.document(StateCode::UTOPIA, &number).is_none());
        progress("listed documents asked", at, count);
    }
    println!(
        "false negatives: {missed} of {count}; {} ns each, the number's making included",
        begun.elapsed().as_nanos() / u128::from(count.max(1))
    );
    let strangers = count.clamp(1_000_000, 20_000_000);
    let mut wrong = 0_u64;
    for at in 0..strangers {
        let number = number('S', at).ok_or("no number")?;
        wrong += u64::from(lists.document(StateCode::UTOPIA, &number).is_some());
        progress("documents on no list asked", at, strangers);
    }
    println!(
        "false positives: {wrong} of {strangers}: {} in 100,000,000",
        wrong * 100_000_000 / strangers
    );
    let asked: Vec<DocumentNumber> = (0..1_000_000).filter_map(|at| number('S', at)).collect();
    let begun = Instant::now();
    for number in &asked {
        black_box(lists.document(StateCode::UTOPIA, black_box(number)));
    }
    println!(
        "one lookup: {} ns, HMAC-SHA-256 and filter",
        begun.elapsed().as_nanos() / 1_000_000
    );
    Ok(())
}
