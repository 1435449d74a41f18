"""The conformance suites of the ports; adapters import them from `traffic_booking.testing`."""
