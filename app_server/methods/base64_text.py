"""Base64 as clients send it: the standard alphabet, padded, canonical. Faults are told in the reference's words."""

import binascii
import re

PAD = ord("=")
NO_SYMBOL = re.compile(rb"[^A-Za-z0-9+/]")


def decode(text: str) -> bytes:
    """The bytes. Raises: ValueError, whose text says what is wrong and where."""
    raw = text.encode()
    try:
        data = binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error:
        raise ValueError(fault(raw)) from None
    tail = len(data) % 3
    if len(raw) % 4 or (tail and binascii.b2a_base64(data[-tail:], newline=False) != raw[-4:]):
        raise ValueError(fault(raw))
    return data


def fault(raw: bytes) -> str:
    """What is wrong with text that does not decode: the first bad symbol, the length, the last symbol or the padding."""
    rest = len(raw) % 4
    last = raw[-1:]
    if rest == 1 and last != b"=" and NO_SYMBOL.match(last):
        return _symbol(raw, len(raw) - 1)
    start = max(len(raw) - (rest or 4), 0)
    bad = NO_SYMBOL.search(raw, 0, start)
    if bad is not None:
        return _symbol(raw, bad.start())
    body = raw[start:].rstrip(b"=") if len(raw) - start > 2 else raw[start:]
    bad = NO_SYMBOL.search(body)
    if bad is not None:
        return _symbol(raw, start + bad.start())
    if len(body) < 2:
        return _symbol(raw, start + len(body)) if len(raw) > start + len(body) else f"Invalid input length: {len(raw)}"
    if rest:
        return "Invalid padding"
    return f"Invalid last symbol {body[-1]}, offset {start + len(body) - 1}."


def _symbol(raw: bytes, offset: int) -> str:
    return f"Invalid symbol {raw[offset]}, offset {offset}."
