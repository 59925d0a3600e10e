"""Ids as clients send them: any text form of a UUID, and the parser's words for what is none."""

import re

from app_server.core.errors import InvalidThreadId

HEX = frozenset("0123456789abcdefABCDEF-")
HYPHENATED = (8, 4, 4, 4, 12)
PREFIX = "urn:uuid:"


def checked_thread_id(text: str, noun: str = "thread") -> str:
    """The id in its usual form, lower case with hyphens. Raises: InvalidThreadId, of whose text clients match the beginning."""
    bare = text.removeprefix(PREFIX).removeprefix("{").removesuffix("}")
    for position, letter in enumerate(bare):
        if letter not in HEX:
            raise InvalidThreadId(
                f"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], "
                f"found `{letter}` at {position + 1}",
                noun,
            )
    groups = bare.split("-")
    if len(groups) == 1 and len(bare) != 32:
        raise InvalidThreadId(f"invalid length: expected length 32 for simple format, found {len(bare)}", noun)
    if len(groups) > 1:
        check_groups(groups, noun)
    plain = re.sub("-", "", bare).lower()
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def check_groups(groups: list[str], noun: str) -> None:
    """The hyphenated form has five groups of fixed lengths. Raises: InvalidThreadId."""
    if len(groups) != len(HYPHENATED):
        raise InvalidThreadId(f"invalid group count: expected 5, found {len(groups)}", noun)
    for index, (group, length) in enumerate(zip(groups, HYPHENATED, strict=True)):
        if len(group) != length:
            raise InvalidThreadId(f"invalid group length in group {index}: expected {length}, found {len(group)}", noun)
