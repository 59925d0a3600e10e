"""Which hooks are set: in `hooks.json` beside each configuration file, in its table `[hooks]`, and in plugins.

A hook runs only when the user trusts it: the user's own configuration holds the hash of what it did when it was trusted.
Projects that are not trusted have none. Source: spec/config-auth.md section 8; the hash is the reference's, so that what
is trusted there is trusted here.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast, get_args

from app_server.core.config.layers import Layer
from app_server.core.frozen import frozen, replace
from app_server.core.hooks.matching import MATCHED, is_sound
from app_server.core.hooks.tool_use import ToolUse
from app_server.core.plugins.installed import Plugin
from app_server.core.plugins.manifest import Manifest
from app_server.core.plugins.parts import content_digest, hooks_of
from protocol.hook import HookEventName, HookSource

FILE = "hooks.json"
TIMEOUT_S = 600
SHORT: Mapping[str, tuple[int, int]] = {"sessionEnd": (1, 3), "interrupt": (1, 3)}
"""Events that nothing may hold up for long: how long their hooks have by default, and at most."""
EVENTS: tuple[HookEventName, ...] = get_args(HookEventName.__value__)
UNRUN = ("prompt", "agent")
Trust = Literal["untrusted", "trusted", "modified"]


@frozen
class Hook:
    """A command or a tool that is set for an event. `key` says where it stands, `digest` what it does."""

    key: str
    event: HookEventName
    matcher: str | None
    does: str | ToolUse
    """The command, or the call of a tool."""
    is_async: bool
    timeout_s: int
    status_message: str | None
    context_limit: int | None
    path: Path
    source: HookSource
    is_enabled: bool
    trust: Trust
    digest: str
    plugin_id: str | None = None
    root: Path | None = None
    """The plugin's folder."""

    @property
    def runs(self) -> bool:
        """Whether it may run."""
        return self.is_enabled and self.trust == "trusted"


class BadHooks(Exception):
    """A file or table of hooks that makes no sense; the text says why."""


def find(layers: Sequence[Layer], projects: Sequence[Path], plugins: Sequence[Plugin] = ()) -> tuple[list[Hook], list[str]]:
    """All hooks, and what is odd about them: of the machine, of the user, of the folders of trusted projects (`.codex`
    in each of the folders from the project's root down), and of the plugins that are on."""
    state = next((_table(_table(layer.data.get("hooks")).get("state")) for layer in layers if layer.source["type"] == "user"), {})
    hooks: list[Hook] = []
    odd: list[str] = []
    for source, folder, layer in _places(layers, projects):
        found = list(_tables(folder, layer, odd))
        if len(found) == 2:
            odd.append(f"loading hooks from both {found[0][0]} and {found[1][0]}; prefer a single representation for this layer")
        for file, table in found:
            try:
                hooks += _of_table(file, table, source, state, odd)
            except BadHooks as error:
                odd.append(f"failed to parse hooks config {file}: {error}")
    for plugin in plugins:
        hooks += of_plugin(plugin.id, plugin.root, plugin.manifest, state, odd)
    return hooks, odd


def of_plugin(plugin_id: str, root: Path, manifest: Manifest, state: Mapping[str, Any], odd: list[str]) -> list[Hook]:
    """The hooks of a plugin. They may run any of its files, so the trust in them is tied to all of these."""
    hooks: list[Hook] = []
    for each in hooks_of(plugin_id, root, manifest):
        if each.fault is not None:
            odd.append(each.fault)
        elif each.table:
            try:
                key = f"{plugin_id}:{each.place}"
                hooks += _of_table(each.file, each.table, "plugin", state, odd, key=key)
            except BadHooks as error:
                odd.append(f"failed to parse plugin hooks config {each.file}: {error}")
    return [replace(_with_content(hook, plugin_id, content_digest(root), state), root=root) for hook in hooks]


def _with_content(hook: Hook, plugin_id: str, content: str, state: Mapping[str, Any]) -> Hook:
    digest = f"{hook.digest}/{content}"
    return replace(hook, plugin_id=plugin_id, digest=digest, trust=_trust(_table(state.get(hook.key)), digest))


def _trust(state: Mapping[str, Any], digest: str) -> Trust:
    trusted = state.get("trusted_hash")
    return "trusted" if trusted == digest else "untrusted" if trusted is None else "modified"


def _places(layers: Sequence[Layer], projects: Sequence[Path]) -> Iterator[tuple[HookSource, Path, Layer | None]]:
    """Where hooks may be set, and the configuration there, if there is one."""
    for layer in layers:
        if layer.source["type"] in ("system", "user") and layer.file is not None:
            yield cast(HookSource, layer.source["type"]), layer.file.parent, layer
    for folder in projects:
        own = (layer for layer in layers if layer.source.get("dotCodexFolder") == str(folder))
        yield "project", folder, next(own, None)


def _tables(folder: Path, layer: Layer | None, odd: list[str]) -> Iterator[tuple[Path, Any]]:
    """The hooks of a place by the file that sets them; those of the file of hooks first."""
    file = folder / FILE
    try:
        document = json.loads(file.read_text("utf-8"))
        if not isinstance(document, dict):
            raise BadHooks("expected an object")
        if document.get("hooks"):
            yield file, document["hooks"]
    except FileNotFoundError:
        pass
    except (OSError, ValueError, BadHooks, RecursionError) as error:
        odd.append(f"failed to parse hooks config {file}: {error}")
    if layer is not None and layer.file is not None:
        table = {name: value for name, value in _table(layer.data.get("hooks")).items() if name != "state"}
        if table:
            yield layer.file, table


def _of_table(
    file: Path, table: Any, source: HookSource, state: Mapping[str, Any], odd: list[str], *, key: str | None = None
) -> list[Hook]:
    """The hooks that one table sets, in the order of the events. Raises: BadHooks."""
    if not isinstance(table, Mapping):
        raise BadHooks("expected a table of events")
    hooks = []
    for event in EVENTS:
        groups = table.get(event[0].upper() + event[1:], [])
        for place, group in enumerate(_list(groups, "groups of hooks")):
            if not isinstance(group, Mapping):
                raise BadHooks("expected a group of hooks")
            matcher = _text(group, "matcher")
            if event not in MATCHED:
                matcher = None  # there is nothing to match
            if matcher is not None and not is_sound(matcher):
                odd.append(f'invalid matcher "{matcher}" in {file}: it is no regular expression')
                continue
            for number, handler in enumerate(_list(group.get("hooks", []), "hooks")):
                if _can_run(file, event, handler, odd):
                    name = f"{key or file}:{snake(event)}:{place}:{number}"
                    hooks.append(_hook(name, event, matcher, handler, file, source, _table(state.get(name)), odd))
    return hooks


def _can_run(file: Path, event: HookEventName, handler: Any, odd: list[str]) -> bool:
    """Whether a handler is one that can be run. Raises: BadHooks."""
    kind = _text(handler, "type") if isinstance(handler, Mapping) else None
    if kind in UNRUN:
        odd.append(f"skipping {kind} hook in {file}: {kind} hooks are not supported yet")
        return False
    if kind == "mcp_tool":
        return _can_call(file, event, handler, odd)
    if kind != "command":
        raise BadHooks(f"unknown variant `{kind}`, expected one of `command`, `prompt`, `agent`, `mcp_tool`")
    command = _text(handler, "command")
    if command is None:
        raise BadHooks("missing field `command`")
    if not command.strip():
        odd.append(f"skipping empty hook command in {file}")
        return False
    return True


def _can_call(file: Path, event: HookEventName, handler: Mapping[str, Any], odd: list[str]) -> bool:
    """Whether a tool can be called. Raises: BadHooks."""
    server, tool = _text(handler, "server"), _text(handler, "tool")
    if server is None or tool is None:
        raise BadHooks(f"missing field `{'server' if server is None else 'tool'}`")
    if not isinstance(handler.get("input", {}), Mapping):
        raise BadHooks("expected an object as `input`")
    if not server.strip() or not tool.strip():
        odd.append(f"skipping MCP tool hook in {file}: server and tool must not be empty")
        return False
    if event == "sessionEnd":
        odd.append(f"skipping MCP tool hook in {file}: SessionEnd MCP hooks are not supported")
        return False
    return True


def _hook(
    key: str,
    event: HookEventName,
    matcher: str | None,
    handler: Mapping[str, Any],
    file: Path,
    source: HookSource,
    state: Mapping[str, Any],
    odd: list[str],
) -> Hook:
    timeout_s = _timeout_s(event, handler, file, odd)
    status_message = _text(handler, "statusMessage")
    context_limit = _number(handler, "additionalContextLimit")
    told: dict[str, Any] = {"type": handler["type"], "timeout": timeout_s, "statusMessage": status_message}
    told["additionalContextLimit"] = context_limit
    is_async = handler.get("async") is True
    does: str | ToolUse
    if handler["type"] == "mcp_tool":
        does, is_async = ToolUse(handler["server"], handler["tool"], handler.get("input", {})), False
        told |= {"server": does.server, "tool": does.tool, "input": does.input}
    else:
        does = handler["command"]
        told |= {"command": does, "async": is_async}
    own = {name: value for name, value in told.items() if value is not None}
    identity = {"event_name": snake(event), **({"matcher": matcher} if matcher is not None else {}), "hooks": [own]}
    digest = digest_of(identity)
    return Hook(
        key=key,
        event=event,
        matcher=matcher,
        does=does,
        is_async=is_async,
        timeout_s=timeout_s,
        status_message=status_message,
        context_limit=context_limit,
        path=file,
        source=source,
        is_enabled=state.get("enabled") is not False,
        trust=_trust(state, digest),
        digest=digest,
    )


def _timeout_s(event: HookEventName, handler: Mapping[str, Any], file: Path, odd: list[str]) -> int:
    """How long a hook may take: at least a second, and not long where something waits for it that must not."""
    wish = _number(handler, "timeout")
    if wish is None:
        wish = _number(handler, "timeoutSec")
    default, most = SHORT.get(event, (TIMEOUT_S, None))
    if wish is None:
        return default
    if most is not None and wish > most:
        odd.append(f"clamping {event[0].upper() + event[1:]} hook timeout to {most}s in {file}")
        return most
    return max(wish, 1)


def digest_of(identity: Mapping[str, Any]) -> str:
    """The hash of what a hook does."""
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def snake(event: str) -> str:
    """`preToolUse` -> `pre_tool_use`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadHooks(f"expected a list of {what}")
    return value


def _text(table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise BadHooks(f"expected a text as `{name}`")
    return value


def _number(table: Mapping[str, Any], name: str) -> int | None:
    value = table.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadHooks(f"expected a number as `{name}`")
    return value
