"""The `<environment_context>` block: where the model's commands run and what they may touch.

Source: the shape in spec/turns.md section 6.2.
"""

import os
import time
from html import escape as escape_html
from pathlib import Path

PROTECTED = (".git", ".agents", ".codex", ".aws")
"""Folders below a writable root that stay read-only."""


def environment_context(
    roots: tuple[str, ...], sandbox: dict[str, object], now_s: float, cwd: str | None, shell: str | None
) -> str:
    """The block; without `cwd` and `shell` it is the short form that follows a change of permissions.

    `sandbox` is the wire form of the sandbox policy.
    """
    lines = ["<environment_context>"]
    if cwd is not None:
        lines.append(f"  <cwd>{escape(cwd)}</cwd>")
    if shell is not None:
        lines.append(f"  <shell>{escape(shell)}</shell>")
    lines.append(f"  <current_date>{local_date(now_s)}</current_date>")
    lines.append(f"  <timezone>{escape(timezone())}</timezone>")
    lines.append(f"  {full_filesystem(roots, sandbox)}")
    lines.append("</environment_context>")
    return "\n".join(lines)


def placeless_context(now_s: float, *, has_left: bool) -> str:
    """The block where there is no machine to work on, which is said if there was one before."""
    lines = ["<environment_context>"]
    if has_left:
        lines.append("  <environments>none</environments>")
    lines += [
        f"  <current_date>{local_date(now_s)}</current_date>",
        f"  <timezone>{escape(timezone())}</timezone>",
        "</environment_context>",
    ]
    return "\n".join(lines)


def local_date(now_s: float) -> str:
    """The day it is here."""
    return time.strftime("%Y-%m-%d", time.localtime(now_s))


def full_filesystem(roots: tuple[str, ...], sandbox: dict[str, object]) -> str:
    """The workspace and what may be done with the file system."""
    workspace = "".join(f"<root>{escape(root)}</root>" for root in roots)
    return f"<filesystem><workspace_roots>{workspace}</workspace_roots>{permission_profile(roots, sandbox)}</filesystem>"


def permission_profile(roots: tuple[str, ...], sandbox: dict[str, object]) -> str:
    """What the file system permissions are, in the form that models were trained to read."""
    kind = sandbox["type"]
    if kind == "dangerFullAccess":
        return '<permission_profile type="disabled"><file_system type="unrestricted" /></permission_profile>'
    if kind == "externalSandbox":
        return '<permission_profile type="external"><file_system type="external" /></permission_profile>'
    entries = [entry("read", "<special>:root</special>")]
    shown = sandbox.get("shownRoots")
    entries += [entry("read", path_element(root)) for root in shown] if isinstance(shown, list) else []
    if kind == "workspaceWrite":
        extra = sandbox.get("writableRoots")
        writable = [*roots, *(str(root) for root in extra if root not in roots)] if isinstance(extra, list) else list(roots)
        entries += [entry("write", path_element(root)) for root in writable]
        if not sandbox.get("excludeSlashTmp"):
            entries.append(entry("write", "<special>:slash_tmp</special>"))
        if not sandbox.get("excludeTmpdirEnvVar"):
            entries.append(entry("write", "<special>:tmpdir</special>"))
        entries += [entry("read", path_element(f"{root}/{name}")) for root in writable for name in PROTECTED]
    return (
        f'<permission_profile type="managed"><file_system type="restricted">{"".join(entries)}</file_system></permission_profile>'
    )


def escape(text: str) -> str:
    """Text inside an element."""
    return escape_html(text, quote=False)


def path_element(path: str) -> str:
    """A place by its path."""
    return f"<path>{escape(path)}</path>"


def entry(access: str, place: str) -> str:
    """One rule of the profile."""
    return f'<entry access="{access}">{place}</entry>'


def timezone() -> str:
    """The zone's name such as `Europe/Paris`, from the machine's settings; `Etc/UTC` when they do not tell."""
    try:
        target = str(Path("/etc/localtime").readlink())
        if "/zoneinfo/" not in target:
            target = os.path.realpath("/etc/localtime")
    except OSError:
        target = ""
    _, found, name = target.partition("/zoneinfo/")
    if found:
        return "Etc/UTC" if name in ("UTC", "Etc/UTC") else name
    try:
        return Path("/etc/timezone").read_text("utf-8").strip() or "Etc/UTC"
    except OSError:
        return "Etc/UTC"
