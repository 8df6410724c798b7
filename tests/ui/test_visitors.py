"""What is kept of visitors, of how many, and what several threads may do with it at once."""

from __future__ import annotations

import threading

from swift_demo.config import SwiftConfig
from swift_demo.ui import visitors as module
from swift_demo.ui.visitors import Visitors

CONDITIONS = (SwiftConfig(), True)
OTHERS = (SwiftConfig(), False)


def learn(visitors, name, learned, conditions=CONDITIONS):
    visitors.learn(name, visitors.start(name), conditions, learned)
    visitors.end(name)


def known(visitors, name):
    start = visitors.start(name)
    visitors.end(name)
    return start.known and start.known.learned


def test_what_was_learned_goes_on_with_the_same_model_only_and_tells_its_conditions():
    visitors = Visitors()
    learn(visitors, "anna", "first", OTHERS)
    assert (known(visitors, "anna"), known(visitors, "ben")) == ("first", None)
    assert visitors.start("anna").known.conditions == OTHERS
    visitors.choose("anna", "another")
    assert known(visitors, "anna") is None
    learn(visitors, "anna", "second")
    visitors.choose("anna", "")
    assert known(visitors, "anna") == "first"


def test_what_was_forgotten_stays_forgotten_also_by_a_run_under_way():
    visitors = Visitors()
    start = visitors.start("anna")
    visitors.learn("anna", start, CONDITIONS, "before")
    visitors.forget("anna")
    visitors.learn("anna", start, CONDITIONS, "after")
    assert known(visitors, "anna") is None
    learn(visitors, "anna", "anew")
    assert known(visitors, "anna") == "anew"


def test_a_stop_is_heard_from_the_beginning_to_the_end_of_a_run_and_by_no_other():
    visitors = Visitors()
    visitors.stop("anna")
    wish = visitors.begin("anna")
    assert not wish.is_set() and visitors.is_running("anna") and not visitors.is_running("ben")
    visitors.stop("ben")
    assert not wish.is_set()
    visitors.stop("anna")
    assert wish.is_set() and visitors.start("anna").stop_wish is wish
    visitors.end("anna")
    visitors.drop_wish("anna", wish)
    assert not visitors.is_running("anna") and not visitors.begin("anna").is_set()


def test_a_stop_while_a_run_waits_is_heard_when_its_turn_comes():
    visitors = Visitors()
    visitors.ask("anna")
    visitors.stop("anna")
    assert visitors.begin("anna").is_set() and visitors.start("anna").stop_wish.is_set()


def test_a_run_asked_for_after_a_stop_has_a_wish_of_its_own_which_the_first_ones_end_leaves():
    visitors = Visitors()
    visitors.ask("anna")
    first = visitors.begin("anna")
    visitors.stop("anna")
    visitors.ask("anna")
    visitors.drop_wish("anna", first)
    second = visitors.begin("anna")
    assert first.is_set() and not second.is_set() and visitors.is_running("anna")
    visitors.stop("anna")
    assert second.is_set()


def test_the_one_not_seen_for_longest_is_dropped_but_never_one_that_runs():
    visitors = Visitors(most=3)
    visitors.start("runs")
    for number in range(10):
        visitors.choose(f"visitor {number}", "model")
        assert len(visitors) <= 3
    assert visitors.is_running("runs")
    assert [visitors.model_of(f"visitor {number}") for number in (7, 8, 9)] == ["", "model", "model"]
    for number in range(10):
        visitors.start(f"runner {number}")
    assert all(visitors.is_running(f"runner {number}") for number in range(10))
    for number in range(10):
        visitors.end(f"runner {number}")
    visitors.choose("one more", "model")
    assert len(visitors) == 3


def test_who_is_only_asked_about_is_not_kept():
    visitors = Visitors()
    visitors.model_of("anna")
    visitors.is_running("anna")
    visitors.stop("anna")
    visitors.drop_wish("anna", threading.Event())
    visitors.forget("anna")
    assert len(visitors) == 0


def test_runs_that_were_asked_for_and_never_came_do_not_fill_it():
    visitors = Visitors(most=3)
    for number in range(1000):
        visitors.ask(f"gone {number}")
    assert len(visitors) == 3


def test_of_one_visitor_only_so_many_models_are_kept():
    visitors = Visitors()
    for number in range(module.MAX_LEARNED + 1):
        visitors.choose("anna", f"model {number}")
        learn(visitors, "anna", number)
    visitors.choose("anna", "model 0")
    assert known(visitors, "anna") is None
    visitors.choose("anna", "model 1")
    assert known(visitors, "anna") == 1


def test_many_threads_leave_it_within_its_bounds():
    visitors = Visitors(most=5)

    def visit(number):
        for turn in range(200):
            name = f"{number}-{turn % 7}"
            visitors.begin(name)
            learn(visitors, name, turn)
            visitors.forget(name)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    visitors.choose("last", "model")
    assert len(visitors) == 5
