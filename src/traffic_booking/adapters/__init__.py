"""The shipped adapters, one file or folder per technology; each is imported only when it is used."""
