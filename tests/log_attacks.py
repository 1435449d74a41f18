"""Attacks on the sealed log, installations, erasures and a person's own data; `docs/audit/attacks.md` shows them."""

from typing import Final, NamedTuple


class LogAttack(NamedTuple):
    """An attack, its outcome, and its test: a module below `tests` and a function."""

    attack: str
    outcome: str
    test: str


FORGED: Final = "faults/test_forged_stores"
ERASING: Final = "unit/test_erasing"
INSTALLING: Final = "unit/test_installations"
OWN: Final = "unit/test_own_data"
LOG_ATTACKS: Final = (
    LogAttack(
        "rows of the store are changed, deleted, inserted and swapped by a program that doesn't know the schema",
        "the audit notices it",
        f"{FORGED}::test_many_forgeries_are_noticed",
    ),
    LogAttack(
        "the same, consistently in all rows",
        "the audit notices it",
        f"{FORGED}::test_a_forgery_that_is_consistent_in_all_rows_is_noticed",
    ),
    LogAttack(
        "an older copy takes the place of the store",
        "the audit, the sealer and a desk with the log notice it",
        "unit/test_restoring::test_a_store_that_is_older_than_its_log_is_refused",
    ),
    LogAttack(
        "a gap is recorded as if a restore had made it",
        "the audit notices it",
        f"{FORGED}::test_a_gap_that_the_forger_has_recorded_is_noticed",
    ),
    LogAttack("a byte of the log is changed", "the audit notices it", f"{FORGED}::test_each_byte_of_the_log_counts"),
    LogAttack(
        "the forger has the key and seals the log anew",
        "the checkpoint that was kept elsewhere shows it",
        f"{FORGED}::test_a_log_that_the_forger_seals_anew_is_noticed_by_the_kept_checkpoint",
    ),
    LogAttack(
        "a bit of a checkpoint is flipped",
        "the signature does not hold",
        "unit/test_sealed_notes::test_every_flipped_bit_of_a_checkpoint_is_refused",
    ),
    LogAttack(
        "two sealers write one log",
        "the second is refused",
        "unit/test_log_folder::test_a_second_sealer_is_refused_in_one_line",
    ),
    LogAttack(
        "the private key is readable for others",
        "it is refused",
        "unit/test_signing_keys::test_a_private_key_that_others_may_use_is_refused",
    ),
    LogAttack(
        "other rules under the name of installed ones",
        "`InvalidInput`",
        f"{INSTALLING}::test_a_version_with_the_name_of_another_is_refused",
    ),
    LogAttack(
        "a desk with other rules than the installed ones",
        "it is refused at opening",
        f"{INSTALLING}::test_a_desk_with_other_parts_is_refused_until_they_are_installed",
    ),
    LogAttack(
        "an applicant installs rules", "`InvalidInput`", f"{INSTALLING}::test_only_staff_of_all_branches_installs"
    ),
    LogAttack(
        "an applicant erases another person", "`InvalidInput`", f"{ERASING}::test_only_staff_and_the_library_may_erase"
    ),
    LogAttack(
        "the reason of an erasure names the person",
        "`InvalidInput`, and nothing is erased",
        f"{ERASING}::test_neither_the_reason_nor_the_request_names_the_person",
    ),
    LogAttack(
        "a person books while they are erased",
        "the booking is cancelled too",
        f"{ERASING}::test_what_somebody_books_while_they_are_erased_is_cancelled_too",
    ),
    LogAttack(
        "own data: that of another person, of a stranger, or as a delegate",
        "`NotFound`, the same for all",
        f"{OWN}::test_another_person_a_delegate_and_a_stranger_get_the_same_answer",
    ),
    LogAttack(
        "own data: by staff without a reason, or with one that names the person",
        "`InvalidInput`",
        f"{OWN}::test_staff_need_a_reason_that_names_nobody_and_see_the_id_masked",
    ),
    LogAttack(
        "own data: a request about somebody else's appointment, so that its assertions show up there",
        "they are left out",
        f"{OWN}::test_assertions_of_a_stranger_about_themself_are_not_in_it",
    ),
    LogAttack(
        "own data: HTML in a reason",
        "it is escaped; the page runs and loads nothing",
        f"{OWN}::test_hostile_text_is_escaped_and_the_page_loads_nothing",
    ),
)

HEAD: Final = """
## On the records

Attacks on the sealed log, on installed rules, on erasures and on a person's own data, and the test of each below
`tests`.

| attack | outcome | test |
| --- | --- | --- |
"""


def log_page() -> str:
    """The part of the page about the records."""
    return HEAD + "".join(f"| {each.attack} | {each.outcome} | `{each.test}` |\n" for each in LOG_ATTACKS)
