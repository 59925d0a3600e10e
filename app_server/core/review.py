"""Reviews: what the reviewer is asked, what it has to answer, and what the thread hears of it afterwards.

The reviewer is the model with other instructions, a history of its own and fewer tools. The words are ours; the shape of
the answer is the reference's, since clients and models know it. Source: spec/turns.md section 2.8.
"""

import json
from collections.abc import Mapping
from typing import Any, assert_never

from app_server.core.store.review_text import NO_REVIEW, rendered
from protocol.review import BaseBranchTarget, CommitTarget, CustomTarget, ReviewTarget, UncommittedChangesTarget

TOOLS = frozenset({"exec_command", "write_stdin", "request_user_input", "apply_patch", "view_image"})
"""The tools that a reviewer is offered, as far as there are any."""
SHA_SHOWN = 7
UNFINISHED = "Review was interrupted. Please re-run /review and wait for it to complete."

GUIDELINES = """\
You review a change that somebody else has made, as a careful colleague would who has to live with it.

Report what its author would want to fix once told of it, and nothing else:
- It is a real fault: it breaks correctness, speed, safety or upkeep in a way that matters, and you can say how it comes about.
- The change has brought it in. What was wrong before stays out, and so does what only might be meant otherwise.
- It can be acted on by itself. A matter of taste, or of a style that the project does not ask for, is none.
Look at the code around the change and run what helps you to be sure. Change nothing. Go on until you have listed every finding \
that qualifies; if there is none, an empty list is the right answer.

For each finding write a title of at most 80 characters that begins with its priority in brackets (`[P0]` stops everything, \
`[P1]` is urgent, `[P2]` is normal, `[P3]` is nice to have), and one short paragraph that says when it happens and why it is \
wrong, factually and without praise or blame. Point at as few lines as possible, and only at lines that the change touches.

Then judge the whole: the patch is correct if existing code and tests keep working and nothing in it has to be fixed first.

Answer with this JSON and nothing around it, no code fence either:
{"findings": [{"title": "...", "body": "...", "confidence_score": <float 0.0-1.0>, "priority": <int>,
  "code_location": {"absolute_file_path": "<file path>", "line_range": {"start": <int>, "end": <int>}}}],
 "overall_correctness": "patch is correct" or "patch is incorrect",
 "overall_explanation": "...", "overall_confidence_score": <float 0.0-1.0>}
Confidence goes from 0 to 1, a priority from 0 to 3, and lines are counted from 1."""


def hint(target: ReviewTarget) -> str:
    """What is reviewed, as clients show it."""
    match target:
        case UncommittedChangesTarget():
            return "current changes"
        case BaseBranchTarget():
            return f"changes against '{target.branch}'"
        case CommitTarget():
            title = f": {target.title}" if target.title else ""
            return f"commit {target.sha[:SHA_SHOWN]}{title}"
        case CustomTarget():
            return target.instructions.strip()
        case _:
            assert_never(target)


def request(target: ReviewTarget, merge_base: str | None = None) -> str:
    """What the reviewer is asked. `merge_base` is where the work has left the base branch, if that is known."""
    match target:
        case UncommittedChangesTarget():
            return "Review what is not committed yet: staged, unstaged and untracked files alike. List the findings by priority."
        case BaseBranchTarget() if merge_base is not None:
            return (
                f"Review the changes that would be merged into the branch '{target.branch}'. They begin at commit {merge_base}, "
                f"so `git diff {merge_base}` shows them. List the findings by priority."
            )
        case BaseBranchTarget():
            return (
                f"Review the changes that would be merged into the branch '{target.branch}'. First find the commit at which they "
                f"begin, with `git merge-base HEAD` and the branch or its upstream, then look at the diff from there. List the "
                "findings by priority."
            )
        case CommitTarget():
            title = f' ("{target.title}")' if target.title else ""
            return f"Review what the commit {target.sha}{title} has changed. List the findings by priority."
        case CustomTarget():
            return target.instructions.strip()
        case _:
            assert_never(target)


def findings(text: str | None) -> Mapping[str, Any] | None:
    """The reviewer's answer as data; what is no such data is taken as its explanation. None: there is no answer."""
    if text is None or not text.strip():
        return None
    start, end = text.find("{"), text.rfind("}")
    for candidate in (text, text[start : end + 1] if 0 <= start < end else ""):
        try:
            data = json.loads(candidate)
        except ValueError:
            continue
        if is_output(data):
            found: Mapping[str, Any] = data
            return found
    return {"overall_explanation": text}


def is_output(data: object) -> bool:
    """Whether some JSON has everything that a reviewer has to answer."""
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        return False
    has_overall = isinstance(data.get("overall_correctness"), str) and isinstance(data.get("overall_explanation"), str)
    return has_overall and is_number(data.get("overall_confidence_score")) and all(map(is_finding, data["findings"]))


def is_finding(data: object) -> bool:
    """Whether one finding is complete."""
    match data:
        case {
            "title": str(),
            "body": str(),
            "confidence_score": confidence,
            "code_location": {"absolute_file_path": str(), "line_range": {"start": start, "end": end}},
        }:
            return is_number(confidence) and is_number(start) and is_number(end)
    return False


def is_number(value: object) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(output: Mapping[str, Any] | None) -> str:
    """The review as clients show it."""
    return rendered(output) if output is not None else NO_REVIEW


def told(output: Mapping[str, Any] | None) -> str:
    """What the thread's model is told of a review that the user had made."""
    if output is None:
        context = "The user started a review, which was stopped before it was done."
        results = "None."
    else:
        context = "The user had the work reviewed; these are the findings. The user may pick some of them for you to deal with."
        results = shown(output)
    indented = "\n".join(f"  {line}" for line in results.splitlines())
    return (
        f"<user_action>\n  <context>{context}</context>\n  <action>review</action>\n  <results>\n{indented}\n  </results>\n"
        "</user_action>\n"
    )
