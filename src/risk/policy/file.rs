//! The policy file as TOML has it.

use super::allowances::{Ages, Alcohol, OtherGoods, Perfume, Tobacco};
use super::dates::Head;
use super::{DeclaredAnswer, rules};
use crate::digest::KeyText;
use serde::Deserialize;
use toml::value::Datetime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: String,
    pub(super) issued: Datetime,
    pub(super) lists: FileLists,
    pub(super) documents: FileDocuments,
    pub(super) names: FileNames,
    pub(super) random: FileRandom,
    #[serde(default)]
    pub(super) referral: Vec<FileReferral>,
    #[serde(default)]
    pub(super) allowance: Vec<FileAllowance>,
    #[serde(default)]
    pub(super) rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileLists {
    pub(super) id: String,
    pub(super) greatest_age_days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileDocuments {
    pub(super) id: String,
    pub(super) confirm_at_office: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileNames {
    pub(super) id: String,
    pub(super) threshold_per_mille: u16,
    pub(super) alone_per_mille: u16,
    pub(super) weights: FileWeights,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWeights {
    pub(super) name: u16,
    pub(super) birth: u16,
    pub(super) nationality: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRandom {
    pub(super) id: String,
    pub(super) per_mille: u16,
    pub(super) key: KeyText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileReferral {
    id: String,
    pub(super) answer: DeclaredAnswer,
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAllowance {
    id: String,
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    source: String,
    pub(super) age: Ages,
    pub(super) alcohol: Alcohol,
    pub(super) tobacco: Tobacco,
    pub(super) perfume: Perfume,
    pub(super) other_goods: OtherGoods,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    id: String,
    valid_from: Datetime,
    valid_to: Option<Datetime>,
    source: String,
    pub(super) when: rules::Words,
}

macro_rules! heads {
    ($($entry:ty),*) => {$(
        impl $entry {
            pub(super) fn head(&self) -> Head {
                Head {
                    id: self.id.clone(),
                    valid_from: self.valid_from,
                    valid_to: self.valid_to,
                    source: self.source.clone(),
                }
            }
        }
    )*};
}

heads!(FileReferral, FileAllowance, FileRule);
