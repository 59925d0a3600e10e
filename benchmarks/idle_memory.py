"""How much memory does a server hold that has done nothing but the handshake?"""

from benchmarks.homes import Subject
from benchmarks.report import Figures, Row

RESIDENT = Row("resident memory after `initialize`", "MiB", limit=0.6)
ROWS = (RESIDENT,)


def measure(subject: Subject) -> Figures:
    """The server and its children, once the number stands still; with the bundled models, as users have them."""
    with subject.home(lab_models=False) as home, home.spawn() as client:
        client.initialize()
        return {RESIDENT.label: client.settled_resident_bytes() / 2**20}
