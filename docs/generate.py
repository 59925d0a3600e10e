"""Writes `protocol.md` and `errors.md` from the code and the golden dialogs: `python -m docs.generate write|check`.

Nothing in them is written by hand: what a member means is its docstring, what is built is what has a handler, and the
examples are what the server really says.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from app_server.methods.unbuilt import NOT_SUPPORTED, UNBUILT, WHY, Reads
from protocol.base import EXPERIMENTAL, OMIT_EMPTY, OMIT_NONE, Method, TypeAliasType
from protocol.errors import CODES, REASONS
from protocol.export.docs import read_docs
from protocol.export.surface import load_surface
from protocol.methods import CLIENT_REQUESTS, SERVER_NOTIFICATIONS, SERVER_REQUESTS, Row

FOLDER = Path(__file__).parent
DIALOGS = FOLDER.parent / "tests" / "conversations"
SHOWN_CHARACTERS = 400
"""Of a longer line only the beginning is shown."""
CLIENT_NAMES = tuple(row.name for row in CLIENT_REQUESTS)
SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", Any: "anything", NoneType: "null"}
ABOUT_METHODS = (
    "Every method of the protocol: who asks, with what, and what the answer is. Experimental ones need "
    "`capabilities.experimentalApi` in `initialize`. What is behind the name of a type is in [`schema/`](../schema). The "
    "examples are lines of golden dialogs (`>` the client, `<` the server), in which names such as `$thread` stand for ids and "
    "paths; long lines are cut."
)
ABOUT_ERRORS = (
    "An error answer has a `code`, a `message` and a `data` object. Codes and most messages are those of the reference "
    "server. In `data`, `reason` is a stable word to branch on; `field` names the member that is wrong, with dots between "
    "members and indexes; `expected` says in short what would be right; `remedy` says how to go on, where there is a way. "
    "Some errors of the reference have members of their own besides."
)
WRITTEN = "<!-- Written by `just docs`; edit the docstrings and the dialogs instead. -->"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of a dialog, and what the server said from its answer on."""

    method: str
    said: list[str]
    error: dict[str, Any] | None


def exchanges(file: Path) -> Iterator[Exchange]:
    """The requests of a dialog that were answered."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line[:2] in ("> ", "< ")]
    sent = [(place, message) for place, line in enumerate(lines) if line[0] == ">" and (message := parsed(line))]
    for place, request in sent:
        if "method" not in request or "id" not in request:
            continue
        end = next((other for other, _ in sent if other > place), len(lines))
        answer = next((message for line in lines[place:] if is_answer(message := parsed(line), request)), None)
        if answer is not None:
            yield Exchange(request["method"], [lines[place], *lines[place + 1 : end]], answer.get("error"))


def parsed(line: str) -> dict[str, Any]:
    """The message of a line; nothing where it is none."""
    try:
        message = json.loads(line[2:])
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def is_answer(message: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether a message answers a request."""
    return "method" not in message and message.get("id") == request["id"] and ("result" in message or "error" in message)


class Book:
    """Everything that the pages are made of."""

    def __init__(self) -> None:
        surface = load_surface()
        self.docs = {**surface.docs, "legacy": read_docs(import_module("protocol.legacy"))}
        self.exchanges = [each for file in sorted(DIALOGS.rglob("*.txt")) for each in exchanges(file)]

    def meaning(self, model: type[BaseModel]) -> str:
        """The docstring of a model."""
        return " ".join(self.docs[family_of(model)].types.get(model.__name__, "").split())

    def member_meaning(self, model: type[BaseModel], name: str) -> str:
        """The docstring of a member, inherited if need be."""
        known = [(self.docs.get(family_of(base)), base.__name__) for base in model.__mro__]
        return next((text for docs, owner in known if docs and (text := docs.members.get((owner, name)))), "")

    def protocol(self) -> str:
        """The page of all methods."""
        parts = [
            "# The protocol",
            WRITTEN,
            ABOUT_METHODS,
            *unbuilt(),
            "## What clients ask",
            *self.requests(CLIENT_REQUESTS),
            "## What the server asks",
            *self.requests(SERVER_REQUESTS),
            "## What the server announces",
            *self.notifications(),
        ]
        return "\n\n".join(parts) + "\n"

    def requests(self, rows: tuple[Row, ...]) -> Iterator[str]:
        """The section of each request."""
        for row in rows:
            module = import_module(f"protocol.{row.family}")
            methods: tuple[Method[Any, Any], ...] = (*getattr(module, "METHODS", ()), *getattr(module, "SERVER_METHODS", ()))
            method = next(each for each in methods if each.name == row.name)
            yield f"### `{row.name}`"
            yield ", ".join(self.remarks(row, method)) + "."
            if method.params is not None:
                yield from self.table("Asks", method.params)
            yield from self.table("Answers", method.result)
            yield from self.example(row)

    def remarks(self, row: Row, method: Method[Any, Any]) -> Iterator[str]:
        """What is to be known of a request besides its members."""
        yield row.stability.capitalize()
        if row.direction == "client":
            yield f"ordered by {row.scope}" if row.scope != "none" else "ordered by nothing"
        if method.params is None or method.params_optional:
            yield "may be sent without params"
        outcome = UNBUILT.get(row.name)
        if outcome is NOT_SUPPORTED:
            yield f"**not supported**: {WHY[row.name]}"
        elif isinstance(outcome, Reads):
            yield "**about what is not here**: answers as if nothing of the kind were there"
        elif outcome is not None:
            yield "**about what is not here**: refuses as if nothing of the kind were there"

    def table(self, verb: str, model: type[BaseModel]) -> Iterator[str]:
        """The members of a model with their meaning."""
        yield f"**{verb}** (`{model.__name__}`): {self.meaning(model)}"
        if issubclass(model, RootModel):
            yield f"One of {type_text(model.model_fields['root'].annotation)}."
            return
        rows = []
        for name, field in model.model_fields.items():
            meaning = cell(self.member_meaning(model, name))
            rows.append(f"| `{wire_name(model, name)}` | {type_text(field.annotation)} | {need(verb, field)} | {meaning} |")
        if rows:
            yield "\n".join(["| Member | Type | | Meaning |", "|---|---|---|---|", *rows])

    def example(self, row: Row) -> Iterator[str]:
        """How it looks on the wire, and with what it was refused."""
        mine = [each for each in self.exchanges if each.method == row.name]
        own = DIALOGS / "methods" / f"{row.name}.txt"
        if own.exists():
            lines = list(exchanges(own))[-1].said
            yield "\n".join(["```", *(cut(line) for line in lines), "```"])
        errors = {(each.error["code"], each.error["data"]["reason"], each.error["message"]) for each in mine if each.error}
        if errors:
            rows = [f"| {code} | `{reason}` | {cell(cut(text))} |" for code, reason, text in sorted(errors)]
            yield "\n".join(["| Error | Reason | Text |", "|---|---|---|", *rows])

    def notifications(self) -> Iterator[str]:
        """The section of each notification."""
        for row in SERVER_NOTIFICATIONS:
            models = import_module(f"protocol.{row.family}").NOTIFICATIONS
            model = next(each for each in models if each.method == row.name)
            yield f"### `{row.name}`"
            yield f"{row.stability.capitalize()}."
            yield from self.table("Says", model)

    def errors(self) -> str:
        """The page of errors."""
        codes = [f"| {code} | {cell(text)} |" for code, text in CODES.items()]
        reasons = [f"| `{reason}` | {cell(text)} | {cell(self.seen(reason))} |" for reason, text in REASONS.items()]
        parts = [
            "# Errors",
            WRITTEN,
            ABOUT_ERRORS,
            "\n".join(["| Code | Meaning |", "|---|---|", *codes]),
            "\n".join(["| Reason | Meaning | For example |", "|---|---|---|", *reasons]),
        ]
        return "\n\n".join(parts) + "\n"

    def seen(self, reason: str) -> str:
        """A text with which that reason was given, if a dialog has one."""
        texts = [each.error["message"] for each in self.exchanges if each.error and each.error["data"]["reason"] == reason]
        return cut(min(texts, key=len)) if texts else ""


def unbuilt() -> Iterator[str]:
    """The methods that have no handler, by what they answer instead."""
    refused = [name for name in CLIENT_NAMES if UNBUILT.get(name) is NOT_SUPPORTED]
    empty = [name for name in CLIENT_NAMES if name in UNBUILT and name not in refused]
    if refused:
        told = ", ".join(f"`{name}` ({WHY[name]})" for name in refused)
        yield f"**Refused as not supported** ({len(refused)} of {len(CLIENT_NAMES)}): {told}."
    if empty:
        title = "About what is not here (OpenAI's cloud, hosted apps, cloud accounts), and answered as the reference answers then"
        yield f"**{title}** ({len(empty)} of {len(CLIENT_NAMES)}): {', '.join(f'`{name}`' for name in empty)}."


def family_of(model: type) -> str:
    """The module of the protocol that defines a type."""
    return model.__module__.removeprefix("protocol.")


def wire_name(model: type[BaseModel], name: str) -> str:
    """The name of a member on the wire."""
    generator = model.model_config.get("alias_generator")
    return model.model_fields[name].alias or (generator(name) if callable(generator) else name)


def type_text(annotation: Any) -> str:
    """A type in words; named types by their name."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, TypeAliasType):
        return f"`{annotation.__name__}`"
    if origin is Annotated:
        return type_text(arguments[0])
    if origin is Literal:
        return " or ".join(f'`"{word}"`' for word in arguments)
    if origin is list:
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"map to {type_text(arguments[1])}"
    if origin in (Union, UnionType):
        return " or ".join(type_text(each) for each in arguments)
    return SCALARS.get(annotation) or f"`{annotation.__name__}`"


def need(verb: str, field: Any) -> str:
    """Whether a member has to be there, and who may use it."""
    if verb == "Asks":
        words = ["required"] if field.is_required() else []
    else:
        words = ["may be left out"] if OMIT_NONE in field.metadata or OMIT_EMPTY in field.metadata else []
    return ", ".join([*words, *(["experimental"] if EXPERIMENTAL in field.metadata else [])])


def cut(line: str) -> str:
    """A line that is not too long."""
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]} ..."


def cell(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: list[str]) -> int:
    """Run one verb. Returns the exit code: 1 when `check` found a page that is not what the code says."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("verb", choices=("write", "check"))
    verb = parser.parse_args(arguments).verb
    book = Book()
    stale = []
    for name, text in (("protocol.md", book.protocol()), ("errors.md", book.errors())):
        page = FOLDER / name
        if verb == "write":
            page.write_text(text, "utf-8")
        elif not page.exists() or page.read_text("utf-8") != text:
            stale.append(name)
    sys.stdout.write("".join(f"differs: docs/{name}\n" for name in stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
