"""How long a tool's output may be for the model, and how it is cut: head and tail stay, a marker tells what went.

What a command has printed is cut and headed by what it says of that (`truncate_output`); what any tool gives is cut once
more when it is kept (`truncate_parts`), with a fifth of slack, which the report of a command never exceeds.

Pure functions over texts. Tokens are estimated from bytes, as in the reference; budgets are always bytes inside.
Source: spec/tools.md section 2; checked against the reference's own cuts.
"""

from collections.abc import Sequence
from typing import Any

from app_server.core.models.metadata import Truncation

_BYTES_PER_TOKEN = 4
DEFAULT_OUTPUT_TOKENS = 10_000


def byte_budget(policy: Truncation) -> int:
    """A policy's limit in bytes of UTF-8."""
    return policy.limit * _BYTES_PER_TOKEN if policy.mode == "tokens" else policy.limit


def estimate_tokens(byte_count: int) -> int:
    """How many tokens that many bytes of text may be."""
    return -(-byte_count // _BYTES_PER_TOKEN)


def narrowed(policy: Truncation, max_output_tokens: int | None) -> Truncation:
    """The policy for one call that asks for at most so many tokens; it never widens the model's own."""
    asked = Truncation("tokens", DEFAULT_OUTPUT_TOKENS if max_output_tokens is None else max_output_tokens)
    return asked if byte_budget(asked) < byte_budget(policy) else policy


def with_slack(policy: Truncation) -> Truncation:
    """The policy for what goes into the history: a fifth more, and in tokens, whatever the model's own counts in."""
    return Truncation("tokens", byte_budget(policy) * 6 // 5 // _BYTES_PER_TOKEN)


def truncate_middle(text: str, policy: Truncation) -> str:
    """The text, or its first and last half with a marker between them, if it is over the budget."""
    encoded = text.encode(errors="surrogatepass")
    budget = byte_budget(policy)
    if len(encoded) <= budget:
        return text
    head = encoded[: budget // 2].decode(errors="ignore")
    tail_bytes = encoded[len(encoded) - (budget - budget // 2) :]
    tail = tail_bytes.decode(errors="ignore")
    if policy.mode == "tokens":
        return f"{head}…{estimate_tokens(len(encoded) - budget)} tokens truncated…{tail}"
    return f"{head}…{len(text) - len(head) - len(tail)} chars truncated…{tail}"


def truncate_parts(parts: Sequence[dict[str, Any]], policy: Truncation) -> list[dict[str, Any]]:
    """Content parts of which all texts together are no longer than the policy allows; what has no room is only counted."""
    left, kept, omitted = policy.limit, list[dict[str, Any]](), 0
    for part in parts:
        text = part.get("text") if part.get("type") == "input_text" else None
        if not isinstance(text, str):
            kept.append(part)
            continue
        size = len(text.encode(errors="surrogatepass"))
        cost = estimate_tokens(size) if policy.mode == "tokens" else size
        if cost <= left:
            kept.append(part)
            left -= cost
        elif left:
            kept.append({**part, "text": truncate_middle(text, Truncation(policy.mode, left))})
            left = 0
        else:
            omitted += 1
    if omitted:
        kept.append({"type": "input_text", "text": f"[omitted {omitted} text items ...]"})
    return kept


def truncate_output(
    text: str, policy: Truncation, *, true_bytes: int | None = None, omitted_bytes: int = 0, room: int | None = None
) -> str:
    """A tool's output as the model gets it: whole, or cut and headed by a warning that tells its true size.

    `true_bytes`, `omitted_bytes`: where `text` is itself what a bounded buffer kept of more, the size of all of it
    and what the buffer dropped; the number of lines isn't known then. `room`: the most bytes that all of it may take.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size <= byte_budget(policy) and (room is None or size <= room):
        return text
    tokens = estimate_tokens(size if true_bytes is None else true_bytes)
    extent = f"... {omitted_bytes} bytes omitted ..." if omitted_bytes else f"Total output lines: {_line_count(text)}"
    head = f"Warning: truncated output (original token count: {tokens})\n{extent}\n\n"
    return head + (truncate_middle(text, policy) if room is None else squeezed(text, policy, max(room - len(head), 0)))


def squeezed(text: str, policy: Truncation, room: int) -> str:
    """The text cut by the policy, or by a narrower one with which it fits into the room with its marker."""
    cut = truncate_middle(text, policy)
    while (over := len(cut.encode(errors="surrogatepass")) - room) > 0 and policy.limit > 0:
        less = over if policy.mode == "bytes" else -(-over // _BYTES_PER_TOKEN)
        policy = Truncation(policy.mode, max(policy.limit - less, 0))
        cut = truncate_middle(text, policy)
    return cut


def _line_count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n"))
