//! What is free of duty, as the policy states it.

use super::PolicyError;
use serde::Deserialize;

/// What one traveller may bring free of duty ([customs answer 7104]).
///
/// [customs answer 7104]: https://www.customs.go.jp/english/c-answer_e/keitaibetsuso/7104_e.htm
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowances {
    pub(crate) age: Ages,
    pub(crate) alcohol: Alcohol,
    pub(crate) tobacco: Tobacco,
    pub(crate) perfume: Perfume,
    pub(crate) other_goods: OtherGoods,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ages {
    pub(crate) alcohol_and_tobacco_from: u8,
    pub(crate) own_goods_only_below: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alcohol {
    pub(crate) bottles: u32,
    pub(crate) bottle_ml: u32,
}

/// The allowance of one kind of tobacco when it is the only one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tobacco {
    pub(crate) cigarettes: u32,
    pub(crate) cigars: u32,
    pub(crate) heated_packs: u32,
    pub(crate) heated_pack_sticks: u32,
    pub(crate) other_g: u32,
}

impl Tobacco {
    pub(crate) fn heated_sticks(&self) -> u32 {
        self.heated_packs.saturating_mul(self.heated_pack_sticks)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Perfume {
    pub(crate) tenths_of_ounce: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OtherGoods {
    pub(crate) total_yen: u32,
    pub(crate) one_kind_free_yen: u32,
}

impl Allowances {
    pub(super) fn check(&self, rule: usize) -> Result<(), PolicyError> {
        let quantities = [
            ("tobacco.cigarettes", self.tobacco.cigarettes),
            ("tobacco.cigars", self.tobacco.cigars),
            ("tobacco.heated_packs", self.tobacco.heated_sticks()),
            ("tobacco.other_g", self.tobacco.other_g),
        ];
        match quantities
            .iter()
            .find(|(_, quantity)| !(1..=10_000).contains(quantity))
        {
            Some((field, _)) => Err(PolicyError::Tobacco { rule, field }),
            None => Ok(()),
        }
    }
}
