"""Errors for the operator of a process: what was refused, and what to do about it."""

from __future__ import annotations


class OperatorError(Exception):
    """Something in the surroundings is not as the process needs it: a port, a file, a database, a setting.

    `message` says what was refused, `remedy` what to do. The command line prints both and exits with code 2.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


class SettingsError(OperatorError):
    """A setting is missing or not acceptable."""


class AddressInUse(OperatorError):
    """A port that the process should listen on belongs to another program."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"Port {port} on {host} is already in use.", "Stop the other program or choose another port.")
