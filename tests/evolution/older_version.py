"""An older version of the program: a wheel built with a really different field table, in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("crdt_pms", "relay_server", "clients", "simulations")
TABLE = Path(__file__).with_name("older_table.py")


def install_older_version(folder: Path) -> Path:
    """Build the wheel, install it below `folder` and return that environment's interpreter.

    Its dependencies are those of the environment that runs the tests, so that only the product's own code differs.
    """
    source = folder / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    table = source / "crdt_pms" / "ledger" / "policies.py"
    table.write_text(table.read_text(encoding="utf-8") + "\n\n" + _without_future(TABLE.read_text(encoding="utf-8")))
    wheels = folder / "wheels"
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(source))
    (wheel,) = wheels.glob("*.whl")
    environment = folder / "environment"
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    interpreter = environment / "bin" / "python"
    _run(sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--no-deps", str(wheel))
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return interpreter


def _without_future(text: str) -> str:
    """Everything behind the module's docstring: what is appended to another module has none."""
    return text.split('"""', 2)[2]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
