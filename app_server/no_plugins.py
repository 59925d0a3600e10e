"""Keeps pydantic from looking for plugins, which we have none of.

Its loader imports importlib.metadata and reads the metadata of every installed package: 15 to 25 milliseconds
on the way to the first answer. Importing this module first puts a loader in its place that finds nothing. Should
pydantic rename the module, everything works as before, only later; a test watches for that.
"""

import sys
from types import ModuleType


class _NoPlugins(ModuleType):
    """Stands for `pydantic.plugin._loader`."""

    @staticmethod
    def get_plugins() -> tuple[()]:
        """There are none."""
        return ()


sys.modules["pydantic.plugin._loader"] = _NoPlugins("pydantic.plugin._loader")
