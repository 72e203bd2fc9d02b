"""What a process writes to its log."""

from __future__ import annotations

import logging

_TALKATIVE = ("alembic", "websockets", "uvicorn", "httpx", "asyncio", "psycopg.pool")


def configure_logging() -> None:
    """Our own packages from INFO on, libraries from WARNING on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
