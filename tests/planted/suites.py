"""The kit over every planted store; run by `test_planted_stores.py`, for each of these has to fail.

`caught_by` names the cases that catch the fault on every run, the plainest first.
"""

from functools import partial
from typing import Any, ClassVar

import pytest

from tests.conformance.test_stores import failing
from tests.planted import file_stores as on_file
from tests.planted import memory_stores as in_memory
from tests.planted.file_stores import FileStore
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.store.durability import sample_store


class InMemory(StoreConformance):
    """A planted store that takes no arguments."""

    contract_level = 1
    promises = frozenset({Capability.BATCH})
    planted: ClassVar[Any]
    caught_by: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def open_store(self):
        return self.planted


class OnFile(StoreConformance):
    """A planted store in a file of its own."""

    contract_level = 1
    promises = frozenset({Capability.BATCH, Capability.DURABLE})
    planted: ClassVar[Any]
    caught_by: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(self.planted, tmp_path / "bookings")


class Upgraded(OnFile):
    """A planted store that opens what an earlier release left."""

    @pytest.fixture
    def earlier_release(self, tmp_path):
        def leave():
            store = FileStore(tmp_path / "bookings")
            sample_store(store)
            store.close()
            (tmp_path / "earlier-release").touch()

        return leave


class OnSqlite(OnFile):
    """A planted store over SQLite, whose connection can be broken."""

    promises = frozenset({Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def failing(self):
        return failing


def _suite(planted: type, *caught_by: str, base: type = InMemory, **parts: Any) -> type:
    parts |= {"planted": planted, "caught_by": caught_by, "__module__": __name__, "__doc__": planted.__doc__}
    return type(f"Test{planted.__name__}", (base,), parts)


TestNoLock = _suite(
    in_memory.NoLock,
    "test_as_many_threads_get_a_slot_as_it_has_seats",
    "test_of_requests_under_one_id_one_is_answered_and_all_hear_its_answer",
)
TestChecksThenWrites = _suite(
    in_memory.ChecksThenWrites,
    "test_as_many_threads_get_a_slot_as_it_has_seats",
    "test_of_changes_under_one_standing_one_is_committed",
    "test_a_once_key_is_spent_by_one_of_many",
)
TestReadsInTwoSteps = _suite(
    in_memory.ReadsInTwoSteps,
    "test_facts_are_of_one_moment_while_others_write",
)
TestLeaksSeatsOnConflict = _suite(
    in_memory.LeaksSeatsOnConflict,
    "test_a_conflict_leaves_nothing_of_its_change_behind",
    "test_the_same_request_sent_again_changes_nothing",
)
TestIgnoresTheAppointmentVersion = _suite(
    in_memory.IgnoresTheAppointmentVersion,
    "test_an_appointment_must_follow_the_stored_version",
    "test_of_a_confirmation_and_an_expiry_one_wins",
)
TestIgnoresTheStandingVersion = _suite(
    in_memory.IgnoresTheStandingVersion,
    "test_a_standing_that_has_moved_on_conflicts",
    "test_of_changes_under_one_standing_one_is_committed",
)
TestIgnoresTheCalendar = _suite(
    in_memory.IgnoresTheCalendar,
    "test_a_booking_that_was_decided_before_a_closure_is_not_written_after_it",
)
TestForgetsTheRequestId = _suite(
    in_memory.ForgetsTheRequestId,
    "test_the_same_request_sent_again_changes_nothing",
    "test_a_second_use_of_a_request_id_conflicts_and_brings_the_first_answer",
)
TestForgetsOldRequests = _suite(
    in_memory.ForgetsOldRequests,
    "test_every_request_id_has_its_own_answer",
)
TestForgetsRefusals = _suite(
    in_memory.ForgetsRefusals,
    "test_a_refusal_is_remembered_under_its_request_id",
)
TestReplaysAnotherRequestsAnswer = _suite(
    in_memory.ReplaysAnotherRequestsAnswer,
    "test_request_ids_that_look_alike_are_different_requests",
)
TestExpiresAConfirmedHold = _suite(
    in_memory.ExpiresAConfirmedHold,
    "test_a_hold_that_was_confirmed_no_longer_lapses_and_keeps_its_seat",
)
TestSinksBatchNeighbours = _suite(
    in_memory.SinksBatchNeighbours,
    "test_a_conflict_leaves_its_neighbours_alone",
    "test_a_conflict_at_the_end_undoes_nothing_before_it",
)
TestStopsABatchAtAConflict = _suite(
    in_memory.StopsABatchAtAConflict,
    "test_a_conflict_leaves_its_neighbours_alone",
    "test_a_later_change_takes_the_seat_that_an_earlier_one_gives_back",
)
TestHandsOutLiveReferences = _suite(
    in_memory.HandsOutLiveReferences,
    "test_changing_what_was_read_changes_nothing_stored",
    "test_what_was_read_stays_as_it_was",
)
TestTruncatesMicroseconds = _suite(
    in_memory.TruncatesMicroseconds,
    "test_instants_are_kept_to_the_microsecond",
    "test_two_slots_a_microsecond_apart_are_two",
)
TestLosesTheEvent = _suite(
    in_memory.LosesTheEvent,
    "test_history_has_every_event_in_its_order",
)
TestReadsStaleFacts = _suite(
    in_memory.ReadsStaleFacts,
    "test_facts_hold_everything_committed_before",
    "test_each_thread_reads_what_it_has_just_written",
)
TestRemembersSeatsByThread = _suite(
    in_memory.RemembersSeatsByThread,
    "test_what_callers_are_told_fits_into_one_order_and_all_of_it_is_stored",
    contract_level=2,
)
TestListsPagesInTwoSteps = _suite(
    in_memory.ListsPagesInTwoSteps,
    "test_a_page_is_of_one_moment_while_others_write",
    contract_level=2,
)
TestCountsTheCounter = _suite(
    in_memory.CountsTheCounter,
    "test_counts_of_slots_are_listed_as_they_are_however_wrong",
    contract_level=2,
)
TestReleasesTwiceOnCancel = _suite(
    in_memory.ReleasesTwiceOnCancel,
    "test_a_cancellation_gives_back_one_seat_of_several",
)
TestReleasesForALosingCancel = _suite(
    in_memory.ReleasesForALosingCancel,
    "test_of_two_cancellations_one_wins_and_gives_back_one_seat",
)
TestKeepsTheSeatOfWhatIsMoved = _suite(
    in_memory.KeepsTheSeatOfWhatIsMoved,
    "test_a_move_gives_the_old_seat_back_and_takes_the_new_one",
    "test_a_later_change_takes_the_seat_that_a_move_leaves",
)
TestMovesInTwoSteps = _suite(
    in_memory.MovesInTwoSteps,
    "test_a_move_to_a_full_slot_leaves_both_seats_and_the_appointment_as_they_were",
)
TestStaysWhereItWasBooked = _suite(
    in_memory.StaysWhereItWasBooked,
    "test_a_moved_appointment_is_at_its_new_slot_alone_under_its_old_number",
    "test_how_often_it_was_moved_and_each_move_in_its_history_come_back",
)
TestRefusesSeatsBackAboveCapacity = _suite(
    in_memory.RefusesSeatsBackAboveCapacity,
    "test_seats_are_given_back_even_above_a_lowered_capacity",
)
TestChecksSeatsFirst = _suite(
    in_memory.ChecksSeatsFirst,
    "test_guards_are_reported_in_their_documented_order",
)
TestFoldsText = _suite(
    in_memory.FoldsText,
    "test_once_keys_that_differ_in_case_or_length_are_different_keys",
)
TestIgnoresTheLimit = _suite(
    in_memory.IgnoresTheLimit,
    "test_limits_cut_off_long_lists_and_nothing_else_does",
)
TestSweepsAsItReads = _suite(
    in_memory.SweepsAsItReads,
    "test_reading_lapsed_holds_ends_none_of_them",
)
TestAnswersAfterClose = _suite(
    in_memory.AnswersAfterClose,
    "test_a_closed_store_says_so",
)
TestAcknowledgesBeforeItCommits = _suite(
    on_file.AcknowledgesBeforeItCommits,
    "test_what_a_killed_process_acknowledged_is_there",
    base=OnFile,
)
TestForgetsOnceKeysWhenReopened = _suite(
    on_file.ForgetsOnceKeysWhenReopened,
    "test_everything_is_there_when_a_store_is_opened_again",
    base=OnFile,
)
TestLosesHoldsInAnUpgrade = _suite(
    on_file.LosesHoldsInAnUpgrade,
    "test_a_store_of_an_earlier_release_is_brought_up_to_date",
    base=Upgraded,
)
TestCountsSeatsByItself = _suite(
    on_file.CountsSeatsByItself,
    "test_two_handles_on_one_store_see_each_other_at_once",
    base=OnSqlite,
)
TestCommitsInHalves = _suite(
    on_file.CommitsInHalves,
    "test_a_change_that_a_fault_met_is_written_whole_or_not_at_all",
    "test_a_conflict_leaves_nothing_of_its_change_behind",
    base=OnSqlite,
)
TestLetsDriverErrorsThrough = _suite(
    on_file.LetsDriverErrorsThrough,
    "test_a_fault_is_an_error_of_the_library_that_names_nobody",
    "test_a_fault_while_reading_is_an_error_of_the_library_and_passes",
    base=OnSqlite,
)

PLANTED = [suite for name, suite in vars().copy().items() if name.startswith("Test")]
