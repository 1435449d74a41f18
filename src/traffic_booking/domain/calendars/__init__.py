"""Calendars: Hijri and Gregorian dates, holidays, announcements, hours."""
