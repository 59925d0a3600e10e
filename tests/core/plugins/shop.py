"""A marketplace with plugins, written into a folder."""

import json
from pathlib import Path
from typing import Any


def put(file: Path, content: Any) -> Path:
    """Write a text, or anything else as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def plugin(root: Path, *, skills: tuple[str, ...] = (), files: dict[str, Any] | None = None, **manifest: Any) -> Path:
    """A plugin with this manifest, whose name is the folder's unless it is given."""
    put(root / ".codex-plugin/plugin.json", {"name": root.name, **manifest})
    for name in skills:
        put(root / "skills" / name / "SKILL.md", f"---\nname: {name}\ndescription: d\n---\nDo it. <mark:{name}>\n")
    for name, content in (files or {}).items():
        put(root / name, content)
    return root


def switched_on(config: Path) -> None:
    """Turn the feature on in a configuration file, where tests have it off."""
    config.write_text(config.read_text().replace("plugins = false", "plugins = true"))


def marketplace(root: Path, *offers: Any, **more: Any) -> Path:
    """The file of a marketplace named `acme`; an offer that is a text is a plugin in the folder of that name."""
    listed = [{"name": offer, "source": f"./{offer}"} if isinstance(offer, str) else offer for offer in offers]
    return put(root / ".agents/plugins/marketplace.json", {"name": "acme", "plugins": listed, **more})
