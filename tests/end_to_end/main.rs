//! The whole line, in one process and distributed: the same stories through the same doors.

mod agents;
mod citizens;
mod knowledge;
mod refusals;
mod tenants;
mod traces;
mod transfers;
mod walls;

use anyhow::Result;
use parvis_tests::Town;

/// Every story, in one town after the other: starting a town costs more than a story.
async fn every_story(town: &Town) -> Result<()> {
    let api = town.api();
    citizens::a_citizen_files_follows_and_is_answered(town, &api).await?;
    citizens::somebody_without_email_is_told_by_letter(&api).await?;
    agents::a_call_is_logged_and_handled_to_the_end(&api).await?;
    agents::two_agents_change_one_case_and_one_is_told(&api).await?;
    agents::a_case_is_handed_on_with_a_reason(&api).await?;
    agents::an_instant_answer_opens_no_case(&api).await?;
    agents::elected_officials_read_figures_and_no_case(&api).await?;
    knowledge::an_answer_is_found_before_anything_is_filed(&api).await?;
    knowledge::an_article_is_written_published_and_found(&api).await?;
    transfers::a_request_of_another_body_is_sent_on(town, &api).await?;
    transfers::a_refused_transfer_goes_to_nobody(town, &api).await?;
    tenants::one_town_reads_nothing_of_another(town, &api).await?;
    refusals::bad_input_is_named_and_never_a_500(&api).await?;
    refusals::each_refusal_has_its_code_and_its_french_sentence(&api).await?;
    refusals::forged_tokens_are_refused(&api).await?;
    walls::every_door_answers_as_the_policy_says(town, &api).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_process() -> Result<()> {
    let town = Town::in_one_process().await?;
    every_story(&town).await.map_err(|error| error.context(town.logs()))
}

#[tokio::test(flavor = "multi_thread")]
async fn distributed() -> Result<()> {
    let town = Town::distributed().await?;
    every_story(&town).await.map_err(|error| error.context(town.logs()))
}
