"""`health`: the exit code, the form and the text, also for a store that can't be opened."""

import pytest


@pytest.mark.usefixtures("number")
def test_a_sound_store_is_healthy_and_the_exit_code_is_0(shell):
    reply = shell("health", "--json")
    assert (reply.code, reply.err) == (0, "")
    assert reply.form["healthy"] is True
    assert [each["name"] for each in reply.form["checks"]] == [
        "store",
        "clock",
        "rulebook",
        "calendar",
        "catalogue",
        "installed",
        "line",
    ]
    assert all(each["passed"] and each["error"] is None for each in reply.form["checks"])
    assert reply.form["waiting"] == 0
    assert len(reply.form["feed_position"]) == 2


@pytest.mark.usefixtures("number")
@pytest.mark.parametrize(("language", "first"), [("en", "The desk is healthy."), ("ar", "مكتب الحجز سليم.")])
def test_the_text_is_in_the_language_of_the_shell(shell, language, first):
    reply = shell("health", "--language", language)
    assert (reply.code, reply.out.splitlines()[0]) == (0, first)


@pytest.mark.parametrize("damaged", ["a folder that is absent", "a file of something else"])
def test_a_store_that_cannot_be_opened_is_reported_with_exit_code_1(shell, tmp_path, damaged):
    place = tmp_path / "absent" / "bookings.db"
    if damaged == "a file of something else":
        place = tmp_path / "notes.db"
        place.write_text("no database " * 1_000, encoding="utf-8")
    reply = shell("health", "--db", f"sqlite:///{place}", "--json")
    assert (reply.code, reply.form["healthy"]) == (1, False)
    [check] = reply.form["checks"]
    assert check["name"] == "store"
    assert check["error"] in {"StoreUnavailable", "StoreUnreadable"}
    text = shell("health", "--db", f"sqlite:///{place}").out
    assert text.startswith("The desk is not healthy.\n- The store does not answer as it should.")


def test_a_url_that_names_no_store_is_misuse(shell):
    assert shell("health", "--db", "nowhere://").code == 2
