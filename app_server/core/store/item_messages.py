"""What the user and the model say, and how a review begins and ends: between the wire's form and the files'. See `items`."""

from collections.abc import Mapping
from typing import Any

from app_server.core.store.review_text import rendered
from app_server.core.store.words import camel, camel_keys, present, snake, snake_keys

Data = Mapping[str, Any]


def store_user_message(data: Data) -> dict[str, Any]:
    return present(client_id=data["clientId"], content=[store_input(each) for each in data["content"]])


def read_user_message(stored: Data) -> dict[str, Any]:
    return {"clientId": stored.get("client_id"), "content": [read_input(each) for each in stored["content"]]}


def store_input(data: Data) -> dict[str, Any]:
    """One entry of a user's message: of media, the URL's member is named after the medium."""
    kind = data["type"]
    if kind == "text":
        return {"type": "text", "text": data["text"], "text_elements": snake_keys(data["text_elements"])}
    stored = {snake(name): value for name, value in data.items()}
    stored["type"] = snake(kind)
    if kind in ("image", "audio") and "url" in stored:
        stored[f"{kind}_url"] = stored.pop("url")
    return stored


def read_input(stored: Data) -> dict[str, Any]:
    kind = camel(stored["type"])
    if kind == "text":
        return {"type": "text", "text": stored["text"], "text_elements": camel_keys(stored.get("text_elements") or [])}
    data = {camel(name): value for name, value in stored.items()}
    data["type"] = kind
    if kind in ("image", "audio") and f"{kind}Url" in data:
        data["url"] = data.pop(f"{kind}Url")
    return data


def store_agent_message(data: Data) -> dict[str, Any]:
    citation = data["memoryCitation"]
    return present(
        content=[{"type": "Text", "text": data["text"]}],
        phase=data["phase"],
        memory_citation=None if citation is None else {"entries": citation["entries"], "rolloutIds": citation["threadIds"]},
        moderation=snake_keys(data["moderation"]),
        delivery=data["delivery"],
        questions=data["questions"],
    )


def read_agent_message(stored: Data) -> dict[str, Any]:
    return {
        "text": "".join(part.get("text", "") for part in stored["content"]),
        "phase": stored.get("phase"),
        "memoryCitation": read_citation(stored.get("memory_citation")),
        "moderation": camel_keys(stored.get("moderation")),
        "delivery": stored.get("delivery"),
        "questions": stored.get("questions"),
    }


def read_citation(stored: object) -> dict[str, Any] | None:
    """What of the memories a message rests on."""
    if not isinstance(stored, Mapping):
        return None
    return {"entries": camel_keys(stored.get("entries") or []), "threadIds": stored.get("rolloutIds") or []}


def store_reasoning(data: Data) -> dict[str, Any]:
    return {"summary_text": data["summary"], "raw_content": data["content"]}


def read_reasoning(stored: Data) -> dict[str, Any]:
    return {"summary": stored.get("summary_text") or [], "content": stored.get("raw_content") or []}


def store_output(data: Data) -> dict[str, Any]:
    return present(name=data["name"], namespace=data["namespace"], output=data["output"])


def read_output(stored: Data) -> dict[str, Any]:
    return {"name": stored["name"], "namespace": stored.get("namespace"), "output": stored["output"]}


def store_review_begin(data: Data) -> dict[str, Any]:
    """The wire knows a review's target only by its description; a custom one has no other."""
    target = {"type": "custom", "instructions": data["review"]}
    return {"target": target, "user_facing_hint": data["review"]}


def read_review_begin(stored: Data) -> dict[str, Any]:
    return {"review": stored.get("user_facing_hint") or "Review requested."}


def store_review_end(data: Data) -> dict[str, Any]:
    output = {
        "findings": [],
        "overall_correctness": "",
        "overall_explanation": data["review"],
        "overall_confidence_score": 0.0,
    }
    return {"review_output": output}


def read_review_end(stored: Data) -> dict[str, Any]:
    return {"review": rendered(stored.get("review_output"))}
