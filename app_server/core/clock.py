"""Time and fresh ids, in one place so that tests can make both deterministic."""

import os
import time


class Clock:
    """The wall clock, and ids that sort by it."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def now_s(self) -> int:
        """Seconds since the Unix epoch."""
        return self.now_ms() // 1000

    def uuid7(self) -> str:
        """A fresh UUID version 7: 48 bits of milliseconds, then random bits."""
        return format_uuid7(self.now_ms(), os.urandom(10))

    def uuid4(self) -> str:
        """A fresh random UUID."""
        raw = bytearray(os.urandom(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        return dashed(bytes(raw))


def format_uuid7(milliseconds: int, noise: bytes) -> str:
    """The textual UUID version 7 of a time and ten random bytes."""
    raw = bytearray(milliseconds.to_bytes(6, "big") + noise)
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return dashed(bytes(raw))


def dashed(raw: bytes) -> str:
    """The usual text of sixteen UUID bytes."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
