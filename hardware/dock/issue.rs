//! Makes a signed declaration code from a small TOML file, for whoever tries a lane out.

use std::path::PathBuf;

use anyhow::{Context, Result};
use evidence::{
    Airport, Answer, Answers, BirthDate, Content, Date, DocumentNumber, Flight, GoodsKind,
    GoodsLine, KeyId, Member, Name, Sensitive, StateCode,
    declaration::{Algorithm, SigningKey},
};
use serde::Deserialize;

use crate::papers::sign;

/// What to issue.
#[derive(Debug, Clone, clap::Args)]
pub struct Issue {
    /// The declaration, as hardware/dock/declaration.sample.toml explains. Leave it out to see that sample.
    pub file: Option<PathBuf>,
    /// Where the picture of the code goes.
    #[arg(long, value_name = "PNG", default_value = "declaration.png")]
    pub out: PathBuf,
    /// The issuer's private key, PKCS #8 PEM. Without it a key is drawn and written beside the picture, with the
    /// issuers file that makes a lane believe it.
    #[arg(long, value_name = "PEM")]
    pub key: Option<PathBuf>,
    /// The issuer's name, as the lane's issuers file has it.
    #[arg(long, default_value = "Sekisho desk")]
    pub issuer: String,
    /// The key's id, hexadecimal, as the lane's issuers file has it.
    #[arg(long, default_value = "5e02")]
    pub key_id: String,
    /// Days for which the code is valid.
    #[arg(long, default_value_t = 2)]
    pub days: u16,
}

/// The sample file.
pub const SAMPLE: &str = include_str!("declaration.sample.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    flight: String,
    from: String,
    arrival: Option<String>,
    traveller: Vec<Person>,
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    goods: Vec<Goods>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    surname: String,
    #[serde(default)]
    given: String,
    passport: String,
    born: String,
    expires: String,
    nationality: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goods {
    name: String,
    kind: String,
    quantity: u32,
    #[serde(default = "one")]
    packages: u16,
    value_yen: u32,
}

const fn one() -> u16 {
    1
}

/// Issues the code.
///
/// # Errors
/// When the file is not a declaration; the message names the key and the cure.
pub fn issue(order: &Issue) -> Result<()> {
    let Some(file) = &order.file else {
        crate::demo::say(SAMPLE);
        return Ok(());
    };
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let now = crate::rig::now();
    let content = content(&text, now.date_at(evidence::UtcOffset::UTC))
        .with_context(|| format!("in {}", file.display()))?;
    let key = match &order.key {
        Some(path) => {
            let pem = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            SigningKey::from_pem(&pem)?
        }
        None => new_key(order)?,
    };
    let id = key_id(&order.key_id)?;
    let until = now.plus_seconds(i64::from(order.days) * 86_400);
    let code = sign(&content, &key, &id, &order.issuer, now, until)?;
    pictures::save_png(
        &image::DynamicImage::ImageLuma8(pictures::code_image(&code, 8)?).to_rgb8(),
        &order.out,
    )?;
    crate::demo::say(&format!(
        "{} characters, {} travellers: {}",
        code.len(),
        content.party.len(),
        order.out.display()
    ));
    Ok(())
}

fn key_id(text: &str) -> Result<KeyId> {
    let bytes: Option<Vec<u8>> = (0..text.len())
        .step_by(2)
        .map(|at| {
            text.get(at..at + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    bytes
        .as_deref()
        .and_then(KeyId::new)
        .with_context(|| format!("--key-id {text}: 2 to 32 hexadecimal digits are needed"))
}

fn new_key(order: &Issue) -> Result<SigningKey> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &secret)?;
    let issuers = format!(
        "[[issuer]]\nid = \"{}\"\nname = \"{}\"\nalgorithm = \"EdDSA\"\npublic_key = '''\n{}'''\nvalid_from = 2020-01-01T00:00:00Z\nvalid_to = 2099-12-31T23:59:59Z\n",
        order.key_id,
        order.issuer,
        key.public()?
    );
    let beside = order.out.with_extension("issuers.toml");
    std::fs::write(&beside, issuers)
        .with_context(|| format!("cannot write {}", beside.display()))?;
    crate::demo::say(&format!(
        "a new key signs it; a lane with {} believes it",
        beside.display()
    ));
    Ok(key)
}

/// Reads a declaration file.
///
/// # Errors
/// The message names what is wrong and what may stand there.
pub fn content(text: &str, today: Date) -> Result<Content> {
    let file: File = toml::from_str(text)?;
    let content = Content {
        flight: Flight::parse(&file.flight)
            .with_context(|| format!("flight = {:?}: such as \"NH105\"", file.flight))?,
        arrival: file.arrival.as_deref().map_or(Ok(today), date)?,
        departure: Airport::parse(&file.from)
            .with_context(|| format!("from = {:?}: an airport's three letters", file.from))?,
        party: file.traveller.iter().map(member).collect::<Result<_>>()?,
        answers: answers(&file.answers)?,
        goods: file.goods.iter().map(goods).collect::<Result<_>>()?,
    };
    content.check()?;
    Ok(content)
}

fn date(text: &str) -> Result<Date> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, form).with_context(|| format!("{text:?}: a date is written 2032-04-15"))
}

fn member(person: &Person) -> Result<Member> {
    Ok(Member {
        name: Sensitive::new(Name::new(&person.surname, &person.given).context("surname, given")?),
        number: Sensitive::new(DocumentNumber::parse(&person.passport).context("passport")?),
        birth: Sensitive::new(BirthDate::try_from(date(&person.born)?).context("born")?),
        expiry: date(&person.expires)?,
        nationality: StateCode::parse(&person.nationality).with_context(|| {
            format!(
                "nationality = {:?}: the passport's code, such as JPN",
                person.nationality
            )
        })?,
    })
}

fn answers(yes: &[String]) -> Result<Answers> {
    let mut answers = Answers::default();
    for word in yes {
        let answer = match word.as_str() {
            "prohibited" => &mut answers.prohibited,
            "gold" => &mut answers.gold,
            "over_allowance" => &mut answers.over_allowance,
            "commercial" => &mut answers.commercial,
            "for_others" => &mut answers.for_others,
            "cash_over_limit" => &mut answers.cash_over_limit,
            other => anyhow::bail!(
                "answers: {other:?} is none of prohibited, gold, over_allowance, commercial, for_others, cash_over_limit"
            ),
        };
        *answer = Answer::Yes;
    }
    Ok(answers)
}

const KINDS: [(&str, GoodsKind); 12] = [
    ("wine_or_beer", GoodsKind::WineOrBeer),
    (
        "whisky_or_brandy",
        GoodsKind::Spirits(evidence::Spirits::WhiskyOrBrandy),
    ),
    (
        "rum_gin_or_vodka",
        GoodsKind::Spirits(evidence::Spirits::RumGinOrVodka),
    ),
    ("liqueur", GoodsKind::Spirits(evidence::Spirits::Liqueur)),
    (
        "other_distilled",
        GoodsKind::Spirits(evidence::Spirits::OtherDistilled),
    ),
    ("cigarettes", GoodsKind::Cigarettes),
    ("heated_tobacco", GoodsKind::HeatedTobacco),
    ("cigars", GoodsKind::Cigars),
    ("other_tobacco", GoodsKind::OtherTobacco),
    ("perfume", GoodsKind::Perfume),
    ("watch", GoodsKind::Watch),
    ("other", GoodsKind::Other),
];

fn goods(line: &Goods) -> Result<GoodsLine> {
    let kind = KINDS
        .iter()
        .find(|(word, _)| *word == line.kind)
        .map(|(_, kind)| *kind)
        .with_context(|| {
            let words: Vec<_> = KINDS.iter().map(|(word, _)| *word).collect();
            format!(
                "goods: kind = {:?} is none of {}",
                line.kind,
                words.join(", ")
            )
        })?;
    Ok(GoodsLine {
        packages: line.packages,
        ..GoodsLine::new(kind, line.quantity, line.value_yen, &line.name)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use time::macros::date;

    #[test]
    fn the_sample_is_a_declaration() {
        let content = content(SAMPLE, date!(2026 - 11 - 23)).unwrap();
        assert_eq!(content.party.len(), 2);
        assert_eq!(content.goods.len(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, told) in [
            ("NH105", "105", "flight"),
            ("LAX", "Los Angeles", "airport"),
            ("2032-04-15", "15.4.2032", "2032-04-15"),
            ("kind = \"other\"", "kind = \"jacket\"", "wine_or_beer"),
            ("answers = []", "answers = [\"golf\"]", "gold"),
            ("surname", "sirname", "sirname"),
        ] {
            let error = content(&SAMPLE.replacen(from, to, 1), date!(2026 - 11 - 23)).unwrap_err();
            assert!(format!("{error:#}").contains(told), "{error:#}");
        }
    }
}
