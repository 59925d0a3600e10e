"""A finished review as text, the way clients show it. Source: spec/turns.md section 2.8."""

from collections.abc import Mapping
from typing import Any

NO_REVIEW = "Reviewer failed to output a response."


def rendered(output: object) -> str:
    """The text of a reviewer's structured output, or the note that there is none."""
    if not isinstance(output, Mapping):
        return NO_REVIEW
    findings = output.get("findings")
    comments = [_comment(each) for each in findings if isinstance(each, Mapping)] if isinstance(findings, list) else []
    parts = [str(output.get("overall_explanation") or "").strip()]
    if comments:
        parts += ["Review comment:" if len(comments) == 1 else "Full review comments:", *comments]
    return "\n\n".join(part for part in parts if part) or NO_REVIEW


def _comment(finding: Mapping[str, Any]) -> str:
    place = finding.get("code_location")
    lines = place.get("line_range") if isinstance(place, Mapping) else None
    where = ""
    if isinstance(place, Mapping) and isinstance(lines, Mapping):
        where = f" — {place.get('absolute_file_path')}:{lines.get('start')}-{lines.get('end')}"
    body = "".join(f"\n  {line}" for line in str(finding.get("body") or "").splitlines())
    return f"- {finding.get('title')}{where}{body}"
