"""The command line helps, and tells an operator's errors in words."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crdt_pms.runtime import command

pytestmark = pytest.mark.process


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from crdt_pms.runtime.command import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment or None,
    )


def test_the_overview_names_every_subcommand_with_a_summary() -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in command._registered():
        assert name in done.stdout
        assert name in command.SUMMARIES


def test_an_operator_s_error_is_two_lines_and_no_traceback() -> None:
    done = run("settings", MAX_RETRY_COUNT="many")
    assert done.returncode == command.EXIT_OPERATOR_ERROR
    assert "MAX_RETRY_COUNT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", sorted(command.SUMMARIES))
def test_every_subcommand_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"crdt-pms {name}" in done.stdout
    assert done.stderr == ""


def test_a_missing_or_misspelt_option_is_told_without_a_traceback() -> None:
    for arguments in (("terminal",), ("terminal", "--proprety", "x"), ("no-such-command",)):
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr
        assert "Traceback" not in done.stderr


def test_a_subcommand_of_the_extra_says_what_to_install_where_the_extra_is_missing() -> None:
    program = (
        "import sys; sys.modules['httpx'] = None\n"
        "from crdt_pms.runtime.command import main; sys.argv = ['crdt-pms', 'replay']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == command.EXIT_OPERATOR_ERROR
    assert "crdt-pms[simulations]" in done.stderr
    assert "Traceback" not in done.stderr


def test_desk_and_relay_need_nothing_of_the_extra() -> None:
    program = (
        "import sys; sys.modules['httpx'] = None\n"
        "import clients.terminal.command, relay_server.command, crdt_pms.runtime.property_command"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
