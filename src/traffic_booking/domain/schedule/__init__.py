"""The schedule: timetables, the working calendar, and the slots that follow from both."""
