"""What hooks may say on their standard output: a JSON object, in the words that their event knows.

An object with anything else in it does not count as said. Source: the reference's schemas of hooks.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from protocol.hook import HookEventName


class Words(BaseModel):
    """A part of what a hook says."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Specific(Words):
    """What only hooks of some events say."""

    event: str = Field(alias="hookEventName")
    context: str | None = Field(None, alias="additionalContext")


class PreToolUseSpecific(Specific):
    """About a call that is to come."""

    permission: Literal["allow", "deny", "ask"] | None = Field(None, alias="permissionDecision")
    permission_reason: str | None = Field(None, alias="permissionDecisionReason")
    updated_input: Any = Field(None, alias="updatedInput")


class PostToolUseSpecific(Specific):
    """About a call that was carried out."""

    updated_output: Any = Field(None, alias="updatedToolOutput")
    updated_mcp_output: Any = Field(None, alias="updatedMCPToolOutput")


class Decision(Words):
    """Whether a user has to be asked."""

    behavior: Literal["allow", "deny"]
    updated_input: Any = Field(None, alias="updatedInput")
    updated_permissions: Any = Field(None, alias="updatedPermissions")
    message: str | None = None
    interrupt: bool = False


class PermissionSpecific(Words):
    """About a question to the user."""

    event: str = Field(alias="hookEventName")
    decision: Decision | None = None


class Output(Words):
    """What hooks of all events may say."""

    goes_on: bool = Field(True, alias="continue")
    stop_reason: str | None = Field(None, alias="stopReason")
    suppresses: bool = Field(False, alias="suppressOutput")
    system_message: str | None = Field(None, alias="systemMessage")


class StartOutput(Output):
    """At a start."""

    specific: Specific | None = Field(None, alias="hookSpecificOutput")


class BlockOutput(Output):
    """Where something may be blocked."""

    decision: Literal["block"] | None = None
    reason: str | None = None


class PromptOutput(BlockOutput):
    """About the user's words."""

    specific: Specific | None = Field(None, alias="hookSpecificOutput")


class PreToolUseOutput(Output):
    """Before a call."""

    decision: Literal["approve", "block"] | None = None
    reason: str | None = None
    specific: PreToolUseSpecific | None = Field(None, alias="hookSpecificOutput")


class PostToolUseOutput(BlockOutput):
    """After a call."""

    specific: PostToolUseSpecific | None = Field(None, alias="hookSpecificOutput")


class PermissionOutput(Output):
    """Before a question to the user."""

    specific: PermissionSpecific | None = Field(None, alias="hookSpecificOutput")


OUTPUTS: Mapping[HookEventName, type[Output]] = {
    "preToolUse": PreToolUseOutput,
    "permissionRequest": PermissionOutput,
    "postToolUse": PostToolUseOutput,
    "preCompact": Output,
    "postCompact": Output,
    "sessionStart": StartOutput,
    "subagentStart": StartOutput,
    "userPromptSubmit": PromptOutput,
    "stop": BlockOutput,
    "subagentStop": BlockOutput,
}
"""By event; what hooks of the others say is not read."""


def read(event: HookEventName, text: str) -> Output | None:
    """What a hook says, or None if it is no such object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return OUTPUTS[event].model_validate_json(text)
    except ValidationError:
        return None
