"""`generate-ts` and `generate-json-schema` as clients call them: through the executable's own command line."""

import json
from pathlib import Path

import pytest

from app_server import generate
from app_server.cli import Settings, UsageError, parse


def settings(*words: str) -> Settings:
    return parse(words, {"HOME": "/nonexistent"})


def test_a_schema_for_every_type_is_written_and_experimental_members_only_when_asked_for(tmp_path: Path) -> None:
    stable, whole = tmp_path / "made" / "on the way", tmp_path / "whole"
    assert generate.json_schema(settings("app-server", "generate-json-schema", "--out", str(stable))) == 0
    assert generate.json_schema(settings("generate-json-schema", "--experimental", "--out", str(whole))) == 0
    few, every = (json.loads((out / "v2" / "TurnStartParams.json").read_text())["properties"] for out in (stable, whole))
    assert "threadId" in few
    assert every.keys() - few.keys() >= {"collaborationMode"}


def test_typescript_is_written_and_formatted_by_the_program_that_was_named(tmp_path: Path) -> None:
    formatter, log, out = tmp_path / "prettier", tmp_path / "log", tmp_path / "out"
    formatter.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{log}\n')
    formatter.chmod(0o755)
    assert generate.typescript(settings("generate-ts", "--out", str(out), "--prettier", str(formatter))) == 0
    written = sorted(str(path) for path in out.rglob("*.ts"))
    assert str(out / "index.ts") in written
    assert log.read_text().splitlines() == ["--write", "--log-level", "warn", *written]


def test_a_directory_that_can_not_be_made_is_one_line_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    complaint = r"Error: \S+/file\S* can't be written: .*; name a directory that can be written"
    with pytest.raises(UsageError, match=complaint) as caught:
        generate.typescript(settings("generate-ts", "--out", str(tmp_path / "file")))
    assert (caught.value.exit_code, str(caught.value).count("\n")) == (1, 0)


@pytest.mark.parametrize(("script", "complaint"), [(None, "can't be run"), ("exit 3", "ended with exit code 3")])
def test_a_formatter_that_fails_is_one_line(script: str | None, complaint: str, tmp_path: Path) -> None:
    formatter = tmp_path / "prettier"
    if script:
        formatter.write_text(f"#!/bin/sh\n{script}\n")
        formatter.chmod(0o755)
    with pytest.raises(UsageError, match=complaint):
        generate.typescript(settings("generate-ts", "--out", str(tmp_path / "out"), "--prettier", str(formatter)))
    assert (tmp_path / "out" / "index.ts").exists()
