"""People: ids, applicants, actors, assertions, sign-in."""
