"""Histories of a desk in use: recorded, saved, and checked for being linearizable."""
