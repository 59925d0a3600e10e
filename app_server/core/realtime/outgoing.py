"""The bounded queue between a thread and its speech model: frames in, in their order, for one writer.

Sound may be late, but not too late: when too many frames of it wait, the oldest are dropped. Everything else is never
dropped: whoever has more of it waits for room, and where nobody can wait the queue has a hard end that fails the session.
"""

from collections import deque
from collections.abc import Iterable

import anyio

AUDIO_FRAMES = 256
ROOM_FRAMES = 64
MOST_FRAMES = 4096


class QueueFull(Exception):
    """So much waits to be sent that the other side can't be there any more."""


class QueueClosed(Exception):
    """Nothing more comes, and nothing waits."""


class Outgoing:
    """Frames for one session. `dropped` counts the sound that was given up."""

    def __init__(self, audio_frames: int = AUDIO_FRAMES) -> None:
        self._frames: deque[tuple[bool, str]] = deque()
        self._audio_frames = audio_frames
        self._audio = 0
        self._news = anyio.Event()
        self._room = anyio.Event()
        self._is_closed = False
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """How many frames other than sound wait."""
        return len(self._frames) - self._audio

    def put(self, frames: Iterable[str]) -> None:
        """Queue frames that may not be lost. Raises: QueueFull."""
        self._frames.extend((False, frame) for frame in frames)
        if self.waiting > MOST_FRAMES:
            raise QueueFull
        self._news.set()

    def put_audio(self, frames: Iterable[str]) -> None:
        """Queue sound, at the cost of the oldest sound that waits."""
        for frame in frames:
            if self._audio >= self._audio_frames:
                del self._frames[next(index for index, (is_audio, _) in enumerate(self._frames) if is_audio)]
                self._audio -= 1
                self.dropped += 1
            self._frames.append((True, frame))
            self._audio += 1
        self._news.set()

    async def wait_room(self) -> None:
        """Until not much waits."""
        while self.waiting >= ROOM_FRAMES:
            await self._room.wait()

    async def take(self) -> tuple[bool, str]:
        """The frame to send next, and whether it is sound. Raises: QueueClosed.     Cancel: nothing is taken."""
        while not self._frames:
            if self._is_closed:
                raise QueueClosed
            self._news = anyio.Event()
            await self._news.wait()
        is_audio, frame = self._frames.popleft()
        if is_audio:
            self._audio -= 1
        else:
            self._make_room()
        return is_audio, frame

    def give_back(self, frame: str) -> None:
        """A frame was not sent: it comes first again."""
        self._frames.appendleft((False, frame))

    def close(self) -> None:
        """Nothing more comes: whoever sends may end with what waits."""
        self._is_closed = True
        self._news.set()

    def drop_all(self) -> int:
        """Forget what waits, and let everybody go on. Returns how many frames other than sound there were."""
        count = self.waiting
        self._frames.clear()
        self._audio = 0
        self._make_room()
        return count

    def _make_room(self) -> None:
        if self.waiting < ROOM_FRAMES:
            self._room.set()
            self._room = anyio.Event()
