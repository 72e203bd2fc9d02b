"""The scripts, one module each; `script()` gives a fresh one."""
