"""Tools for models that know plain functions only: namespaces and free text are folded into functions, and calls unfolded.

A tool in a namespace becomes `namespace__tool`; one that takes free text becomes a function with one text argument. Tools
that the provider itself would run, such as a web search, have no counterpart and are left out.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_NAME = 64
FREE_TEXT = "input"
"""The argument in which a function takes free text."""
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class Origin:
    """The tool behind a function."""

    name: str
    namespace: str | None = None
    is_custom: bool = False


class FlatTools:
    """The functions for the tools of one request."""

    def __init__(self, tools: Iterable[dict[str, Any]]) -> None:
        self.functions: list[dict[str, Any]] = []
        """Their names, descriptions and parameters."""
        self._origins: dict[str, Origin] = {}
        for tool in tools:
            if tool.get("type") == "namespace":
                for member in tool.get("tools") or []:
                    self._add(member, str(tool.get("name", "")))
            else:
                self._add(tool, None)

    def _add(self, tool: dict[str, Any], namespace: str | None) -> None:
        is_custom = tool.get("type") == "custom"
        if not is_custom and tool.get("type") != "function":
            return
        origin = Origin(str(tool.get("name", "")), namespace, is_custom)
        name = flat_name(origin.name, namespace)
        if name in self._origins:
            name = hashed(name, origin.name, namespace)
        self._origins[name] = origin
        if is_custom:
            self.functions.append({"name": name, "description": described(tool), "parameters": FREE_TEXT_PARAMETERS})
        else:
            parameters = tool.get("parameters") or {"type": "object", "properties": {}}
            self.functions.append({"name": name, "description": tool.get("description", ""), "parameters": parameters})

    def function_of(self, name: str, namespace: str | None) -> str:
        """The function that stands for a tool; tools that are not offered any more keep the name that they had."""
        for function, origin in self._origins.items():
            if origin.name == name and origin.namespace == namespace:
                return function
        return flat_name(name, namespace)

    def call_of(self, item_id: str, call_id: str, function: str, arguments: str) -> dict[str, Any]:
        """A call of a function, as the item that a model which knows the tool would have made."""
        origin = self._origins.get(function, Origin(function))
        if origin.is_custom:
            text = free_text(arguments)
            return {"type": "custom_tool_call", "id": f"ctc_{item_id}", "call_id": call_id, "name": origin.name, "input": text}
        item = {"type": "function_call", "id": f"fc_{item_id}", "call_id": call_id, "name": origin.name, "arguments": arguments}
        return item if origin.namespace is None else {**item, "namespace": origin.namespace}


FREE_TEXT_PARAMETERS = {
    "type": "object",
    "properties": {FREE_TEXT: {"type": "string", "description": "The whole input of the tool, as plain text."}},
    "required": [FREE_TEXT],
    "additionalProperties": False,
}


def flat_name(name: str, namespace: str | None) -> str:
    """One name for a tool and its namespace, within what functions may be called. The same for the same tool, always."""
    whole = name if namespace is None else f"{namespace}__{name}"
    allowed = _NOT_IN_NAMES.sub("_", whole)
    return allowed if allowed == whole and len(whole) <= LONGEST_NAME else hashed(allowed, name, namespace)


def hashed(allowed: str, name: str, namespace: str | None) -> str:
    """A name that no other tool has, where the obvious one can't be used."""
    mark = hashlib.sha256(f"{namespace}\0{name}".encode()).hexdigest()[:8]
    return f"{allowed[: LONGEST_NAME - len(mark) - 1]}_{mark}"


def described(tool: dict[str, Any]) -> str:
    """A free-text tool's description, with the grammar that its input has to follow."""
    parts: Sequence[str] = [str(tool.get("description") or "")]
    form = tool.get("format")
    if isinstance(form, dict) and form.get("definition"):
        parts = [*parts, f"The input has to follow this grammar ({form.get('syntax', 'lark')}):\n{form['definition']}"]
    return "\n\n".join(part for part in parts if part)


def free_text(arguments: str) -> str:
    """The text in a call's arguments; models that forget the wrapping have given the text itself."""
    try:
        parsed = json.loads(arguments)
    except ValueError:
        return arguments
    if isinstance(parsed, dict) and isinstance(parsed.get(FREE_TEXT), str):
        return str(parsed[FREE_TEXT])
    return parsed if isinstance(parsed, str) else arguments
