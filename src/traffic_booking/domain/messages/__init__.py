"""The messages of errors in Arabic and English. `domain.errors` imports these modules once a message is asked for."""
