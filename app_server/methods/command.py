"""`command/exec` and its companions: a command in the server's sandbox. Source: spec/exec-fs.md section 1."""

import json
from base64 import b64encode
from itertools import count
from pathlib import Path
from typing import Literal

from app_server.core.config.config import PROFILES
from app_server.core.config.profiles import OwnProfile, own_profile
from app_server.core.exec.client_command import DEFAULT_CAP_BYTES, DEFAULT_TIMEOUT_MS, ClientCommand, CommandOptions
from app_server.core.exec.launch import TerminalSize
from app_server.core.launch import Launch
from app_server.core.sandbox.ladder import NoSandbox, Sandbox
from app_server.core.sandbox.rules import rules_of
from app_server.core.settings import sandbox_policy
from app_server.methods.client_commands import bad_params, environment, input_bytes, refuse, resize, started, terminal_size, write
from app_server.routing import LATER, Later, route
from app_server.services import Context
from protocol.command import (
    COMMAND_EXEC,
    COMMAND_EXEC_RESIZE,
    COMMAND_EXEC_TERMINATE,
    COMMAND_EXEC_WRITE,
    CommandExecOutputDeltaNotification,
    CommandExecParams,
    CommandExecResizeParams,
    CommandExecResizeResponse,
    CommandExecResponse,
    CommandExecTerminateParams,
    CommandExecTerminateResponse,
    CommandExecWriteParams,
    CommandExecWriteResponse,
)
from protocol.sandbox import SandboxPolicy

KIND = "command"
_nameless = count()


async def exec_command(context: Context, params: CommandExecParams) -> Later:
    """Run a command; the answer follows when it has ended."""
    size = check(params)
    policy = effective_policy(context, params)
    services, connection = context.services, context.connection
    is_streamed = params.tty or params.stream_stdin or params.stream_stdout_stderr
    if is_streamed and params.process_id is None:
        refuse("command/exec tty or streaming requires a client-supplied processId", "missing_field")
    name = params.process_id if params.process_id is not None else f"\0{next(_nameless)}"
    if services.commands.find(connection, KIND, name, ClientCommand) is not None:
        refuse(f"duplicate active command/exec process id: {json.dumps(name)}", "duplicate")

    def announce(stream: Literal["stdout", "stderr"], data: bytes, is_capped: bool) -> None:
        message = CommandExecOutputDeltaNotification(
            process_id=name, stream=stream, delta_base64=b64encode(data).decode(), cap_reached=is_capped
        )
        services.fanout.send([connection], message)

    cwd = services.config.cwd / (params.cwd or "")
    has_network = policy.type == "dangerFullAccess" or policy.network_access in (True, "enabled")
    launch = Launch(tuple(params.command), str(cwd), environment(services, Path(cwd), params.env, has_network))
    timeout_ms = DEFAULT_TIMEOUT_MS if params.timeout_ms is None else params.timeout_ms
    options = CommandOptions(
        cap_bytes=None if params.disable_output_cap else cap_of(params.output_bytes_cap),
        timeout_s=None if params.disable_timeout else timeout_ms / 1000,
        has_input=params.tty or params.stream_stdin,
        terminal=size,
        on_delta=announce if params.tty or params.stream_stdout_stderr else None,
    )
    own = configured_profile(context) if params.sandbox_policy is None and params.permission_profile is None else None
    command = started(confined(context, launch, policy, own), options, "command")
    services.commands.add(connection, KIND, name, command)
    services.spawn(answer_at_end, context, name, command)
    return LATER


def confined(context: Context, launch: Launch, policy: SandboxPolicy, own: OwnProfile | None) -> Launch:
    """The launch in the sandbox that the policy asks for; its roots count from the server's own folder. Raises: CallerError."""
    services = context.services
    roots = [str(services.config.cwd)]
    rules = rules_of(policy, roots, services.settings.environment)
    if rules is None:
        return launch
    if own is not None:
        rules = rules.narrowed(own.spared(roots), own.denied(roots))
    try:
        sandbox: Sandbox = services.sandbox()
        return sandbox.confined(launch, rules)
    except NoSandbox as error:
        refuse(str(error), "sandbox_unavailable")


async def answer_at_end(context: Context, name: str, command: ClientCommand) -> None:
    """Answer the request once the command has ended."""
    try:
        end = await command.run()
    finally:
        context.services.commands.remove(context.connection, KIND, name)
    context.reply(CommandExecResponse(exit_code=end.exit_code, stdout=end.stdout, stderr=end.stderr))


def check(params: CommandExecParams) -> TerminalSize | None:
    """Refuse what does not go together, in the reference's order; gives the terminal's size. Raises: CallerError."""
    if not params.command:
        refuse("command must not be empty", "empty")
    if params.size is not None and not params.tty:
        raise bad_params("command/exec size requires tty: true", "size")
    if params.output_bytes_cap is not None and params.disable_output_cap:
        raise bad_params("command/exec cannot set both outputBytesCap and disableOutputCap", "outputBytesCap")
    if params.timeout_ms is not None and params.disable_timeout:
        raise bad_params("command/exec cannot set both timeoutMs and disableTimeout", "timeoutMs")
    if params.sandbox_policy is not None and params.permission_profile is not None:
        refuse("`permissionProfile` cannot be combined with `sandboxPolicy`", "conflicting_fields")
    if params.timeout_ms is not None and params.timeout_ms < 0:
        raise bad_params(f"command/exec timeoutMs must be non-negative, got {params.timeout_ms}", "timeoutMs")
    if not params.tty:
        return None
    return terminal_size(params.size, "command/exec") if params.size is not None else TerminalSize()


def effective_policy(context: Context, params: CommandExecParams) -> SandboxPolicy:
    """The sandbox that holds: the request's, else the configuration's. Raises: CallerError."""
    config = context.services.config.usable()
    if params.sandbox_policy is not None:
        return params.sandbox_policy
    if params.permission_profile is not None:
        profile = params.permission_profile
        if profile not in PROFILES:
            kind = "unknown built-in profile" if profile.startswith(":") else "undefined profile"
            text = f"default_permissions refers to {kind} `{profile}`"
            if not profile.startswith(":") and not config.permissions:
                text = "default_permissions requires a `[permissions]` table"
            refuse(f"invalid permission profile: {text}", "unknown_profile")
        return sandbox_policy(PROFILES[profile], config)
    if (own := configured_profile(context)) is not None:
        return own.policy()
    return sandbox_policy(config.sandbox_mode, config)


def configured_profile(context: Context) -> OwnProfile | None:
    """The permission profile of the user's own that the configuration names, if it does. Raises: InvalidConfig."""
    config = context.services.config.usable()
    name = config.active_permission_profile
    return own_profile(name, config.permissions) if name is not None and name in config.permissions else None


def cap_of(asked: int | None) -> int:
    """How much output is kept per stream."""
    return DEFAULT_CAP_BYTES if asked is None else asked


def running(context: Context, name: str) -> ClientCommand:
    """The client's command of this name. Raises: CallerError."""
    command = context.services.commands.find(context.connection, KIND, name, ClientCommand)
    if command is None:
        refuse(f"no active command/exec for process id {json.dumps(name)}")
    return command


async def write_input(context: Context, params: CommandExecWriteParams) -> CommandExecWriteResponse:
    """Write to a command's input, close it, or both."""
    data = input_bytes(params.delta_base64, params.close_stdin, "command/exec/write")
    await write(running(context, params.process_id), data, params.close_stdin, "command/exec")
    return CommandExecWriteResponse()


def resize_terminal(context: Context, params: CommandExecResizeParams) -> CommandExecResizeResponse:
    """Change the size of a command's terminal."""
    size = terminal_size(params.size, "command/exec")
    resize(running(context, params.process_id), size)
    return CommandExecResizeResponse()


def terminate(context: Context, params: CommandExecTerminateParams) -> CommandExecTerminateResponse:
    """End a command at once."""
    running(context, params.process_id).kill()
    return CommandExecTerminateResponse()


ROUTES = [
    route(COMMAND_EXEC, exec_command),
    route(COMMAND_EXEC_WRITE, write_input),
    route(COMMAND_EXEC_RESIZE, resize_terminal),
    route(COMMAND_EXEC_TERMINATE, terminate),
]
