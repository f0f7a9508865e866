"""The paper's claims, tested on finished runs."""
