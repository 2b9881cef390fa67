//! A code that is none, or not one to believe, gets a word of what is wrong with it and costs the lane nothing.

use dock::cast::Traveller;
use dock::papers::Papers;
use evidence::{
    Content,
    declaration::{CodeRefusal, PREFIX},
};
use journey::Hint;

use crate::hall::{Hall, brisk};

const RECORDED: [&str; 3] = ["began", "code_refused", "ended"];

async fn is_refused(
    draw: impl FnOnce(&Papers, &Content) -> String,
    expected: CodeRefusal,
    records: &[&str],
) {
    let mut hall = Hall::with(brisk()).await;
    let anna = Traveller::specimen(0).unwrap();
    let code = draw(&hall.rig.papers, &hall.content(&[&anna]));
    hall.holds_code(&code);
    let refused = Some(Hint::Code(expected));
    hall.gathering("why the code is refused", |view| view.hint == refused)
        .await;
    hall.is_ready_for_the_next().await;
    assert_eq!(hall.kinds(1), records);
    assert_eq!(hall.openings(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_address_is_nobodys_business() {
    is_refused(
        |_, _| "https://example.org/menu?table=12".to_owned(),
        CodeRefusal::NotADeclaration,
        &["began", "ended"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_signature_is_refused() {
    is_refused(
        |papers, content| papers.foreign_code(content).unwrap(),
        CodeRefusal::UnknownIssuer,
        &RECORDED,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_code_is_refused() {
    is_refused(
        |papers, content| {
            let yesterday = papers.now.plus_seconds(-86_400);
            papers.code_until(content, yesterday).unwrap()
        },
        CodeRefusal::Expired,
        &RECORDED,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_flipped_bit_breaks_the_signature() {
    is_refused(
        |papers, content| {
            let code = papers.code(content).unwrap();
            let mut bytes = base45::decode(code.strip_prefix(PREFIX).unwrap()).unwrap();
            // The signature is the last 64 bytes; this bit lies in what it signs, within the sealed part.
            let at = bytes.len() - 64 - 20;
            bytes[at] ^= 0b0001_0000;
            format!("{PREFIX}{}", base45::encode(&bytes))
        },
        CodeRefusal::BadSignature,
        &RECORDED,
    )
    .await;
}
