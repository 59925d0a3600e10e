"""The `<permissions instructions>` block: what the model may do by itself, and when it has to ask.

The words are ours; the tags and the names of the modes are what models know (spec/turns.md section 6.2).
"""

from typing import Any

SANDBOX_TEXTS = {
    "dangerFullAccess": (
        "Your sandbox mode is `danger-full-access`: commands run with the user's own rights, and network access is enabled. "
        "Nothing stands between a mistake and the user's files, so be deliberate."
    ),
    "readOnly": ("Your sandbox mode is `read-only`: commands can read files but not change them. Network access is {network}."),
    "workspaceWrite": (
        "Your sandbox mode is `workspace-write`: commands can read all files, and write below the workspace roots and in "
        "temporary folders only. Network access is {network}."
    ),
    "externalSandbox": ("Your commands run in a sandbox that the user's own environment provides. Network access is {network}."),
}

NEVER = (
    "The approval policy is `never`: nobody can be asked. Do not pass `sandbox_permissions`; a command that the sandbox "
    "refuses has failed, and you look for another way or say what is in the way."
)
ON_REQUEST = (
    "The approval policy is `on-request`: commands run in the sandbox, and you may ask to run one outside of it.\n"
    "- Ask by calling exec_command with `sandbox_permissions` set to `require_escalated` and a one-sentence `justification` "
    "that the user can answer with yes or no.\n"
    "- Ask when the task needs it: writing outside the workspace, using the network, or a command that the sandbox has just "
    "refused and that matters. Run it escalated straight away instead of explaining in prose that you would like to.\n"
    "- A shell line is judged command by command: pipes, `&&`, `||`, `;` and subshells are taken apart, so keep an escalated "
    "command by itself.\n"
    '- With `prefix_rule` you may suggest the first words of the command as a lasting rule, such as `["git", "fetch"]`. '
    "Keep it narrow: never an interpreter, a shell, or a command that deletes.\n"
    "- Do not ask for destructive actions that the user did not ask for."
)
UNTRUSTED = (
    "The approval policy is `untrusted`: the user is asked before a command runs. Prefer few commands that each show clearly "
    "what they do."
)
GRANULAR = (
    "The approval policy is set per kind of request: some kinds are put to the user, others are refused without asking. "
    "When something is refused, look for another way."
)


def permissions_instructions(sandbox: dict[str, Any], approval_policy: Any, writable_roots: tuple[str, ...]) -> str:
    """The whole block for a sandbox policy (wire form) and an approval policy."""
    has_network = sandbox.get("networkAccess") in (True, "enabled")
    parts = [SANDBOX_TEXTS[sandbox["type"]].format(network="enabled" if has_network else "restricted")]
    parts.append(approval_text(approval_policy))
    if sandbox["type"] == "workspaceWrite" and writable_roots:
        roots = ", ".join(f"`{root}`" for root in writable_roots)
        parts.append(f"The writable roots are {roots}.")
    body = "\n".join(parts)
    return f"<permissions instructions>\n{body}\n</permissions instructions>"


def approval_text(policy: Any) -> str:
    """The paragraph of an approval policy."""
    if policy == "never":
        return NEVER
    if policy == "untrusted":
        return UNTRUSTED
    return ON_REQUEST if isinstance(policy, str) else GRANULAR
