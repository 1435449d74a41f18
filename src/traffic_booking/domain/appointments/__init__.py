"""Appointments: their states, events, numbers, commands and tickets."""
