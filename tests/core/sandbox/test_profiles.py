"""Permission profiles of the user's own around everything that the model does."""

import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from app_server.core.launch import Launch
from app_server.core.sandbox import ladder
from app_server.core.sandbox.ladder import NoSandbox, Sandbox
from app_server.core.sandbox.landlock import find_landlock
from app_server.core.sandbox.rules import Rules
from tests.core.lab import Lab, lab
from tests.support.needs import needs

pytestmark = [pytest.mark.anyio, needs("bubblewrap", found=shutil.which("bwrap") is not None)]
DEADLINE_S = 30
LOOK = (
    "cat extra/secret/s; cat hidden.env; echo x > extra/made && echo wrote; echo x > extra/kept/made; "
    "echo $CODEX_PERMISSION_PROFILE"
)
PATCH = "*** Begin Patch\n*** Update File: secret/s\n@@\n-hush\n+loud\n*** End Patch"


def prepared(folder: Path) -> tuple[dict[str, Any], Path]:
    """The configuration of a home with a profile, and where it applies."""
    place = folder / "place"
    for name in ("extra/secret", "extra/kept"):
        (place / name).mkdir(parents=True)
    (place / "extra" / "secret" / "s").write_text("hush\n")
    (place / "hidden.env").write_text("hush too\n")
    Image.new("RGB", (2, 2)).save(place / "extra" / "secret" / "p.png")
    files = {
        str(place / "extra" / "secret"): "deny",
        str(place / "hidden.env"): "deny",
        str(place / "extra"): "write",
        str(place / "extra" / "kept"): "read",
    }
    profile = {"extends": ":read-only", "filesystem": files}
    return {"default_permissions": "mine", "permissions": {"mine": profile}}, place


def turn(*calls: dict[str, Any]) -> list[list[Any]]:
    return [
        *(["created", {**call, "call_id": f"c{number}"}, "completed"] for number, call in enumerate(calls)),
        ["created", {"message": "done"}, "completed"],
    ]


def execute(script: str, place: Path) -> dict[str, Any]:
    return {"call": "exec_command", "arguments": {"cmd": script, "login": False, "workdir": str(place)}}


def outputs(home: Lab, first: int, count: int) -> list[str]:
    """What the model got for its calls, which begin with a request."""
    return [str(home.provider.requests[first + number + 1].body["input"][-1]["output"]) for number in range(count)]


async def test_what_is_denied_cannot_be_read_by_any_tool(tmp_path: Path) -> None:
    config, place = prepared(tmp_path)
    calls = [
        execute(LOOK, place),
        {"custom": "apply_patch", "input": PATCH.replace("secret/s", str(place / "extra" / "secret" / "s"))},
        {"call": "view_image", "arguments": {"path": str(place / "extra" / "secret" / "p.png")}},
    ]
    with anyio.fail_after(DEADLINE_S):
        async with lab(tmp_path, turn(*calls)) as home, home.talk() as client:
            params = {"cwd": str(home.home.work), "approvalPolicy": "never", "config": config}
            started = await client.request("thread/start", params)
            assert started["activePermissionProfile"] == {"id": "mine", "extends": ":read-only"}
            assert started["sandbox"]["writableRoots"] == [str(place / "extra")]
            await home.turn(client, started["thread"]["id"], "go")
            looked, patched, viewed = outputs(home, 0, 3)
            assert "hush" not in looked
            assert looked.count("Permission denied") == 2
            assert "\nwrote\n" in looked
            assert "Read-only file system" in looked
            assert looked.endswith("\nmine\n")
            assert patched.startswith("patch rejected")
            assert viewed.endswith("Permission denied (os error 13)")
    assert (place / "extra" / "secret" / "s").read_text() == "hush\n"
    assert sorted(path.name for path in (place / "extra" / "secret").iterdir()) == ["p.png", "s"]


async def test_a_profile_holds_for_threads_that_are_resumed(tmp_path: Path) -> None:
    config, place = prepared(tmp_path)
    script = [*turn(execute("true", place)), *turn(execute("cat extra/secret/s", place))]
    with anyio.fail_after(DEADLINE_S):
        async with lab(tmp_path, script) as home:
            params = {"cwd": str(home.home.work), "approvalPolicy": "never", "config": config}
            async with home.talk() as client:
                thread_id = (await client.request("thread/start", params))["thread"]["id"]
                await home.turn(client, thread_id, "go")
            async with home.talk() as client:
                await client.request("thread/resume", {"threadId": thread_id, "config": config})
                await home.turn(client, thread_id, "again")
            (output,) = outputs(home, 2, 1)
            assert "Permission denied" in output
            assert "hush" not in output


def test_landlock_refuses_what_it_cannot_deny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if find_landlock() is None:
        pytest.skip("Landlock does not work here")
    monkeypatch.setattr(ladder, "find_bubblewrap", lambda *_: None)
    rules = Rules((), has_network=False).narrowed((), (str(tmp_path),))
    with pytest.raises(NoSandbox, match="denies reading"):
        Sandbox({}).confined(Launch(("/bin/true",), "/", {}), rules)
