"""One item of a thread's past as the model is shown it: what is sent of it, encoded once, and what is looked up about it.

Source: spec/turns.md sections 6.3 and 7.
"""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json, to_json

from app_server.core.frozen import frozen
from app_server.core.token_estimate import item_tokens

KEPT_ID = re.compile(r"[^_]+_.", re.DOTALL)
"""The ids that a provider gets back: those that say by their beginning what they belong to."""
SHELL_ACTION = ("timeout_ms", "working_directory", "env", "user")
"""What the reference always writes of a shell call's action."""
CALL_OUTPUTS = {
    "function_call": "function_call_output",
    "local_shell_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "tool_search_call": "tool_search_output",
}
CALL_PREFIXES = {"function_call": "fc", "local_shell_call": "lsh", "custom_tool_call": "ctc", "tool_search_call": "tsc"}
OUTPUT_PREFIXES = {"function_call_output": "fco", "custom_tool_call_output": "ctco", "tool_search_output": "tso"}
MADE_PREFIXES = {"message": "msg", **CALL_PREFIXES, **OUTPUT_PREFIXES}
"""How the ids begin that items get which come without one."""
SENT_KINDS = frozenset(
    {
        *CALL_OUTPUTS,
        *CALL_OUTPUTS.values(),
        "message",
        "reasoning",
        "web_search_call",
        "image_generation_call",
        "compaction",
        "context_compaction",
        "additional_tools",
    }
)
MADE_BY_MODELS = frozenset({*CALL_OUTPUTS, "reasoning", "web_search_call", "image_generation_call"})
MEDIA = {"input_image": "image", "input_audio": "audio"}
"""The parts of an item that not every model reads, with the modality that they need."""
ORIGINAL = "original"
"""The detail of an image that not every model reads either; others get it told as `high`."""
BOOKKEEPING = "internal_chat_message_metadata_passthrough"
"""What an item carries about itself in files; the reference sends it to OpenAI, and nobody else."""
USERS_WORDS = "user."
"""How the kinds of what the user said begin, among `content_item_kinds` of the bookkeeping."""
NOT_SENT = frozenset({BOOKKEEPING, "metadata", "status"})
TOLD_OF_ITEMS = ("turn_id", "create_time", "content_item_kinds")
"""What of it OpenAI gets."""
PART_KINDS = {
    "<permissions instructions>": "permissions.instructions",
    "<collaboration_mode>": "collaboration_mode.instructions",
    "<model_switch>": "model_switch.instructions",
    "<personality_spec>": "personality.instructions",
    "<skills_instructions>": "skills.instructions",
    "# AGENTS.md instructions for ": "agents_md.instructions",
    "<environment_context>": "environments.environment_context",
}
"""What a text of ours is, by its beginning."""
OTHER_PARTS = {"developer": "generic.developer_instructions"}
"""What any other part of a message is, by the message's role."""
NOTES = (
    "<environment_context>",
    "# AGENTS.md instructions for ",
    "<turn_aborted>",
    "<user_shell_command>",
    "<user_action>",
    "<skill>",
    "<subagent_notification>",
)
"""How what is told in the user's place begins, for items of files without bookkeeping."""
ORPHANS = uuid.UUID("6a1c2f0e-43a5-5e0f-9d2a-6e9d0a7b5c11")
"""The namespace of the ids that outputs made up for orphan calls get, so that they stay the same from request to request."""


@frozen
class Entry:
    """One item: what it is, its bytes, and the estimate of its tokens. `media` are the modalities beside text in it.

    `is_users`: the user's own words, which outlive a compaction. `bookkeeping` is what files keep of such a message, `note`
    what OpenAI is told of any item, as a member to put at the end of its bytes.
    """

    kind: str
    json: bytes
    tokens: int = 0
    media: frozenset[str] = frozenset()
    role: str | None = None
    call_id: str | None = None
    is_named_output: bool = False
    is_users: bool = False
    bookkeeping: dict[str, Any] | None = None
    note: bytes = b""

    @property
    def is_sent(self) -> bool:
        """Whether the provider knows such items."""
        return self.kind in SENT_KINDS and self.role != "system"

    @property
    def is_models(self) -> bool:
        """Whether the model has made it."""
        return self.role == "assistant" if self.kind == "message" else self.kind in MADE_BY_MODELS

    def item(self) -> dict[str, Any]:
        """The item as data, as a file keeps it."""
        data: dict[str, Any] = from_json(self.json)
        return data if self.bookkeeping is None else {**data, BOOKKEEPING: self.bookkeeping}


def entry(item: dict[str, Any]) -> Entry:
    """An item with what is looked up about it, encoded as it is sent."""
    kind = str(item.get("type", "message" if "role" in item else ""))
    data = sent_form(kind, item)
    encoded = to_json(data)
    return Entry(
        kind,
        encoded,
        item_tokens(kind, data, len(encoded)),
        media_of(data),
        item.get("role"),
        item.get("call_id"),
        is_named_output="name" in item and "call_id" not in item,
        is_users=is_users_words(kind, item),
        bookkeeping=item.get(BOOKKEEPING) if item.get("role") == "user" else None,
        note=note_of(item.get(BOOKKEEPING)),
    )


def noted(item: dict[str, Any], turn_id: str | None, now_s: float | None) -> dict[str, Any]:
    """An item with what files, and OpenAI, are told of it: its turn, when we made it (if that is told), what its parts are."""
    kind = str(item.get("type", "message" if "role" in item else ""))
    known = item.get(BOOKKEEPING)
    told: dict[str, Any] = {} if turn_id is None else {"turn_id": turn_id}
    is_models = item.get("role") == "assistant" if kind == "message" else kind in MADE_BY_MODELS
    if not is_models and now_s is not None:
        told["create_time"] = now_s
    if isinstance(known, dict):
        told |= known
    if kind == "message" and "content_item_kinds" not in told:
        told["content_item_kinds"] = [part_kind(part, item.get("role")) for part in item.get("content") or []]
    return {**item, BOOKKEEPING: told}


def part_kind(part: Any, role: Any) -> str:
    """What a part of a message is."""
    text = str(part.get("text", "")) if isinstance(part, dict) and role != "assistant" else ""
    found = next((kind for beginning, kind in PART_KINDS.items() if text.startswith(beginning)), None)
    return found or OTHER_PARTS.get(str(role), "unknown")


def note_of(bookkeeping: Any) -> bytes:
    """What OpenAI is told, to stand before an item's closing brace; nothing where there is nothing to tell."""
    told = {name: bookkeeping[name] for name in TOLD_OF_ITEMS if name in bookkeeping} if isinstance(bookkeeping, dict) else {}
    return b',"%b":%b' % (BOOKKEEPING.encode(), to_json(told)) if told else b""


def sent_again(item: dict[str, Any], turn_id: str, *, has_note: bool) -> bytes:
    """An item that the model has made in a turn, as later requests will send it."""
    each = entry(noted(item, turn_id, 0.0))
    return with_note(each.json, each.note) if has_note else each.json


def with_note(item: bytes, note: bytes) -> bytes:
    """An item's JSON as OpenAI gets it."""
    return item[:-1] + note + b"}" if note else item


def is_users_words(kind: str, item: dict[str, Any]) -> bool:
    """Whether an item is something that the user has said, and not something that is told in the user's place."""
    if kind != "message" or item.get("role") != "user":
        return False
    bookkeeping = item.get(BOOKKEEPING)
    kinds = bookkeeping.get("content_item_kinds") if isinstance(bookkeeping, dict) else None
    if isinstance(kinds, list):
        return any(isinstance(each, str) and each.startswith(USERS_WORDS) for each in kinds)
    first = next((part for part in item.get("content") or [] if isinstance(part, dict)), {})
    return not str(first.get("text", "")).startswith(NOTES)


def media_of(item: dict[str, Any]) -> frozenset[str]:
    """What a model has to read for an item, beside text."""
    parts = item.get("content") or item.get("output")
    if not isinstance(parts, list):
        return frozenset()
    media = [part for part in parts if isinstance(part, dict) and part.get("type") in MEDIA]
    details = [ORIGINAL for part in media if part.get("detail") == ORIGINAL]
    return frozenset((*(MEDIA[part["type"]] for part in media), *details))


def without_media(each: Entry, missing: frozenset[str]) -> bytes:
    """An item's JSON with a text in the place of each part that a model can't read."""
    item = from_json(each.json)
    key = "content" if item.get("content") else "output"
    item[key] = [replaced(part, missing) if part.get("type") in MEDIA else part for part in item[key]]
    return to_json(item)


def replaced(part: dict[str, Any], missing: frozenset[str]) -> dict[str, Any]:
    """A part as a model gets it that does not read everything."""
    modality = MEDIA[part["type"]]
    if modality not in missing:
        return {**part, "detail": "high"} if part.get("detail") == ORIGINAL and ORIGINAL in missing else part
    return {"type": "input_text", "text": f"{modality} content omitted because you do not support {modality} input"}


def sent_form(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """What of an item goes upstream: no bookkeeping, an id only of the kind that the provider knows."""
    data = {
        key: value
        for key, value in item.items()
        if key not in NOT_SENT or (key == "status" and kind not in ("message", "function_call"))
    }
    if "id" in data and not KEPT_ID.match(str(data["id"])):
        del data["id"]
    if kind == "reasoning":
        data = thoughts(data)
    elif kind == "message":
        data["content"] = [reduced(part) for part in data.get("content") or []]
        if data.get("phase", "") is None:
            del data["phase"]
    elif kind == "local_shell_call" and isinstance(data.get("action"), dict):
        data["action"] = {**data["action"], **{name: data["action"].get(name) for name in SHELL_ACTION}}
    return data


def thoughts(data: dict[str, Any]) -> dict[str, Any]:
    """What goes upstream of reasoning: raw thoughts only in the form that the provider takes back."""
    content = data.get("content")
    is_taken = content is None or any(isinstance(part, dict) and part.get("type") == "reasoning_text" for part in content)
    names = ("type", "id", "summary", *(("content",) if is_taken else ()), "encrypted_content")
    return {name: data.get(name) for name in names if name in data or name in ("content", "encrypted_content")}


def reduced(part: Any) -> Any:
    """A text the model has written, without its annotations and log probabilities."""
    if isinstance(part, dict) and part.get("type") == "output_text":
        return {"type": "output_text", "text": part.get("text", "")}
    return part


def orphan_output(call: Entry) -> bytes:
    """The output of a call that never got one, the same in every request."""
    kind = CALL_OUTPUTS[call.kind]
    made_id = f"{OUTPUT_PREFIXES[kind]}_{uuid.uuid5(ORPHANS, str(call.call_id))}"
    if kind == "tool_search_output":
        return to_json(
            {"type": kind, "id": made_id, "call_id": call.call_id, "status": "completed", "execution": "client", "tools": []}
        )
    return to_json({"type": kind, "id": made_id, "call_id": call.call_id, "output": "aborted"})


def message(item_id: str, role: str, texts: Iterable[str], kind: str | None = None) -> dict[str, Any]:
    """A message of ours with one `input_text` part per text. `kind` is the word that files keep for what it is."""
    parts = [{"type": "input_text", "text": text} for text in texts]
    made: dict[str, Any] = {"type": "message", "id": item_id, "role": role, "content": parts}
    return made if kind is None else {**made, BOOKKEEPING: {"content_item_kinds": [kind] * len(parts)}}


def named_output(item_id: str, name: str, output: Any, namespace: str | None = None) -> dict[str, Any]:
    """The result of something that the model has not called for."""
    made: dict[str, Any] = {"type": "function_call_output", "id": item_id, "name": name}
    return {**made, "output": output} if namespace is None else {**made, "namespace": namespace, "output": output}
