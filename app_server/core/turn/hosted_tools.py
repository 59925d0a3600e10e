"""The tools that the provider runs by itself: the request only says that the model may use them.

Source: spec/models.md section 8 (the order of the members is the reference's), spec/mission.md M5.
"""

from typing import Any

from app_server.core.config.config import Config
from app_server.core.models.metadata import ModelInfo

DEFAULT_MODE = "cached"
LIVE_MODES = ("live", "indexed")


def web_search(config: Config, model: ModelInfo, sandbox: str) -> dict[str, Any] | None:
    """The web search, or None where it is switched off. A turn that may do anything searches the live web."""
    mode = config.web_search or DEFAULT_MODE
    if mode == "disabled":
        return None
    tool: dict[str, Any] = {"type": "web_search", "external_web_access": mode in LIVE_MODES or sandbox == "dangerFullAccess"}
    if mode == "indexed":
        tool["indexed_web_access"] = True
    chosen = config.web_search_tool
    if chosen.get("allowed_domains") is not None:
        tool["filters"] = {"allowed_domains": list(chosen["allowed_domains"])}
    if chosen.get("location"):
        tool["user_location"] = {"type": "approximate", **chosen["location"]}
    if chosen.get("context_size"):
        tool["search_context_size"] = chosen["context_size"]
    if model.web_search_tool_type == "text_and_image":
        tool["search_content_types"] = ["text", "image"]
    return tool
