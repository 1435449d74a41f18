"""`python -m traffic_booking` is the shell command `traffic-booking`."""

from traffic_booking.adapters.cli import main

main()
