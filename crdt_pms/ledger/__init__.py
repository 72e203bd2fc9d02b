"""Operations on rows: registers, the declared policy table, conflicts, and alerts across rows.

Everything here is a pure function of the set of applied operations (and of the property's rooms): two
replicas that hold the same operations derive the same rows, conflicts and alerts, in whichever order the
operations reached them.
"""
