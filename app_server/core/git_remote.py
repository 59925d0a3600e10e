"""What differs in a working tree from the nearest commit that a remote has, by git itself.

Source: spec/exec-fs.md section 6.
"""

from collections.abc import Mapping
from subprocess import DEVNULL

import anyio

from app_server.core.frozen import frozen

PATIENCE_S = 5.0
"""How long one call of git may take."""
MOST_UNTRACKED = 5000
DIFF = ("diff", "--no-textconv", "--no-ext-diff")


class NoDiff(Exception):
    """There is no repository, no remote, or nothing of it there; or git failed."""


@frozen
class RemoteDiff:
    """The commit, and the difference as a patch."""

    sha: str
    diff: str


@frozen
class Git:
    """Calls git in a folder."""

    cwd: str
    environment: Mapping[str, str]

    async def __call__(self, *words: str, good: tuple[int, ...] = (0,)) -> str:
        """What git prints. Raises: NoDiff."""
        environment = {**self.environment, "GIT_OPTIONAL_LOCKS": "0"}
        try:
            with anyio.fail_after(PATIENCE_S):
                ended = await anyio.run_process(
                    ["git", *words], cwd=self.cwd, env=environment, stdin=DEVNULL, stderr=DEVNULL, check=False
                )
        except (OSError, TimeoutError) as error:
            raise NoDiff from error
        if ended.returncode not in good:
            raise NoDiff
        return ended.stdout.decode("utf-8", "replace")

    async def lines(self, *words: str) -> list[str]:
        """The lines that git prints, without blank ones; none where it fails."""
        try:
            return [line.strip() for line in (await self(*words)).splitlines() if line.strip()]
        except NoDiff:
            return []


async def diff_to_remote(cwd: str, environment: Mapping[str, str]) -> RemoteDiff:
    """The difference. Raises: NoDiff."""
    git = Git(cwd, environment)
    top = (await git("rev-parse", "--show-toplevel")).strip()
    git = Git(top, environment)
    remotes = sorted(await git.lines("remote"), key=lambda name: name != "origin")
    sha = await nearest(git, remotes)
    patch = await git(*DIFF, sha)
    untracked = await git("ls-files", "-z", "--others", "--exclude-standard")
    for file in untracked.split("\0")[:MOST_UNTRACKED]:
        if file:
            patch += await git(*DIFF, "--binary", "--no-index", "--", "/dev/null", file, good=(0, 1))
    return RemoteDiff(sha, patch)


async def nearest(git: Git, remotes: list[str]) -> str:
    """The commit of a remote's branch that the fewest commits lie ahead of. Raises: NoDiff."""
    best: tuple[int, str] | None = None
    for branch in await candidates(git, remotes):
        for remote in remotes:
            found = await git.lines("rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{branch}")
            if not found:
                continue
            ahead = await distance(git, branch, found[0])
            if ahead is not None and (best is None or ahead < best[0]):
                best = ahead, found[0]
            break  # the same branch of another remote is not looked at
    if best is None:
        raise NoDiff
    return best[1]


async def candidates(git: Git, remotes: list[str]) -> list[str]:
    """The branches that may be nearest: the current one, the default one, and those of remotes that have this commit."""
    branches = [name for name in await git.lines("rev-parse", "--abbrev-ref", "HEAD") if name != "HEAD"]
    default = await default_branch(git, remotes)
    if default is not None:
        branches.append(default)
    for remote in remotes:
        pattern = f"refs/remotes/{remote}"
        found = await git.lines("for-each-ref", "--format=%(refname:short)", "--contains=HEAD", pattern)
        branches += [name.removeprefix(f"{remote}/") for name in found]
    return list(dict.fromkeys(name for name in branches if name and name != "HEAD"))


async def default_branch(git: Git, remotes: list[str]) -> str | None:
    """The branch that a remote shows first, as far as it is known here; else a local one of the usual names."""
    for remote in remotes:
        for name in await git.lines("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD"):
            return name.removeprefix(f"refs/remotes/{remote}/")
    for name in ("main", "master"):
        if await git.lines("rev-parse", "--verify", "--quiet", f"refs/heads/{name}"):
            return name
    return None


async def distance(git: Git, branch: str, sha: str) -> int | None:
    """How many commits lie ahead of a branch: the local one of that name, or else the remote's."""
    for start in (branch, sha):
        for count in await git.lines("rev-list", "--count", f"{start}..HEAD"):
            return int(count)
    return None
