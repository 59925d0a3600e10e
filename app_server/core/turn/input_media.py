"""Images, recordings and skills in the user's input, as the parts of a message for the model.

Files are read and images made fit in a worker thread, since both take their time. Nothing here fails a turn: what
can't be read is replaced by a text that tells the model so. Source: spec/models.md section 9, spec/turns.md section 6.6.
"""

import base64
import binascii
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio.to_thread

from app_server.core.images import HIGH, ORIGINAL, Limits, UnreadableImage, data_url
from app_server.core.turn.user_input import Parts, text_part
from protocol.input import AudioInput, ImageInput, LocalAudioInput, LocalImageInput, SkillInput, UserInput

MAX_FILE_BYTES = 256 << 20
UNPROCESSED = "image content omitted because it could not be processed"
UNSUPPORTED_DETAIL = "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'"
AUDIO_FORMATS = {".wav": "wav", ".mp3": "mpeg", ".m4a": "mp4", ".webm": "webm", ".ogg": "ogg"}


async def read_media(content: Sequence[UserInput], cwd: str, sees_originals: bool) -> Mapping[int, Parts]:
    """The parts of every image, recording and skill, by its place in the input. Never raises."""
    read: dict[int, Parts] = {}
    number = 0
    for index, part in enumerate(content):
        if isinstance(part, ImageInput | LocalImageInput):
            number += 1
            read[index] = await anyio.to_thread.run_sync(image_parts, part, number, cwd, sees_originals)
        elif isinstance(part, AudioInput):
            read[index] = [audio_part(part)]
        elif isinstance(part, LocalAudioInput):
            read[index] = await anyio.to_thread.run_sync(local_audio_parts, part, cwd)
        elif isinstance(part, SkillInput):
            read[index] = await anyio.to_thread.run_sync(skill_parts, part, cwd)
    return read


def image_parts(image: ImageInput | LocalImageInput, number: int, cwd: str, sees_originals: bool) -> Parts:
    """The parts of one image, the `number`th of its message."""
    if isinstance(image, LocalImageInput):
        try:
            data = file_bytes(image.path, cwd)
        except OSError as error:
            return [text_part(f"Codex could not read the local image at `{image.path}`: {os_text(error)}")]
        opening = text_part(f'<image name=[Image #{number}] path="{image.path}">')
        return [opening, image_part(data, image.detail, sees_originals), text_part("</image>")]
    if image.url is None:
        return [{"type": "input_image", "file_id": image.file_id, "detail": "high"}]
    if image.url[:5].lower() != "data:":
        return [{"type": "input_image", "image_url": image.url, "detail": "high"}]
    return [image_part(payload(image.url), image.detail, sees_originals)]


def image_part(data: bytes, detail: str | None, sees_originals: bool) -> dict[str, Any]:
    """An image for the model, or the text that stands for it."""
    limits, sent = sizing(detail, sees_originals)
    if limits is None:
        return text_part(UNSUPPORTED_DETAIL)
    try:
        return {"type": "input_image", "image_url": data_url(data, limits), "detail": sent}
    except UnreadableImage:
        return text_part(UNPROCESSED)


def sizing(detail: str | None, sees_originals: bool) -> tuple[Limits | None, str]:
    """How large an image may be for the wanted detail, and the detail that the provider is told."""
    if sees_originals:
        return ORIGINAL, "original"
    if detail == "low":
        return None, ""
    if detail == "original":
        return ORIGINAL, "high"
    return HIGH, detail or "high"


def audio_part(audio: AudioInput) -> dict[str, Any]:
    """A recording that came with the input."""
    return {"type": "input_audio", **({"file_id": audio.file_id} if audio.url is None else {"audio_url": audio.url})}


def local_audio_parts(audio: LocalAudioInput, cwd: str) -> Parts:
    """A recording on this machine."""
    kind = AUDIO_FORMATS.get(Path(audio.path).suffix.lower())
    problem = "unsupported audio format; use wav, mp3, m4a, webm, or ogg."
    if kind is not None:
        try:
            encoded = base64.b64encode(file_bytes(audio.path, cwd)).decode()
            return [{"type": "input_audio", "audio_url": f"data:audio/{kind};base64,{encoded}"}]
        except OSError as error:
            problem = os_text(error)
    return [text_part(f"Codex cannot attach audio at `{audio.path}`: {problem}")]


def skill_parts(skill: SkillInput, cwd: str) -> Parts:
    """A skill that the user asks for, whole; nothing where there is none, as in the reference."""
    try:
        text = file_bytes(skill.path, cwd).decode(errors="replace")
    except OSError:
        return []
    return [text_part(f"<skill>\n<name>{skill.name}</name>\n<path>{skill.path}</path>\n{text}\n</skill>")]


def file_bytes(path: str, cwd: str) -> bytes:
    """The content of a file; a relative path counts from the thread's folder. Raises: OSError."""
    if "\0" in path:
        raise OSError(22, "file name contained an unexpected NUL byte")
    place = Path(cwd) / path
    state = place.stat()
    if not stat.S_ISREG(state.st_mode) and not stat.S_ISDIR(state.st_mode):  # a pipe would never end
        raise OSError(22, "Invalid argument")
    if state.st_size > MAX_FILE_BYTES:
        raise OSError(27, "File too large")
    return place.read_bytes()


def payload(url: str) -> bytes:
    """What a `data:` URL holds; nothing, if it is not in base64."""
    head, comma, encoded = url.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def os_text(error: OSError) -> str:
    """An error of the system, in the words that the reference's clients know."""
    return f"{error.strerror} (os error {error.errno})"
