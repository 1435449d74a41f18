"""Questions of auditors: what happened, one line each, and how often rules have refused."""
