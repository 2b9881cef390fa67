//! From evidence to words and back; what comes back is parsed as strictly as what a camera read.

use super::*;

impl From<&Case> for AssessmentRequest {
    fn from(case: &Case) -> Self {
        Self {
            format: FORMAT,
            question: case.question_name(),
            on: case.on.format(DAY).unwrap_or_default(),
            travellers: case.travellers.iter().map(TravellerWords::from).collect(),
            answers: AnswerWords::from(&case.answers),
            goods: case.goods.iter().map(GoodsWords::from).collect(),
            flight: case.flight.to_string(),
            departure: case.departure.to_string(),
        }
    }
}

impl From<&Traveller> for TravellerWords {
    fn from(traveller: &Traveller) -> Self {
        Self {
            state: Hidden::new(traveller.state.as_str()),
            number: Hidden::new(traveller.number.expose().as_str()),
            primary: Hidden::new(traveller.name.expose().primary()),
            secondary: Hidden::new(traveller.name.expose().secondary()),
            birth: Hidden(birth_text(traveller.birth.expose())),
            nationality: Hidden::new(traveller.nationality.as_str()),
            document: traveller.shown.as_ref().map(DocumentWords::from),
        }
    }
}

impl From<&Shown> for DocumentWords {
    fn from(shown: &Shown) -> Self {
        Self {
            kind: DocumentWord::of(shown.kind),
            expiry: Hidden(shown.expiry.format(DAY).unwrap_or_default()),
            name_truncated: shown.name_truncated,
        }
    }
}

impl DocumentWord {
    pub(super) const fn of(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Passport => Self::Passport,
            DocumentKind::IdentityCard => Self::IdentityCard,
            DocumentKind::Visa => Self::Visa,
            DocumentKind::Other => Self::Other,
        }
    }

    pub(super) const fn kind(self) -> DocumentKind {
        match self {
            Self::Passport => DocumentKind::Passport,
            Self::IdentityCard => DocumentKind::IdentityCard,
            Self::Visa => DocumentKind::Visa,
            Self::Other => DocumentKind::Other,
        }
    }
}

impl From<&Answers> for AnswerWords {
    fn from(answers: &Answers) -> Self {
        Self {
            prohibited: answers.prohibited.is_yes(),
            gold: answers.gold.is_yes(),
            over_allowance: answers.over_allowance.is_yes(),
            commercial: answers.commercial.is_yes(),
            for_others: answers.for_others.is_yes(),
            cash_over_limit: answers.cash_over_limit.is_yes(),
            unaccompanied_pieces: answers.unaccompanied.map_or(0, NonZeroU16::get),
        }
    }
}

impl From<&GoodsLine> for GoodsWords {
    fn from(line: &GoodsLine) -> Self {
        Self {
            kind: KindWord::from(line.kind),
            quantity: line.quantity,
            packages: line.packages,
            value_yen: line.value_yen,
            name: Hidden::new(line.name.expose()),
            owner: line.owner.map(MemberIndex::get),
        }
    }
}

impl From<GoodsKind> for KindWord {
    fn from(kind: GoodsKind) -> Self {
        match kind {
            GoodsKind::WineOrBeer => Self::WineOrBeer,
            GoodsKind::Spirits(Spirits::WhiskyOrBrandy) => Self::WhiskyOrBrandy,
            GoodsKind::Spirits(Spirits::RumGinOrVodka) => Self::RumGinOrVodka,
            GoodsKind::Spirits(Spirits::Liqueur) => Self::Liqueur,
            GoodsKind::Spirits(Spirits::OtherDistilled) => Self::OtherDistilled,
            GoodsKind::Cigarettes => Self::Cigarettes,
            GoodsKind::HeatedTobacco => Self::HeatedTobacco,
            GoodsKind::Cigars => Self::Cigars,
            GoodsKind::OtherTobacco => Self::OtherTobacco,
            GoodsKind::Perfume => Self::Perfume,
            GoodsKind::Watch => Self::Watch,
            GoodsKind::Other => Self::Other,
        }
    }
}

impl From<KindWord> for GoodsKind {
    fn from(kind: KindWord) -> Self {
        match kind {
            KindWord::WineOrBeer => Self::WineOrBeer,
            KindWord::WhiskyOrBrandy => Self::Spirits(Spirits::WhiskyOrBrandy),
            KindWord::RumGinOrVodka => Self::Spirits(Spirits::RumGinOrVodka),
            KindWord::Liqueur => Self::Spirits(Spirits::Liqueur),
            KindWord::OtherDistilled => Self::Spirits(Spirits::OtherDistilled),
            KindWord::Cigarettes => Self::Cigarettes,
            KindWord::HeatedTobacco => Self::HeatedTobacco,
            KindWord::Cigars => Self::Cigars,
            KindWord::OtherTobacco => Self::OtherTobacco,
            KindWord::Perfume => Self::Perfume,
            KindWord::Watch => Self::Watch,
            KindWord::Other => Self::Other,
        }
    }
}

impl TryFrom<&AssessmentRequest> for Case {
    type Error = QuestionError;

    fn try_from(words: &AssessmentRequest) -> Result<Self, QuestionError> {
        let wrong = |field, cure| QuestionError { field, cure };
        if words.format != FORMAT {
            return Err(wrong("format", "this office understands format 2"));
        }
        let (lane, id) = question_of(&words.question).ok_or_else(|| {
            wrong(
                "question",
                "lane and number of the question, such as lane-3/J42-7",
            )
        })?;
        let on =
            Date::parse(&words.on, DAY).map_err(|_| wrong("on", "a day such as 2026-11-23"))?;
        if !(1..=Content::LARGEST_PARTY).contains(&words.travellers.len()) {
            return Err(wrong("travellers", "a party has 1 to 10 travellers"));
        }
        if words.goods.len() > Content::MOST_GOODS {
            return Err(wrong("goods", "there are at most 20 lines"));
        }
        let flight = Flight::parse(&words.flight)
            .filter(|flight| flight.to_string() == words.flight)
            .ok_or_else(|| wrong("flight", "a flight such as JL61"))?;
        let departure = Airport::parse(&words.departure)
            .ok_or_else(|| wrong("departure", "an airport such as HEL"))?;
        let party = words.travellers.len();
        Ok(Self {
            flight,
            departure,
            lane,
            id,
            on,
            travellers: words
                .travellers
                .iter()
                .map(traveller_of)
                .collect::<Result<_, _>>()?,
            answers: answers_of(&words.answers),
            goods: words
                .goods
                .iter()
                .map(|line| goods_of(line, party))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn question_of(text: &str) -> Option<(LaneName, QuestionId)> {
    let (lane, number) = text.split_once('/')?;
    let (journey, serial) = number.strip_prefix('J')?.split_once('-')?;
    let id = QuestionId {
        journey: JourneyId::new(journey.parse().ok()?),
        serial: serial.parse().ok()?,
    };
    // Only the one right spelling: no plus signs, no leading noughts.
    (id.to_string() == number).then_some((LaneName::parse(lane)?, id))
}

fn traveller_of(words: &TravellerWords) -> Result<Traveller, QuestionError> {
    let wrong = |field, cure| QuestionError { field, cure };
    let state = StateCode::parse(&words.state.0).ok_or_else(|| {
        wrong(
            "travellers.state",
            "a three-letter code of ICAO Doc 9303-3 section 5",
        )
    })?;
    let number = DocumentNumber::parse(&words.number.0).map_err(|_| {
        wrong(
            "travellers.number",
            "1 to 24 characters of A to Z and 0 to 9",
        )
    })?;
    let name = Name::new(&words.primary.0, &words.secondary.0).map_err(|_| {
        wrong(
            "travellers.primary",
            "names are words of A to Z, as in the machine-readable zone",
        )
    })?;
    let birth = birth_of(&words.birth.0).ok_or_else(|| {
        wrong(
            "travellers.birth",
            "a day such as 19740812; unknown parts are <<",
        )
    })?;
    let nationality = StateCode::parse(&words.nationality.0).ok_or_else(|| {
        wrong(
            "travellers.nationality",
            "a three-letter code of ICAO Doc 9303-3 section 5",
        )
    })?;
    let shown = match &words.document {
        None => None,
        Some(document) => Some(Shown {
            kind: document.kind.kind(),
            expiry: Date::parse(&document.expiry.0, DAY)
                .map_err(|_| wrong("travellers.document", "a day such as 2031-01-01"))?,
            name_truncated: document.name_truncated,
        }),
    };
    Ok(Traveller {
        nationality,
        shown,
        state,
        number: Sensitive::new(number),
        name: Sensitive::new(name),
        birth: Sensitive::new(birth),
    })
}

fn birth_of(text: &str) -> Option<BirthDate> {
    let part = |range: std::ops::Range<usize>| -> Option<Option<u8>> {
        match text.get(range)? {
            "<<" => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().map(Some)
            }
            _ => None,
        }
    };
    let year = text
        .get(0..4)
        .filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    if text.len() != 8 {
        return None;
    }
    BirthDate::new(year.parse().ok()?, part(4..6)?, part(6..8)?).ok()
}

fn answers_of(words: &AnswerWords) -> Answers {
    let answer = |yes| if yes { Answer::Yes } else { Answer::No };
    Answers {
        prohibited: answer(words.prohibited),
        gold: answer(words.gold),
        over_allowance: answer(words.over_allowance),
        commercial: answer(words.commercial),
        for_others: answer(words.for_others),
        cash_over_limit: answer(words.cash_over_limit),
        unaccompanied: NonZeroU16::new(words.unaccompanied_pieces),
    }
}

fn goods_of(words: &GoodsWords, party: usize) -> Result<GoodsLine, QuestionError> {
    let wrong = |field, cure| QuestionError { field, cure };
    let name = &words.name.0;
    if !(1..=GoodsLine::LONGEST_NAME).contains(&name.chars().count())
        || name.chars().any(char::is_control)
    {
        return Err(wrong(
            "goods.name",
            "1 to 40 characters, none of them a control character",
        ));
    }
    if words.quantity == 0 || words.packages == 0 {
        return Err(wrong(
            "goods.quantity",
            "quantity and packages are at least 1",
        ));
    }
    let owner = match words.owner {
        None => None,
        Some(owner) => Some(
            MemberIndex::new(owner)
                .filter(|owner| owner.position() < party)
                .ok_or_else(|| wrong("goods.owner", "a member of the party, counted from 0"))?,
        ),
    };
    Ok(GoodsLine {
        kind: words.kind.into(),
        quantity: words.quantity,
        packages: words.packages,
        value_yen: words.value_yen,
        name: Sensitive::new(name.clone()),
        owner,
    })
}
