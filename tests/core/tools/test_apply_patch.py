"""The patch tool: its offer, its outputs and items, and scripts that are nothing but a patch."""

import json
from pathlib import Path

import anyio
import pytest

from app_server.core.tools.apply_patch import ApplyPatch, PatchCall, patch_in_script
from app_server.core.tools.base import BY_USER, UNANSWERED, Denial, PatchAction, ToolCall, ToolFailure
from tests.core.tools.exec_support import UNSANDBOXED, Host, bench

pytestmark = pytest.mark.anyio
ADD = "*** Begin Patch\n*** Add File: z.txt\n+z\n*** End Patch"
SUCCESS = "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nA z.txt\n"


def call(text: str) -> ToolCall:
    """The model's call."""
    return ToolCall("call", "apply_patch", text, is_custom=True)


async def run(folder: Path, text: str, host: Host | None = None) -> str:
    """What the model gets."""
    tool, host = ApplyPatch(), host or Host(str(folder))
    output = await tool.run(call(text), tool.prepare(call(text), host), UNSANDBOXED, host)
    assert isinstance(output.content, str)
    return output.content


def test_the_tool_is_offered_with_a_grammar() -> None:
    spec = ApplyPatch().spec()
    assert (spec["type"], spec["name"], set(spec["format"])) == ("custom", "apply_patch", {"type", "syntax", "definition"})
    assert (spec["format"]["type"], spec["format"]["syntax"]) == ("grammar", "lark")
    assert not ApplyPatch.is_parallel


async def test_a_patch_is_carried_out_and_shown(tmp_path: Path) -> None:
    host = Host(str(tmp_path))
    assert await run(tmp_path, ADD, host) == SUCCESS
    assert (tmp_path / "z.txt").read_text() == "z\n"
    changes = [{"path": f"{tmp_path}/z.txt", "kind": {"type": "add"}, "diff": "z\n"}]
    assert host.events == [
        ("item/started", {"type": "fileChange", "id": "call", "changes": changes, "status": "inProgress"}),
        ("item/completed", {"type": "fileChange", "id": "call", "changes": changes, "status": "completed"}),
        ("changes", [f"{tmp_path}/z.txt"]),
    ]


async def test_what_a_patch_wants_is_said_before_anything_is_done(tmp_path: Path) -> None:
    prepared = ApplyPatch().prepare(call(ADD), Host(str(tmp_path)))
    assert prepared.action == PatchAction((f"{tmp_path}/z.txt",))
    assert not (tmp_path / "z.txt").exists()
    with pytest.raises(ToolFailure, match=r"^apply_patch verification failed: Failed to read "):
        ApplyPatch().prepare(call(ADD.replace("Add File", "Delete File").replace("+z\n", "")), Host(str(tmp_path)))


async def test_a_patch_that_does_not_fit_any_more_fails_and_is_shown_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1\n")
    text = "*** Begin Patch\n*** Update File: a\n@@\n-1\n+2\n*** End Patch"
    tool, host = ApplyPatch(), Host(str(tmp_path))
    prepared = tool.prepare(call(text), host)
    (tmp_path / "a").write_text("3\n")
    output = await tool.run(call(text), prepared, UNSANDBOXED, host)
    why = f"apply_patch verification failed: Failed to find expected lines in {tmp_path}/a:\n1\n"
    assert output.content == f"Exit code: 1\nWall time: 0 seconds\nOutput:\n{why}"
    assert [item["status"] for item in host.of("item/completed")] == ["failed"]
    assert host.of("changes") == []


@pytest.mark.parametrize(
    ("denial", "text"),
    [
        (BY_USER, "patch rejected by user"),
        (UNANSWERED, "approval request failed"),
        (Denial("patch rejected: because", whole=True), "patch rejected: because"),
    ],
)
async def test_a_declined_patch_changes_nothing(tmp_path: Path, denial: Denial, text: str) -> None:
    tool, host = ApplyPatch(), Host(str(tmp_path))
    assert tool.declined(call(ADD), tool.prepare(call(ADD), host), denial, host).content == text
    assert [item["status"] for item in host.of("item/completed")] == ["declined"]
    assert not (tmp_path / "z.txt").exists()


def heredoc(before: str = "", mark: str = "'EOF'", after: str = "", patch: str = ADD) -> str:
    """A script that hands a patch to a program."""
    return f"{before}apply_patch <<{mark}\n{patch}\nEOF{after}"


WRAPPED = [
    (heredoc(), "/w"),
    (heredoc(mark="EOF"), "/w"),
    (heredoc(mark='"EOF"', after="\n"), "/w"),
    (heredoc(mark="-'EOF'"), "/w"),
    (heredoc("cd sub && "), "/w/sub"),
    (heredoc("cd /x/y && "), "/x/y"),
    (heredoc("cd 'sub dir' && "), "/w/sub dir"),
    (heredoc('cd "sub dir" && '), "/w/sub dir"),
    (heredoc().replace("apply_patch", "applypatch"), "/w"),
]
OTHERS = [
    heredoc(after="\necho done"),
    heredoc("echo hi; "),
    heredoc("cd sub; "),
    heredoc("cd sub && cd .. && "),
    heredoc('cd "$X" && '),
    heredoc("cd ~/x && "),
    f"apply_patch '{ADD}'",
    f"cat <<'EOF' | apply_patch\n{ADD}\nEOF",
    f"apply_patch <<'EOF'\n{ADD}\nEOG",
    f"apply_patch <<'EOF'\n{ADD}\nEOF\nrm x\nEOF",
    "apply_patch",
]


@pytest.mark.parametrize(("script", "folder"), WRAPPED)
def test_a_script_that_is_a_patch_is_recognized(script: str, folder: str) -> None:
    assert patch_in_script(script, "/w") == (f"{ADD}\n", folder)


@pytest.mark.parametrize("script", OTHERS)
def test_other_scripts_are_commands(script: str) -> None:
    assert patch_in_script(script, "/w") is None


async def test_a_patch_in_a_command_is_carried_out_as_a_patch(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    async with bench(tmp_path) as tools:
        assert await tools.execute(heredoc("cd sub && ")) == f"Wall time: 0.0000 seconds\nOutput:\n{SUCCESS}"
        assert [item["type"] for item in tools.host.of("item/completed")] == ["fileChange"]
        assert (tmp_path / "sub" / "z.txt").exists()
        refused = ToolCall("call", "exec_command", json.dumps({"cmd": heredoc()}))
        prepared = tools.exec_command.prepare(refused, tools.host)
        assert isinstance(prepared.arguments, PatchCall)
        assert isinstance(prepared.action, PatchAction)
        assert tools.exec_command.declined(refused, prepared, BY_USER, tools.host).content == "patch rejected by user"
        with pytest.raises(ToolFailure, match="apply_patch verification failed: invalid patch: The first line"):
            await tools.execute(heredoc(patch="garbage"))


async def test_an_interruption_does_not_leave_a_patch_half_carried_out(tmp_path: Path) -> None:
    hunks = "".join(f"*** Add File: f{number}\n+x\n" for number in range(50))
    with anyio.CancelScope() as scope:
        scope.cancel()
        await run(tmp_path, f"*** Begin Patch\n{hunks}*** End Patch")
    assert len([name for name in range(50) if (tmp_path / f"f{name}").exists()]) in (0, 50)
