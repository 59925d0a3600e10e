"""Keeps libraries from loading what this server has no use for. Import it before them.

pydantic looks for plugins: its loader imports importlib.metadata and reads the metadata of every installed package, 15 to 25
milliseconds on the way to the first answer. httpx brings a command line for the terminal, which costs 50 to 100 where the
packages for it happen to be installed. Both find a stand-in in the place of that module. Should a library rename its
module, everything works as before, only later; a test watches for that.
"""

import sys
from types import ModuleType


class _NoPlugins(ModuleType):
    """Stands for `pydantic.plugin._loader`."""

    @staticmethod
    def get_plugins() -> tuple[()]:
        """There are none."""
        return ()


class _NoCommandLine(ModuleType):
    """Stands for `httpx._main`."""

    @staticmethod
    def main() -> None:
        """There is none."""


sys.modules["pydantic.plugin._loader"] = _NoPlugins("pydantic.plugin._loader")
sys.modules["httpx._main"] = _NoCommandLine("httpx._main")
