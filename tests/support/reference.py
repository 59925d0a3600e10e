"""The reference's program, where APP_SERVER_REFERENCE names it. It is run where only loopback exists.

It can only reach a provider that runs there too; so tests with turns in it are themselves run there:
`unshare -rn sh -c 'ip link set lo up && exec .venv/bin/python -m pytest tests/test_interchange.py'`
"""

import os
import shutil
import socket
from collections.abc import Sequence

REFERENCE = os.environ.get("APP_SERVER_REFERENCE", "")
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def is_there() -> bool:
    """Whether the reference can be run."""
    return bool(REFERENCE) and (is_alone() or shutil.which("unshare") is not None)


def is_alone() -> bool:
    """Whether only loopback exists here."""
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def reference_command() -> Sequence[str]:
    """What runs the reference's server."""
    return [*([] if is_alone() else ALONE), REFERENCE, "app-server"]
