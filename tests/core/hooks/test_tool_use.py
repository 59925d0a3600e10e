"""What hooks give to the tools that they call."""

from typing import Any

import pytest

from app_server.core.hooks.tool_use import NotFound, filled

FACTS = {"tool_name": "Bash", "tool_input": {"command": "echo hi", "tries": 2}, "is_last": True}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("${tool_name}", "Bash"),
        ("${tool_input}", {"command": "echo hi", "tries": 2}),
        ("${tool_input.tries}", 2),
        ("${is_last}", True),
        ("x ${tool_input} ${tool_input.command}", 'x {"command":"echo hi","tries":2} echo hi'),
        ("$${tool_name} ${} {{tool_name}} $tool_name ${tool_name", "$Bash ${} {{tool_name}} $tool_name ${tool_name"),
        (5, 5),
        ({"${tool_name}": ["${tool_name}", {"d": "${is_last}!"}]}, {"${tool_name}": ["Bash", {"d": "true!"}]}),
    ],
)
def test_facts_stand_where_the_input_names_them(value: Any, result: Any) -> None:
    assert filled(value, FACTS) == result


@pytest.mark.parametrize("path", ["nope", "tool_input.command.x", "tool_input.0", " tool_name "])
def test_a_fact_that_there_is_not(path: str) -> None:
    with pytest.raises(NotFound, match="was not found") as caught:
        filled(["a ${" + path + "}"], FACTS)
    assert str(caught.value) == f"hook input placeholder `${{{path}}}` was not found"
