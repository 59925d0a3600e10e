"""Wider permissions that the model asks for: never more is granted than was asked."""

import json
from typing import Any

import pytest

from app_server.core.ports import NoAnswer
from app_server.core.tools.permissions import Permissions
from app_server.core.tools.request_permissions import RequestPermissions
from tests.core.tools.exec_support import Host, call

pytestmark = pytest.mark.anyio
WANTED = {"reason": "why", "permissions": {"file_system": {"write": ["/x", "sub"]}, "network": {"enabled": True}}}
DENIED = {"permissions": {"network": None, "file_system": None}, "scope": "turn"}


class Granted:
    """What was granted."""

    def __init__(self) -> None:
        self.all: list[tuple[Permissions, str | None]] = []

    def widen(self, permissions: Permissions, turn_id: str | None) -> None:
        """Note a grant."""
        self.all.append((permissions, turn_id))


async def asked(answer: Any, wanted: Any = WANTED, *, may_ask: bool = True) -> tuple[Any, Host, Granted]:
    """What the model gets when the client answers so."""
    host, granted = Host("/w"), Granted()
    host.answers.append(answer)
    output = await call(RequestPermissions(lambda: may_ask, granted.widen), host, wanted)
    return output, host, granted


async def test_the_question_names_absolute_paths_and_why() -> None:
    _, host, _ = await asked({"permissions": {}, "scope": "turn"})
    (question,) = host.of("item/permissions/requestApproval")
    assert question.pop("startedAtMs") > 0
    assert question == {
        "threadId": "thread",
        "turnId": "turn",
        "itemId": "call",
        "environmentId": "local",
        "cwd": "/w",
        "reason": "why",
        "permissions": {
            "network": {"enabled": True},
            "fileSystem": {
                "read": None,
                "write": ["/x", "/w/sub"],
                "entries": [
                    {"path": {"type": "path", "path": "/x"}, "access": "write"},
                    {"path": {"type": "path", "path": "/w/sub"}, "access": "write"},
                ],
            },
        },
    }
    assert host.flags == ["waitingOnApproval"]


async def test_what_is_granted_for_the_turn_holds_for_it_and_is_told() -> None:
    output, _, granted = await asked({"permissions": {"fileSystem": {"write": ["/x"]}}, "scope": "turn"})
    assert output == '{"permissions":{"network":null,"file_system":{"write":["/x"]}},"scope":"turn"}'
    assert granted.all == [(Permissions(write=("/x",)), "turn")]


async def test_what_is_granted_for_the_session_is_bound_to_no_turn() -> None:
    output, _, granted = await asked({"permissions": {"network": {"enabled": True}}, "scope": "session"})
    assert json.loads(output) == {"permissions": {"network": {"enabled": True}, "file_system": None}, "scope": "session"}
    assert granted.all == [(Permissions(network=True), None)]


async def test_an_answer_in_entries_counts_like_one_in_lists() -> None:
    entries = [{"path": {"type": "path", "path": "/x"}, "access": "write"}]
    _, _, granted = await asked({"permissions": {"fileSystem": {"entries": entries}}, "scope": "turn"})
    assert granted.all == [(Permissions(write=("/x",)), "turn")]


async def test_never_more_is_granted_than_was_asked() -> None:
    generous = {"fileSystem": {"write": ["/", "/x"], "read": ["/x"]}, "network": {"enabled": True}}
    output, _, granted = await asked({"permissions": generous}, {"permissions": {"file_system": {"write": ["/x"]}}})
    assert granted.all == [(Permissions(write=("/x",)), "turn")]
    assert json.loads(output)["permissions"] == {"network": None, "file_system": {"write": ["/x"]}}


@pytest.mark.parametrize("answer", [{"permissions": {"fileSystem": {"write": ["/y"]}}}, {"permissions": {}}, NoAnswer()])
async def test_nothing_granted_is_told_as_nothing(answer: Any) -> None:
    output, _, granted = await asked(answer)
    assert json.loads(output) == DENIED
    assert granted.all == []


async def test_where_the_policy_wants_no_question_nobody_is_asked() -> None:
    output, host, granted = await asked({"permissions": {"network": {"enabled": True}}}, may_ask=False)
    assert json.loads(output) == DENIED
    assert host.events == []
    assert granted.all == []


@pytest.mark.parametrize("permissions", [{}, {"file_system": {"write": []}}, {"network": {}}])
async def test_a_call_that_asks_for_nothing_is_refused(permissions: Any) -> None:
    output, host, _ = await asked({}, {"permissions": permissions})
    assert output == "request_permissions requires at least one permission"
    assert host.events == []
