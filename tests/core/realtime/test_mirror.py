"""What a session takes note of in its thread."""

from app_server.core.realtime.mirror import SEEN
from protocol import approval_request, elicitation

RETIRED = "Legacy"


def test_everything_that_people_are_asked_in_a_thread_is_told_to_the_voice() -> None:
    asked = {method.name: method.params for method in approval_request.SERVER_METHODS}
    assert len(asked) == 4
    assert [name for name, params in asked.items() if params not in SEEN] == []
    names = [name for name in vars(elicitation) if name.endswith("Elicitation") and name != "Elicitation"]
    forms = [getattr(elicitation, name) for name in names if not name.startswith(RETIRED)]
    assert len(forms) >= 4
    assert [form.__name__ for form in forms if form not in SEEN] == []
