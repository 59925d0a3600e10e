"""The states of a turn: which move is legal, and what an interrupt and new input do in each."""

from itertools import product

import pytest

from app_server.core.turn.said import Said
from app_server.core.turn.turn import MOVES, WORKING, IllegalMove, Kind, Outcome, Phase, Turn

NOTE = {"type": "message", "role": "user", "content": []}


class Scope:
    def __init__(self) -> None:
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


def in_phase(phase: Phase) -> Turn:
    turn = Turn("t", 0)
    turn.phase = phase
    return turn


@pytest.mark.parametrize(("before", "after"), list(product(Phase, Phase)))
def test_only_the_listed_moves_are_possible(before: Phase, after: Phase) -> None:
    turn = in_phase(before)
    if after in MOVES[before]:
        turn.move(after)
        assert turn.phase is after
    else:
        with pytest.raises(IllegalMove):
            turn.move(after)
        assert turn.phase is before


def test_every_phase_leads_to_the_end_and_nothing_leads_from_there() -> None:
    assert all(Phase.ENDED in MOVES[phase] for phase in (Phase.NEW, *WORKING))
    assert not MOVES[Phase.ENDED]
    assert {Phase.NEW, Phase.ENDED, *WORKING} == set(Phase)


@pytest.mark.parametrize("phase", [Phase.NEW, *WORKING])
def test_a_turn_ends_once_from_wherever_it_is(phase: Phase) -> None:
    turn = in_phase(phase)
    assert turn.end(Outcome.INTERRUPTED, 5)
    assert not turn.end(Outcome.COMPLETED, 9)
    assert (turn.outcome, turn.ended_at_ms, turn.is_running) == (Outcome.INTERRUPTED, 5, False)


def test_an_interrupt_before_the_task_begins_is_heard_when_it_does() -> None:
    turn, scope = Turn("t", 0), Scope()
    turn.interrupt()
    turn.enter(scope)
    assert scope.is_cancelled


def test_a_user_who_interrupts_wins_over_what_would_take_the_place_of_the_turn() -> None:
    turn = Turn("t", 0)
    turn.interrupt()
    turn.interrupt(is_replaced=True)
    assert not turn.is_replaced
    other = Turn("u", 0)
    other.interrupt(is_replaced=True)
    assert other.is_replaced


def test_input_cuts_an_answer_that_is_being_received_and_nothing_else() -> None:
    turn, scope = Turn("t", 0), Scope()
    turn.sample_in(scope)
    turn.add(Said(message=NOTE, is_urgent=False))
    assert not scope.is_cancelled
    turn.add(Said(message=NOTE))
    assert scope.is_cancelled
    turn.move(Phase.ACTING)
    later = Scope()
    turn.waiting.clear()
    turn.sample_in(later)
    assert not later.is_cancelled


def test_an_answer_that_does_not_know_of_waiting_input_is_not_waited_for() -> None:
    turn, scope = Turn("t", 0), Scope()
    turn.add(Said(message=NOTE))
    turn.sample_in(scope)
    assert scope.is_cancelled


def test_reviews_and_compactions_take_no_input() -> None:
    assert [kind for kind in Kind if kind.takes_input] == [Kind.REGULAR, Kind.COMMAND]
