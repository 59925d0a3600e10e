"""What is known of a thread's goal only as long as the thread is loaded."""

from dataclasses import dataclass


@dataclass(slots=True)
class GoalState:
    """`told_objective`: the objective as the model's history has it, or None. `is_untold`: clients do not know the newest
    state. `fruitless`: how many turns in a row did nothing. The rest says up to when which turn's time was counted."""

    told_objective: str | None = None
    is_untold: bool = False
    fruitless: int = 0
    counted_turn_id: str | None = None
    counted_ms: int = 0
