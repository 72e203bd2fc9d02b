"""Everything a person can do at the desk, one module for each family of actions."""
