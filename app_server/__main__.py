"""The executable `app-server`."""

import os
import sys

from app_server.cli import Printed, UsageError, parse
from app_server.lazy import load

COMMANDS = {
    "serve": "app_server.serve:serve_stdio",
    "listen": "app_server.listen:listen",
    "proxy": "app_server.proxy:proxy",
    "try": "app_server.try_it:main",
    "generate-ts": "app_server.generate:typescript",
    "generate-json-schema": "app_server.generate:json_schema",
}


def main() -> None:
    """Run the command line. Ends the process."""
    try:
        settings = parse(sys.argv[1:], os.environ)
        code = load(COMMANDS[settings.command])(settings)
    except Printed as text:
        sys.stdout.write(f"{text}\n")
        code = 0
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        code = error.exit_code
    sys.exit(code)


if __name__ == "__main__":
    main()
