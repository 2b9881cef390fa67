//! The bridge's keys for what the crates of the lane call by their own names. Total, without wildcards: a new cause or
//! hint does not compile until it has a word.

use evidence::{
    CodeRefusal, GoodsKind,
    declaration::Spirits,
    verdict::{Allowance, Reason},
};
use journey::{Cause, Decision, DecisionReason, Device, FaceHint, Hint};

use crate::{Plain, Way, view};

pub(crate) fn way(way: Way) -> view::Way {
    match way {
        Way::Left => view::Way::Left,
        Way::Right => view::Way::Right,
        Way::Ahead => view::Way::Ahead,
        Way::Back => view::Way::Back,
    }
}

pub(crate) fn tip(hint: Hint) -> view::Tip {
    match hint {
        Hint::Code(refusal) => match refusal {
            CodeRefusal::NotADeclaration => view::Tip::CodeForeign,
            CodeRefusal::TooLong | CodeRefusal::Malformed(_) => view::Tip::CodeUnreadable,
            CodeRefusal::UnknownIssuer | CodeRefusal::IssuerNotValid => {
                view::Tip::CodeUnknownIssuer
            }
            CodeRefusal::BadSignature => view::Tip::CodeDamaged,
            CodeRefusal::NotYetValid => view::Tip::CodeTooEarly,
            CodeRefusal::Expired => view::Tip::CodeExpired,
        },
        Hint::DeclarantsDocument => view::Tip::DeclarantsDocument,
        Hint::NotInParty => view::Tip::NotInParty,
        Hint::PhotoPage => view::Tip::PhotoPage,
        Hint::Unreadable => view::Tip::Unreadable,
    }
}

pub(crate) fn face_tip(hint: FaceHint) -> view::Tip {
    match hint {
        FaceHint::LookHere => view::Tip::LookHere,
        FaceHint::OneAtATime => view::Tip::OneAtATime,
        FaceHint::ComeCloser => view::Tip::ComeCloser,
        FaceHint::StepBack => view::Tip::StepBack,
        FaceHint::MoreLight => view::Tip::MoreLight,
        FaceHint::LessLight => view::Tip::LessLight,
        FaceHint::LookStraight => view::Tip::LookStraight,
        FaceHint::HoldStill => view::Tip::HoldStill,
        FaceHint::UncoverMouth => view::Tip::UncoverMouth,
        FaceHint::UncoverEyes => view::Tip::UncoverEyes,
    }
}

pub(crate) fn ware(kind: GoodsKind) -> view::Ware {
    match kind {
        GoodsKind::WineOrBeer => view::Ware::WineOrBeer,
        GoodsKind::Spirits(Spirits::WhiskyOrBrandy) => view::Ware::WhiskyOrBrandy,
        GoodsKind::Spirits(Spirits::RumGinOrVodka) => view::Ware::RumGinOrVodka,
        GoodsKind::Spirits(Spirits::Liqueur) => view::Ware::Liqueur,
        GoodsKind::Spirits(Spirits::OtherDistilled) => view::Ware::OtherDistilled,
        GoodsKind::Cigarettes => view::Ware::Cigarettes,
        GoodsKind::HeatedTobacco => view::Ware::HeatedTobacco,
        GoodsKind::Cigars => view::Ware::Cigars,
        GoodsKind::OtherTobacco => view::Ware::OtherTobacco,
        GoodsKind::Perfume => view::Ware::Perfume,
        GoodsKind::Watch => view::Ware::Watch,
        GoodsKind::Other => view::Ware::Other,
    }
}

pub(crate) fn plain_key(plain: Plain) -> view::Plain {
    match plain {
        Plain::DeclaredProhibited => view::Plain::DeclaredProhibited,
        Plain::DeclaredGold => view::Plain::DeclaredGold,
        Plain::DeclaredOverAllowance => view::Plain::DeclaredOverAllowance,
        Plain::DeclaredCommercial => view::Plain::DeclaredCommercial,
        Plain::DeclaredForOthers => view::Plain::DeclaredForOthers,
        Plain::DeclaredCash => view::Plain::DeclaredCash,
        Plain::DeclaredUnaccompanied => view::Plain::DeclaredUnaccompanied,
        Plain::AllowanceExceeded => view::Plain::AllowanceExceeded,
        Plain::ListsOld => view::Plain::ListsOld,
        Plain::NotFinished => view::Plain::NotFinished,
        Plain::DocumentExpired => view::Plain::DocumentExpired,
        Plain::Incomplete => view::Plain::Incomplete,
        Plain::Face => view::Plain::Face,
        Plain::Disputed => view::Plain::Disputed,
        Plain::Asked => view::Plain::Asked,
        Plain::PassageIncomplete => view::Plain::PassageIncomplete,
        Plain::LaneFault => view::Plain::LaneFault,
        Plain::Interrupted => view::Plain::Interrupted,
        Plain::PartyRule => view::Plain::PartyRule,
        Plain::DocumentRule => view::Plain::DocumentRule,
        Plain::FlightRule => view::Plain::FlightRule,
    }
}

pub(crate) fn device(device: Device) -> view::Ground {
    match device {
        Device::Gate => view::Ground::GateFailed,
        Device::DocumentCamera => view::Ground::DocumentCameraFailed,
        Device::FaceCamera => view::Ground::FaceCameraFailed,
        Device::Journal => view::Ground::JournalFailed,
    }
}

pub(crate) fn cause(cause: Cause) -> view::Ground {
    match cause {
        Cause::Verdict => view::Ground::Verdict,
        Cause::NoVerdict => view::Ground::NoVerdict,
        Cause::DocumentExpired(_) => view::Ground::DocumentExpired,
        Cause::EvidenceIncomplete => view::Ground::EvidenceIncomplete,
        Cause::FaceNotSeen(_) => view::Ground::FaceNotSeen,
        Cause::FaceNotMatched(_) => view::Ground::FaceNotMatched,
        Cause::FaceNotComparable(_) => view::Ground::FaceNotComparable,
        Cause::Disputed => view::Ground::Disputed,
        Cause::AskedForOfficer => view::Ground::AskedForOfficer,
        Cause::PassageIncomplete => view::Ground::PassageIncomplete,
        Cause::Tailgated => view::Ground::Tailgated,
        Cause::GateDidNotOpen => view::Ground::GateDidNotOpen,
        Cause::GateDidNotClose => view::Ground::GateDidNotClose,
        Cause::DeviceFailed(failed) => device(failed),
        Cause::Interrupted => view::Ground::Interrupted,
        Cause::PresentationUnclear(_) => view::Ground::PresentationUnclear,
    }
}

pub(crate) fn reason(reason: Reason) -> view::Ground {
    match reason {
        Reason::DeclaredProhibited => view::Ground::DeclaredProhibited,
        Reason::DeclaredGold => view::Ground::DeclaredGold,
        Reason::DeclaredOverAllowance => view::Ground::DeclaredOverAllowance,
        Reason::DeclaredCommercial => view::Ground::DeclaredCommercial,
        Reason::DeclaredForOthers => view::Ground::DeclaredForOthers,
        Reason::DeclaredCash => view::Ground::DeclaredCash,
        Reason::DeclaredUnaccompanied => view::Ground::DeclaredUnaccompanied,
        Reason::AllowanceExceeded(Allowance::Alcohol) => view::Ground::AlcoholExceeded,
        Reason::AllowanceExceeded(Allowance::Tobacco) => view::Ground::TobaccoExceeded,
        Reason::AllowanceExceeded(Allowance::Perfume) => view::Ground::PerfumeExceeded,
        Reason::AllowanceExceeded(Allowance::OtherGoods) => view::Ground::GoodsExceeded,
        Reason::DocumentListed(_) => view::Ground::DocumentListed,
        Reason::NameListed(_) => view::Ground::NameListed,
        Reason::RandomSelection => view::Ground::RandomSelection,
        Reason::ListsOutOfDate => view::Ground::ListsOutOfDate,
        Reason::PartyRule => view::Ground::PartyRule,
        Reason::DocumentRule(_) => view::Ground::DocumentRule,
        Reason::FlightRule => view::Ground::FlightRule,
    }
}

pub(crate) fn why(reason: DecisionReason) -> view::Why {
    match reason {
        DecisionReason::IdentityConfirmed => view::Why::IdentityConfirmed,
        DecisionReason::DocumentsInOrder => view::Why::DocumentsInOrder,
        DecisionReason::GoodsInOrder => view::Why::GoodsInOrder,
        DecisionReason::DutyPaid => view::Why::DutyPaid,
        DecisionReason::GoodsToExamine => view::Why::GoodsToExamine,
        DecisionReason::DocumentsToExamine => view::Why::DocumentsToExamine,
        DecisionReason::IdentityInDoubt => view::Why::IdentityInDoubt,
        DecisionReason::DeviceFault => view::Why::DeviceFault,
        DecisionReason::TravellerLeft => view::Why::TravellerLeft,
    }
}

/// The decision of a touched key; none while nothing was chosen.
pub(crate) fn decision(act: view::Act) -> Option<Decision> {
    match act {
        view::Act::None => None,
        view::Act::Released => Some(Decision::Released),
        view::Act::Held => Some(Decision::Held),
        view::Act::SentToInspection => Some(Decision::SentToInspection),
    }
}

/// The reason of a touched key; none while nothing was chosen.
pub(crate) fn decision_reason(chosen: view::Why) -> Option<DecisionReason> {
    DecisionReason::ALL
        .into_iter()
        .find(|reason| why(*reason) == chosen)
}
