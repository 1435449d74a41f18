"""The ports of the library to the outside: one Protocol per role, in the domain's words."""
