"""Observers: measurements of a desk as lines of a log, and as metrics of OpenTelemetry."""
