"""Something that is to be said in a turn: as clients see it, and as the model gets it.

It is made ready when it arrives, so that it can be put into the thread's file before it is acknowledged, and said when
the turn is ready for it: at once, after the tools that run, or after a compaction.
"""

from dataclasses import dataclass, field
from typing import Any

from protocol.item import FunctionCallOutputItem, UserMessageItem

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One piece of input.

    `item` is what clients see of it, if anything; `message` the model's item for that. `before` and `after` are further
    items for the model around it: context that came along, skills that were asked for. What is not `is_urgent` waits for
    the end of the answer that is being received.
    """

    item: UserMessageItem | FunctionCallOutputItem | None = None
    message: Item | None = None
    before: tuple[Item, ...] = ()
    after: tuple[Item, ...] = ()
    is_urgent: bool = True
    preview: str = ""

    def items(self) -> list[Item]:
        """All items for the model, in order."""
        return [*self.before, *([self.message] if self.message is not None else []), *self.after]


NOTHING = Said()
"""Nothing is said."""


@dataclass(slots=True)
class ToldContext:
    """The context that clients have added by name, as it was last told: what has not changed is not told again."""

    values: dict[str, tuple[str, str]] = field(default_factory=dict)

    def news(self, context: dict[str, Any] | None) -> list[tuple[str, Any]]:
        """The entries that have changed, in the order of their names; from now on they count as told."""
        changed = []
        for key, entry in sorted((context or {}).items()):
            value = (entry.kind, entry.value)
            if self.values.get(key) != value:
                self.values[key] = value
                changed.append((key, entry))
        return changed
