"""The front desk's own words and rules: rooms, statuses, occupancy, money, folios, the property file.

Everything here is a value or a pure function: no clock, no randomness, no storage. Rules that come from a table
(transitions, transaction codes, board fields) *are* tables, so that documents and screens can be made from them.
"""
