"""`python -m traffic_booking` runs the shell command `traffic-booking`."""

from traffic_booking.cli import main

main()
