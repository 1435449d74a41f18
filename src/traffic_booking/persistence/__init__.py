"""Values of the domain as records, log entries and JSON text, for stores that keep text.

Every member of a union has a tag of its own choosing, never a class's name, so that code may be renamed while stored
text stays readable. Reading is strict: unknown keys, unknown tags and values of the wrong type are refused. It applies
no rule for input. Instants are ISO 8601 in UTC; persons go by their subjects.
"""
