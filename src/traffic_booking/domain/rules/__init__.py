"""The rules by which appointments are booked, held, cancelled and attended: one file per family, read top to bottom."""
