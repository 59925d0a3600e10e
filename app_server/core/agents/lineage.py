"""Who started an agent's thread, and what it is called: written into the head of its file, told to its provider."""

import random
from collections.abc import Collection, Mapping
from typing import Any

from app_server.core.store.head import Head

SPAWNED = "thread_spawn"
NICKNAMES = (
    "Alder", "Amber", "Aspen", "Basalt", "Birch", "Cedar", "Cobalt", "Comet", "Coral", "Crane", "Delta", "Ember", "Falcon",
    "Fern", "Finch", "Flint", "Fjord", "Garnet", "Glacier", "Harbor", "Heron", "Iris", "Jasper", "Juniper", "Kestrel", "Lagoon",
    "Larch", "Lark", "Lichen", "Maple", "Marble", "Meadow", "Meteor", "Nebula", "Nimbus", "Oak", "Onyx", "Opal", "Orchid",
    "Osprey", "Pebble", "Pine", "Plover", "Prairie", "Quartz", "Raven", "Reef", "Ridge", "Robin", "Rowan", "Sable",
    "Sequoia", "Sorrel", "Sparrow", "Spruce", "Swift", "Tern", "Thistle", "Topaz", "Tundra", "Violet", "Willow", "Wren", "Zephyr",
)  # fmt: skip


def nickname(taken: Collection[str]) -> str:
    """A name by which people tell an agent from its siblings; one that is not taken, as long as there are any."""
    free = [name for name in NICKNAMES if name not in taken]
    return random.choice(free or NICKNAMES)  # noqa: S311  # a name, not a secret


def spawn_source(parent_id: str, depth: int, name: str) -> dict[str, Any]:
    """Where an agent's thread comes from, as files spell it."""
    facts = {"parent_thread_id": parent_id, "depth": depth, "agent_path": None, "agent_nickname": name, "agent_role": None}
    return {"subagent": {SPAWNED: facts}}


def spawned(head: Head) -> Mapping[str, Any] | None:
    """What an agent's head says of where it comes from; None for any other thread."""
    facts = _helper(head).get(SPAWNED)
    return facts if isinstance(facts, Mapping) else None


def kind(head: Head) -> str | None:
    """What kind of helper of another thread this one is; None for a thread of its own."""
    if spawned(head) is not None:
        return SPAWNED
    other = _helper(head).get("other")
    return other if isinstance(other, str) else None


def _helper(head: Head) -> Mapping[str, Any]:
    helper = head.source.get("subagent") if isinstance(head.source, Mapping) else None
    return helper if isinstance(helper, Mapping) else {}


def depth_of(head: Head) -> int:
    """How many agents stand above a thread."""
    facts = spawned(head)
    depth = facts.get("depth") if facts is not None else None
    return depth if isinstance(depth, int) else 0


def marks(head: Head) -> dict[str, str]:
    """What tells the provider that a request is a helper's; nothing for threads of their own."""
    helper = kind(head)
    if helper is None or head.parent_thread_id is None:
        return {}
    name = "collab_spawn" if helper == SPAWNED else helper
    return {"x-openai-subagent": name, "x-codex-parent-thread-id": head.parent_thread_id}
