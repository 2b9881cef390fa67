//! What the lane promises, each promise in a file of its own and kept from the cameras' pixels to the gate's bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod hall;
mod lone;
mod witness;

mod a_bad_code_is_refused_and_the_next_is_welcome;
mod a_code_opens_only_with_its_declarants_passport;
mod a_document_that_will_not_do_is_said_so;
mod a_face_that_settles_nothing_goes_to_an_officer;
mod a_gate_that_vanishes_takes_the_lane_out_of_service;
mod a_gate_unplugged_while_opening_is_one_story_everywhere;
mod a_late_answer_never_opens_the_gate_for_the_next_traveller;
mod a_stop_lets_the_party_finish;
mod every_record_reaches_the_office_once;
mod fire_opens_the_gate_and_an_officer_brings_it_back;
mod nothing_personal_outlives_the_journey;
mod only_an_officer_who_may_decides;
mod real_touches_drive_the_window;
mod the_gate_is_held_to_the_party_it_was_opened_for;
mod the_journal_survives_a_hundred_power_cuts;
mod three_days_without_a_line_arrive_once_and_in_order;
