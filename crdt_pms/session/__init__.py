"""The protocol between two nodes, without any I/O: messages, their encoding, and the states of a conversation."""
