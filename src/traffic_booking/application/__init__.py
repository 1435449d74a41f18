"""The use cases: read the facts, let the domain decide, commit; `Desk` and `SignInGate` are their faces."""
