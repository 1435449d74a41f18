"""Signatures: public keys, the results of reading a signed code, and revoked tickets."""
