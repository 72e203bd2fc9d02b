"""The façade of a node: act, receive, acknowledge, tick, over a store port that it defines."""
