"""The limit of requests by one person or from one address."""

from typing import Literal, Protocol

Traffic = Literal["address", "person", "sign-in"]
"""The kinds of requests: by address if nobody is signed in, by person, and attempts to sign in, by address."""


class RateLimits(Protocol):
    """Counts requests, and says how long to wait. Called in the event loop, once or twice for each request.

    Each pair of `traffic` and `who` is counted alone: the flood of one delays nobody else. An error of it lets no
    request through.
    """

    async def seconds_to_wait(self, traffic: Traffic, who: str) -> float:
        """Count a request; return 0 if it may go on, else the seconds after which the next one may.

        `who` is an address, or a keyed name of a person that is no id. A refused request is not counted.
        """
        ...
