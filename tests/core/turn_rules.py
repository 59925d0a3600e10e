"""What holds of every turn, whatever happened to it, checked on all that one client was told."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

ENDED = {"completed", "interrupted", "failed"}
ITEM_EVENTS = ("item/started", "item/completed")
WITHOUT_ITEM = ("item/tool/requestUserInput",)
"""What names an item that clients are not shown."""


def check_turns(messages: Sequence[Any]) -> list[str]:
    """Give the outcomes of the turns in order of their ends. Raises: AssertionError.

    Each turn that was started ends exactly once and nothing of it comes later but the end of a command that it has left
    running; each item is opened before anything is said of it and closed exactly once, within its turn; and
    the thread is active from before the turn until it ends.
    """
    told = [message for message in messages if "method" in message and message["method"] not in WITHOUT_ITEM]
    running: dict[str, str] = {}
    outcomes: list[str] = []
    status: dict[str, str] = {}
    open_items: dict[tuple[str, str], str] = {}
    beside: set[tuple[str, str]] = set()
    answered = Counter(message["result"]["turn"]["id"] for message in messages if "turn" in (message.get("result") or {}))
    started: Counter[str] = Counter()
    for message in told:
        method, params = message["method"], message["params"]
        turn = params.get("turnId") or params.get("turn", {}).get("id")
        if method == "thread/status/changed":
            status[params["threadId"]] = params["status"]["type"]
        elif method == "turn/started":
            turn = params["turn"]["rootTurnId"]  # a review announces its reviewer's turn, and goes on under its own id
            assert params["threadId"] not in running, "two turns at once"
            assert status[params["threadId"]] == "active"
            assert params["turn"]["status"] == "inProgress"
            running[params["threadId"]] = turn
            started[turn] += 1
        elif method == "turn/completed":
            assert running.pop(params["threadId"]) == turn
            assert params["turn"]["status"] in ENDED
            assert (params["turn"]["error"] is not None) == (params["turn"]["status"] == "failed")
            assert status[params["threadId"]] == ("systemError" if params["turn"]["status"] == "failed" else "idle")
            assert not [item for item, of in open_items.items() if of == turn], "an item is open at the end of its turn"
            outcomes.append(params["turn"]["status"])
        elif params.get("item", {}).get("type") == "enteredReviewMode":
            assert params["threadId"] not in running, "a review is entered before its turn begins"
        elif method in ITEM_EVENTS or "itemId" in params:
            item = (params["threadId"], params.get("itemId") or params["item"]["id"])
            if item in beside or params.get("item", {}).get("source") == "userShell":  # it may outlive its turn
                assert (method == "item/started") == (item not in beside), "opened or closed twice"
                (beside.discard if method == "item/completed" else beside.add)(item)
                continue
            assert running.get(params["threadId"]) == turn, f"{method} outside of its turn"
            if method == "item/started":
                assert item not in open_items, "opened twice"
                open_items[item] = turn
            else:
                assert open_items[item] == turn, f"{method} of an item that is not open"
            if method == "item/completed":
                assert params["item"].get("status") != "inProgress"
                del open_items[item]
    assert running == {}
    assert open_items == {}
    assert beside == set()
    assert all(count == 1 for count in started.values())
    assert set(answered) <= set(started), "a turn was answered and never started"
    assert set(status.values()) <= {"idle", "systemError"}
    return outcomes


def calls_are_answered(body: Any) -> None:
    """Each call of a request's input is followed by exactly one output, and each output follows its call."""
    open_calls: list[str] = []
    answered: list[str] = []
    for item in body["input"]:
        if item["type"] == "function_call":
            open_calls.append(item["call_id"])
        elif item["type"] == "function_call_output" and "call_id" in item:
            assert item["call_id"] in open_calls
            answered.append(item["call_id"])
    assert sorted(answered) == sorted(open_calls)
