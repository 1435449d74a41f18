"""The steps that a store needs before this release can use it."""

from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class SchemaSteps:
    """The steps that bring a store to this release's schema.

    `names` are the names of their files, in order. `script` is all of them as SQL for the store's own shell, empty if
    there are none; it also records the steps, as this library does. `missing_indexes` are indexes that earlier steps
    made and that are gone, or not valid (PostgreSQL only). The store works without them, but slowly, and no step makes
    them again.
    """

    names: tuple[str, ...]
    script: str
    missing_indexes: tuple[str, ...] = ()
