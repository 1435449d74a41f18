"""What the library needs of the outside: one Protocol per role, in the domain's words."""
