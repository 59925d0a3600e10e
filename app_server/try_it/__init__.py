"""The small terminal client behind `app-server try`: it spawns the daemon, shows turns live and asks for approvals.

It knows the daemon only as any client does, by the lines on its standard input and output, and reads them leniently
as plain dicts, so that it also works with a newer or an older server. Between turns it waits for the person alone;
during a turn one task reads the server and shows what comes.
"""

from app_server.cli import Settings
from app_server.try_it.program import run


def main(settings: Settings) -> int:
    """Run the client and return its exit code."""
    return run(settings.arguments, settings.environment)
