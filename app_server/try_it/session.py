"""One conversation: a thread, its turns, and the client's own commands.

Notifications are shown as they come; a turn is over when `turn/completed` says so, whatever came before. While a turn
runs, Ctrl-C asks the server to interrupt it, and a second one ends the program.
"""

from functools import partial
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from app_server import RELEASE
from app_server.core.image_size import ENOUGH_BYTES, image_size
from app_server.try_it.ask import Approver
from app_server.try_it.interrupts import Interrupts, Quit, end_the_program
from app_server.try_it.options import KEY_VARIABLE, Options
from app_server.try_it.peer import Message, Peer, Refused
from app_server.try_it.view import View

FAST = "priority"
"""The service tier that fast mode asks for on the wire; config.toml calls it `fast`."""

COMMANDS = {
    "/fast": "switch fast mode on or off, and remember it",
    "/image PATH": "attach an image to the next prompt",
    "/model [NAME]": "use another model from the next turn on; without NAME, list them",
    "/help": "show this",
    "/quit": "end; so do Ctrl-D, and Ctrl-C twice",
}

REHEARSAL_HINT = (
    "Anything else is a prompt. Lines such as `/say TEXT`, `/think TEXT`, `/run COMMAND` script the rehearsal; `/?` lists all."
)


class Session:
    """The client's side of one thread.

    Invariant: `_turn_over` is set exactly when no turn of this thread runs.
    """

    def __init__(self, view: View, approver: Approver, options: Options, cwd: str, interrupts: Interrupts) -> None:
        self._view = view
        self._approver = approver
        self._options = options
        self._cwd = cwd
        self._interrupts = interrupts
        self._peer: Peer | None = None
        self._tasks: TaskGroup | None = None
        self._thread_id: str | None = None
        self._turn_id = ""
        self._turn_begun = anyio.Event()
        self._turn_over = anyio.Event()
        self._is_interrupted = False
        self._turn: Message = {}
        self._questions: dict[int | str, anyio.CancelScope] = {}
        self._images: list[str] = []
        self._models: list[Message] | None = None
        self._model: str | None = None
        self._is_fast = False
        self._changes: Message = {}

    @property
    def peer(self) -> Peer:
        """The connection, once `begin` was called."""
        assert self._peer is not None
        return self._peer

    async def begin(self, peer: Peer, tasks: TaskGroup) -> None:
        """Shake hands and start the thread. Raises: Refused."""
        self._peer, self._tasks = peer, tasks
        await peer.request(
            "initialize", {"clientInfo": {"name": "app-server-try", "title": "app-server try", "version": RELEASE}}
        )
        await peer.notify("initialized")
        params: Message = {"cwd": self._cwd}
        if self._options.model is not None:
            params["model"] = self._options.model
        started = await peer.request("thread/start", params)
        self._thread_id = started["thread"]["id"]
        self._model = started.get("model")
        self._is_fast = started.get("serviceTier") == FAST
        sandbox = started.get("sandbox") or {}
        provider = started.get("modelProvider")
        if self._options.key_goes_to:
            provider = f"{self._options.key_goes_to}, with the key in {KEY_VARIABLE},"
        who = "the rehearsal" if self._options.is_rehearsal else f"{self._model} of {provider}"
        self._view.say(
            f"{who} in {started.get('cwd')} · approvals {started.get('approvalPolicy')}, sandbox {sandbox.get('type')}", "dim"
        )

    def on_message(self, message: Message) -> None:
        """Take a notification or a question of the server; never blocks."""
        method, params = str(message["method"]), message.get("params") or {}
        if "id" in message:
            if self._tasks is not None:
                self._tasks.start_soon(self._answer, message["id"], method, params)
        elif method == "serverRequest/resolved":
            if params.get("requestId") in self._questions:
                self._questions[params["requestId"]].cancel()
        elif self._thread_id is not None and params.get("threadId", self._thread_id) != self._thread_id:
            return
        elif method == "turn/started":
            self._turn_id = params["turn"]["id"]
            self._turn_begun.set()
        elif method == "turn/completed":
            self._turn = params["turn"]
            self._turn_over.set()
        else:
            self._view.show(method, params)

    async def enter(self, line: str) -> bool:
        """Do what a line asks: a command of ours, or a turn. Returns whether it went well. Raises: Quit, Refused."""
        command, _, rest = line.strip().partition(" ")
        match command:
            case "/quit":
                raise Quit
            case "/help":
                self._help()
            case "/image":
                await self._attach(rest.strip())
            case "/model":
                await self._choose_model(rest.strip())
            case "/fast":
                await self._toggle_fast()
            case _:
                return await self._play_turn(line)
        return True

    async def _play_turn(self, prompt: str) -> bool:
        """Run one turn to its end. Returns whether it completed. Raises: Quit."""
        images = await self._sendable_images()
        content: list[Message] = [{"type": "text", "text": prompt, "text_elements": []}]
        content += [{"type": "localImage", "path": path} for path in images]
        self._turn_begun, self._turn_over, self._is_interrupted = anyio.Event(), anyio.Event(), False
        self._view.begin_turn()
        async with anyio.create_task_group() as tasks:
            with self._interrupts.handled_by(partial(self._on_interrupt, tasks)):
                try:
                    await self.peer.request("turn/start", {"threadId": self._thread_id, "input": content, **self._changes})
                    self._changes = {}
                    await self._turn_over.wait()
                except Refused as refused:
                    self._turn = {"status": "failed", "error": {"message": str(refused)}}
            tasks.cancel_scope.cancel()
        for question in self._questions.values():
            question.cancel()
        self._view.end_turn(self._turn)
        return self._turn.get("status") == "completed"

    def _on_interrupt(self, tasks: TaskGroup) -> None:
        """Ctrl-C during a turn interrupts it, and a second one ends the program. Raises: Quit."""
        if self._is_interrupted:
            self._view.pause()
            end_the_program()
        self._is_interrupted = True
        self._view.wait("interrupting; Ctrl-C again ends the program")
        tasks.start_soon(self._interrupt)

    async def _interrupt(self) -> None:
        await self._turn_begun.wait()
        try:
            await self.peer.request("turn/interrupt", {"threadId": self._thread_id, "turnId": self._turn_id})
        except Refused as refused:
            self._view.warn(str(refused))

    async def _answer(self, request_id: int | str, method: str, params: Message) -> None:
        """Answer one question of the server, unless it is settled elsewhere before."""
        with anyio.CancelScope() as scope:
            self._questions[request_id] = scope
            try:
                result = await self._approver.answer(method, params)
                if result is not None:
                    await self.peer.answer(request_id, result)
                    return
                self._view.warn(f"The server asked {method}, which this client can't answer.")
                await self.peer.refuse(request_id, f"{method} is not supported by app-server try")
            finally:
                del self._questions[request_id]

    def _help(self) -> None:
        for usage, meaning in COMMANDS.items():
            self._view.say(f"{usage:14} {meaning}")
        self._view.say(REHEARSAL_HINT if self._options.is_rehearsal else "Anything else is a prompt.")

    async def _attach(self, name: str) -> None:
        if not name:
            self._view.warn("/image needs the path of an image.")
            return
        path = file_named(name, self._cwd)
        complaint = "is no file" if path is None else complaint_about(path)
        if path is None or complaint is not None:
            self._view.warn(f"{name} {complaint}, so nothing was attached.")
        elif not await self._takes_images():
            self._view.warn(f"{self._model} is a text-only model, so the image was not attached. Choose another with /model.")
        else:
            self._images.append(str(path))
            self._view.say(f"{path.name} goes with the next prompt.", "dim")

    async def _sendable_images(self) -> list[str]:
        """The attached images, unless the model was changed to a text-only one since."""
        images, self._images = self._images, []
        if images and not await self._takes_images():
            self._view.warn(f"{self._model} is a text-only model, so the images were not sent. Choose another with /model.")
            return []
        return images

    async def _takes_images(self) -> bool:
        entry = await self._model_entry()
        return "image" in entry.get("inputModalities", ["text", "image"])

    async def _model_entry(self) -> Message:
        """What model/list says of the current model; nothing for a model that it doesn't list."""
        return next((entry for entry in await self._list_models() if self._model in (entry.get("model"), entry.get("id"))), {})

    async def _list_models(self) -> list[Message]:
        if self._models is None:
            models: list[Message] = []
            cursor: str | None = None
            while True:
                page = await self.peer.request("model/list", {"includeHidden": True, "cursor": cursor})
                models += page.get("data", [])
                cursor = page.get("nextCursor")
                if not cursor:
                    break
            self._models = models
        return self._models

    async def _choose_model(self, name: str) -> None:
        models = await self._list_models()
        if name:
            self._model = self._changes["model"] = name
            is_known = any(name in (entry.get("model"), entry.get("id")) for entry in models)
            self._view.say(
                f"{name} answers from the next turn on." + ("" if is_known else " The server's list doesn't hold it."), "dim"
            )
            return
        for entry in models:
            if not entry.get("hidden"):
                mark = "▸" if entry.get("model") == self._model else " "
                self._view.say(f"{mark} {entry.get('model')}  {entry.get('description') or ''}")

    async def _toggle_fast(self) -> None:
        self._is_fast = not self._is_fast
        self._changes["serviceTier"] = FAST if self._is_fast else "default"
        state = "on" if self._is_fast else "off"
        edit = {"keyPath": "service_tier", "value": "fast" if self._is_fast else None, "mergeStrategy": "replace"}
        try:
            await self.peer.request("config/value/write", edit)
            self._view.say(f"Fast mode is {state}, and stays so.", "dim")
        except Refused as refused:
            self._view.say(f"Fast mode is {state} for this session only; it could not be stored: {refused.message}", "yellow")
        tiers = [tier.get("id") for tier in (await self._model_entry()).get("serviceTiers", [])]
        if self._is_fast and FAST not in tiers:
            self._view.warn(f"{self._model} offers no fast mode, so it changes nothing with this model.")


def file_named(name: str, cwd: str) -> Path | None:
    """The file that a person names, relative to a folder, perhaps in quotes or with a `~`; None when there is none."""
    path = Path(cwd, Path(name.strip("\"'")).expanduser())
    return path if path.is_file() else None


def complaint_about(path: Path) -> str | None:
    """Why a file can't be attached, or None if it looks like an image that models take."""
    try:
        with path.open("rb") as file:
            head = file.read(ENOUGH_BYTES)
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return None if image_size(head) else "is no PNG, JPEG, WebP or GIF image"
