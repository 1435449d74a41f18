"""What a store still needs before this release can use it."""

from attrs import frozen


@frozen(kw_only=True)
class SchemaSteps:
    """The steps that bring a store to this release's schema.

    `names` are their files', in their order; `script` is all of them as SQL for the store's own shell, empty where
    there is none. Whoever runs the script has the store record them, as this library does. `missing_indexes` are the
    names of those that earlier steps made and that are gone, or not valid: a store works without, but slowly, and no
    step makes them again. Only PostgreSQL is asked.
    """

    names: tuple[str, ...]
    script: str
    missing_indexes: tuple[str, ...] = ()
