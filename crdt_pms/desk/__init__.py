"""What a person can do at the desk, and what the desk shows: actions, refusals, read models. Pure.

A person's action is judged against what that person's terminal shows (`view`) at one moment (`moment`). It is refused
in words (`refusals`), or it becomes a decision: operations on rows, board writes, note edits, which the replica
stores in one transaction. Nothing here reacts to a merge.
"""
