//! The doors through which an edition comes: its manifest, and the binary files that the manifest names. What is accepted
//! can be searched for anybody.

use evidence::{BirthDate, Date, DocumentKind, DocumentNumber, Name, Sensitive, StateCode};
use risk::{Lists, Manifest, Policy, Shown, Traveller};

/// The manifest of the seeds: its key made them, and the delta follows a filter of this hash.
pub const MANIFEST: &str = concat!(
    "version = \"fuzz-1\"\nissued = 2026-11-20\n",
    "key = \"0707070707070707070707070707070707070707070707070707070707070707\"\n",
    "[files.document_filter]\nname = \"documents.filter\"\n",
    "sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
);

fn manifest_of_the_seeds() -> Manifest {
    Manifest::parse(MANIFEST).expect("this manifest is well formed")
}

/// A list file that may name others. It names none outside of its folder.
pub fn manifest(input: &[u8]) -> bool {
    let Some(Ok(manifest)) = std::str::from_utf8(input).ok().map(Manifest::parse) else {
        return false;
    };
    for name in manifest.files() {
        assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.'));
    }
    true
}

/// A filter of lost documents.
pub fn document_filter(input: &[u8]) -> bool {
    search(Lists::of_files(
        manifest_of_the_seeds(),
        Some(input),
        None,
        None,
    ))
}

/// What was listed and taken off since.
pub fn document_delta(input: &[u8]) -> bool {
    const FILTER: &[u8] = include_bytes!("seeds/document_filter/six");
    search(Lists::of_files(
        manifest_of_the_seeds(),
        Some(FILTER),
        Some(input),
        None,
    ))
}

/// Names in clear. Whoever is found is alike by no more than all.
pub fn names_file(input: &[u8]) -> bool {
    search(Lists::of_files(
        manifest_of_the_seeds(),
        None,
        None,
        Some(input),
    ))
}

fn search<E>(lists: Result<Lists, E>) -> bool {
    let Ok(lists) = lists else { return false };
    let policy = include_str!("../../src/risk/policy.sample.toml");
    let bar = Policy::parse(policy).expect("the sample").bar();
    for (number, primary, secondary) in [
        ("L898902C3", "ERIKSSON", "ANNA MARIA"),
        ("LOST1", "SHCHERBAKOV", "YURII"),
        ("X", "ABDULRAHMAN", ""),
        (
            "999999999999999999999999",
            "A B C D E F G H I J K L M N O P Q R",
            "S T U",
        ),
    ] {
        let number = DocumentNumber::parse(number).expect("a number");
        let name = Name::new(primary, secondary).expect("a name");
        let birth = BirthDate::new(1961, Some(3), None).expect("a date");
        let _listed_or_not = lists.document(StateCode::UTOPIA, &number);
        let traveller = Traveller {
            state: StateCode::UTOPIA,
            number: Sensitive::new(number),
            name: Sensitive::new(name),
            birth: Sensitive::new(birth),
            nationality: StateCode::UTOPIA,
            shown: Some(Shown {
                kind: DocumentKind::Passport,
                expiry: Date::MAX,
                name_truncated: true,
            }),
        };
        if let Some(found) = lists.nearest_name(&traveller, &bar) {
            assert!(found.is_hit() && found.score <= 1000);
            assert!(found.entry > 0 && !found.parts.is_empty());
        }
    }
    true
}
