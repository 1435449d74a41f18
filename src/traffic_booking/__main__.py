"""`python -m traffic_booking` is the shell command `traffic-booking`."""

from traffic_booking.cli import main

main()
