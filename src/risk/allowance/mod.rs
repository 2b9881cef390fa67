//! Whether the declared goods of a party exceed what customs frees ([customs answer 7104]).
//!
//! Customs frees the articles in the traveller's favour, so an allowance counts as exceeded only when no sharing of the
//! goods among the party keeps everybody within it:
//! - goods with a named owner are the owner's; all others may belong to whoever has room;
//! - drinks and perfume are counted by volume (three bottles of 760 ml are 2,280 ml, however many bottles hold them)
//!   and shared to the millilitre, tobacco by the part of its kind's allowance that it uses up: 100 cigarettes and 125 g of
//!   other tobacco are one whole allowance, as the published 250 g for several kinds asks, and no weight of a cigarette
//!   has to be invented;
//! - other articles cannot be cut: [`pack`] looks for a sharing piece by piece;
//! - what a person has of one kind (one line of the declaration) is not counted up to 10,000 yen;
//! - an article over 200,000 yen has no allowance at all;
//! - travellers under 20 have none for alcohol and tobacco; children under 6 only for other goods that the declaration
//!   gives to them by name.
//!
//! [customs answer 7104]: https://www.customs.go.jp/english/c-answer_e/keitaibetsuso/7104_e.htm

mod pack;

use crate::case::Case;
use crate::policy::{Allowances, Tobacco};
use evidence::{Allowance, GoodsKind, GoodsLine, Measure, MemberIndex};
use pack::Kind;

/// An allowance that is exceeded, with what is declared and what the party may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) allowance: Allowance,
    pub(crate) measure: Measure,
    pub(crate) declared: u64,
    pub(crate) free: u64,
}

/// The allowances that the goods of the case exceed, in the order of [`Allowance`].
pub(crate) fn exceeded(case: &Case, rules: &Allowances) -> Vec<Excess> {
    let ages: Vec<u8> = case
        .travellers
        .iter()
        .map(|traveller| traveller.birth.expose().age_on(case.on))
        .collect();
    let adults: Vec<bool> = ages
        .iter()
        .map(|age| *age >= rules.age.alcohol_and_tobacco_from)
        .collect();
    let free_choice: Vec<bool> = ages
        .iter()
        .map(|age| *age >= rules.age.own_goods_only_below)
        .collect();

    let mut exceeded = Vec::new();
    let mut judge = |allowance, measure, rooms: Vec<u128>, amounts: Vec<Amount>, part: u128| {
        if over(&rooms, amounts.iter().copied()) {
            let parts = |of: u128| u64::try_from(of / part.max(1)).unwrap_or(u64::MAX);
            exceeded.push(Excess {
                allowance,
                measure,
                declared: parts(total(amounts.iter().map(|(_, amount)| *amount))),
                free: parts(total(rooms.into_iter())),
            });
        }
    };
    let bottle_ml = u128::from(rules.alcohol.bottles) * u128::from(rules.alcohol.bottle_ml);
    judge(
        Allowance::Alcohol,
        Measure::Millilitres,
        rooms(&adults, bottle_ml),
        case.goods.iter().filter_map(alcohol_ml).collect(),
        1,
    );
    judge(
        Allowance::Tobacco,
        Measure::TobaccoPerMille,
        rooms(&adults, whole(&rules.tobacco)),
        case.goods
            .iter()
            .filter_map(|line| tobacco_parts(line, &rules.tobacco))
            .collect(),
        whole(&rules.tobacco).div_ceil(1000),
    );
    judge(
        Allowance::Perfume,
        Measure::TenthsOfOunce,
        rooms(&free_choice, u128::from(rules.perfume.tenths_of_ounce)),
        case.goods.iter().filter_map(perfume_tenths).collect(),
        1,
    );
    if other_goods_over(case, &free_choice, rules) {
        let yen = case.goods.iter().filter(|line| is_other_goods(line.kind));
        let room = rooms(&free_choice, rules.other_goods.total_yen.into());
        let whole = |of: u128| u64::try_from(of).unwrap_or(u64::MAX);
        exceeded.push(Excess {
            allowance: Allowance::OtherGoods,
            measure: Measure::Yen,
            declared: whole(total(yen.map(|line| line.value_yen.into()))),
            free: whole(total(room.into_iter())),
        });
    }
    exceeded
}

fn total(amounts: impl Iterator<Item = u128>) -> u128 {
    amounts.fold(0, u128::saturating_add)
}

/// An amount, and whose it is.
type Amount = (Option<usize>, u128);

fn rooms(entitled: &[bool], allowance: u128) -> Vec<u128> {
    entitled
        .iter()
        .map(|entitled| if *entitled { allowance } else { 0 })
        .collect()
}

/// Whether amounts that can be cut at will are more than the rooms hold.
fn over(rooms: &[u128], amounts: impl Iterator<Item = Amount>) -> bool {
    let mut rooms = rooms.to_vec();
    let mut anybodys = 0_u128;
    for (owner, amount) in amounts.filter(|(_, amount)| *amount > 0) {
        let Some(owner) = owner else {
            anybodys = anybodys.saturating_add(amount);
            continue;
        };
        // An owner whom the party does not have has no allowance either.
        match rooms.get(owner).and_then(|room| room.checked_sub(amount)) {
            Some(left) => rooms[owner] = left,
            None => return true,
        }
    }
    anybodys
        > rooms
            .iter()
            .fold(0, |sum: u128, room| sum.saturating_add(*room))
}

fn other_goods_over(case: &Case, free_choice: &[bool], rules: &Allowances) -> bool {
    let (total, free) = (
        u64::from(rules.other_goods.total_yen),
        u64::from(rules.other_goods.one_kind_free_yen),
    );
    let mut rooms = vec![total; case.travellers.len()];
    let mut anybodys = Vec::new();
    for line in case.goods.iter().filter(|line| is_other_goods(line.kind)) {
        let kind = Kind {
            pieces: u64::from(line.quantity).max(1),
            yen: u64::from(line.value_yen),
        };
        if kind.yen > total.saturating_mul(kind.pieces) {
            return true;
        }
        let Some(owner) = owner(line) else {
            anybodys.push(kind);
            continue;
        };
        match rooms
            .get(owner)
            .and_then(|room| room.checked_sub(kind.counted(kind.pieces, free)))
        {
            Some(left) => rooms[owner] = left,
            None => return true,
        }
    }
    let open: Vec<u64> = rooms
        .into_iter()
        .zip(free_choice)
        .filter_map(|(room, entitled)| entitled.then_some(room))
        .collect();
    !pack::fits(&open, &anybodys, free)
}

fn owner(line: &GoodsLine) -> Option<usize> {
    line.owner.map(MemberIndex::position)
}

fn alcohol_ml(line: &GoodsLine) -> Option<Amount> {
    match line.kind {
        GoodsKind::WineOrBeer | GoodsKind::Spirits(_) => Some((owner(line), line.quantity.into())),
        GoodsKind::Cigarettes
        | GoodsKind::HeatedTobacco
        | GoodsKind::Cigars
        | GoodsKind::OtherTobacco
        | GoodsKind::Perfume
        | GoodsKind::Watch
        | GoodsKind::Other => None,
    }
}

/// One traveller's tobacco allowance in parts so small that a piece or gram of every kind is a whole number of them.
fn whole(rules: &Tobacco) -> u128 {
    u128::from(rules.cigarettes)
        * u128::from(rules.cigars)
        * u128::from(rules.heated_sticks())
        * u128::from(rules.other_g)
}

fn tobacco_parts(line: &GoodsLine, rules: &Tobacco) -> Option<Amount> {
    let alone = match line.kind {
        GoodsKind::Cigarettes => rules.cigarettes,
        GoodsKind::HeatedTobacco => rules.heated_sticks(),
        GoodsKind::Cigars => rules.cigars,
        GoodsKind::OtherTobacco => rules.other_g,
        GoodsKind::WineOrBeer
        | GoodsKind::Spirits(_)
        | GoodsKind::Perfume
        | GoodsKind::Watch
        | GoodsKind::Other => return None,
    };
    Some((
        owner(line),
        u128::from(line.quantity) * (whole(rules) / u128::from(alone).max(1)),
    ))
}

fn perfume_tenths(line: &GoodsLine) -> Option<Amount> {
    (line.kind == GoodsKind::Perfume).then(|| (owner(line), line.quantity.into()))
}

fn is_other_goods(kind: GoodsKind) -> bool {
    match kind {
        GoodsKind::Watch | GoodsKind::Other => true,
        GoodsKind::WineOrBeer
        | GoodsKind::Spirits(_)
        | GoodsKind::Cigarettes
        | GoodsKind::HeatedTobacco
        | GoodsKind::Cigars
        | GoodsKind::OtherTobacco
        | GoodsKind::Perfume => false,
    }
}
