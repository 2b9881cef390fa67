//! A verdict: from the office over TLS on this machine's loopback, from the lane's own engine, and what comes before it.

use std::hint::black_box;
use std::time::Duration;

use anyhow::Result;
use dock::cast::{Traveller, declared_by};
use dock::papers::{Papers, lane_name};
use evidence::{JourneyId, Question, QuestionId, UtcOffset, declaration};
use risk::{Assessor, Case};

use crate::table::{Series, Unit, part};
use crate::{Effort, scratch};

pub(crate) async fn measure(effort: Effort) -> Result<()> {
    part(
        "verdict",
        "one question after the other, for one traveller with two lines of goods; the office is a real one with its database",
    );
    let folder = scratch()?;
    let papers = Papers::lay_out(folder.path(), dock::rig::now())?;
    let anna = Traveller::specimen(0)?;
    let today = papers.now.date_at(UtcOffset::UTC);
    let code = papers.code(&declared_by(&[&anna], today)?)?;
    let issuers = papers.issuers()?;

    let mut series = Series::new(Unit::Milliseconds);
    let mut sealed = declaration::read(&code, &issuers, papers.now)?;
    for _ in 0..effort.of(200) {
        sealed = series.time(|| declaration::read(black_box(&code), &issuers, papers.now))?;
    }
    series.tell("declaration's signature checked", "");
    let mut series = Series::new(Unit::Milliseconds);
    let mut opened = sealed.open(&anna.document)?;
    for _ in 0..effort.of(20) {
        opened = series.time(|| sealed.open(black_box(&anna.document)))?;
    }
    series.tell("declaration opened with the passport", "Argon2id, 19 MiB");

    let mut question = Question {
        id: QuestionId {
            journey: JourneyId::new(1),
            serial: 0,
        },
        on: today,
        declaration: opened,
        documents: vec![anna.document.clone()],
    };
    engine(&papers, &question, effort)?;
    papers.enroll().await?;
    // One lane alone asks here more often than any lane would.
    let mut config = papers.office(([127, 0, 0, 1], 0).into())?;
    config.limits.lane_per_second = 1_000_000;
    config.limits.lane_burst = 1_000_000;
    let office = office::serve(config).await?;
    let client = papers.client(office.addr(), risk::DEADLINE)?;
    for _ in 0..effort.of(20) {
        question.id.serial += 1;
        client.assess(&question).await?;
    }
    let mut series = Series::new(Unit::Milliseconds);
    for _ in 0..effort.of(1000) {
        question.id.serial += 1;
        series.time_async(client.assess(&question)).await?;
    }
    series.tell("the office's verdict", "each question new, and stored");
    let mut series = Series::new(Unit::Milliseconds);
    for _ in 0..effort.of(500) {
        series.time_async(client.assess(&question)).await?;
    }
    series.tell("the office's verdict, asked again", "");
    let mut series = Series::new(Unit::Milliseconds);
    for _ in 0..effort.of(50) {
        question.id.serial += 1;
        let stranger = papers.client(office.addr(), risk::DEADLINE)?;
        series.time_async(stranger.assess(&question)).await?;
    }
    series.tell(
        "the office's verdict, first of a connection",
        "TLS handshake included",
    );

    let at = office.addr();
    office.stop().await?;
    let (policy, lists) = papers.judgement()?;
    let assessor =
        Assessor::new(lane_name()?, policy, lists).with_office(papers.client(at, risk::DEADLINE)?);
    let mut series = Series::new(Unit::Milliseconds);
    let mut alone = 0_u32;
    for _ in 0..effort.of(100) {
        question.id.serial += 1;
        let begun = std::time::Instant::now();
        let answer = black_box(assessor.verdict(&question).await);
        series.add(begun.elapsed());
        alone += u32::from(answer.fallback.is_some());
    }
    let deadline: Duration = risk::DEADLINE;
    series.tell(
        "the lane's verdict, the office's port shut",
        &format!("{alone} decided alone; a line that swallows everything costs the deadline, {deadline:?}"),
    );
    Ok(())
}

fn engine(papers: &Papers, question: &Question, effort: Effort) -> Result<()> {
    let (policy, lists) = papers.judgement()?;
    let lane = lane_name()?;
    let judge = || {
        let case = Case::new(&lane, black_box(question));
        risk::assess(&case, &policy, &lists, evidence::Decider::Lane)
    };
    for _ in 0..effort.of(500) {
        black_box(judge());
    }
    let mut series = Series::new(Unit::Microseconds);
    for _ in 0..effort.of(5000) {
        series.time(judge);
    }
    series.tell("the lane's own engine", "in memory, lists empty");
    Ok(())
}
