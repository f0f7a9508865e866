"""The paper's claims, put to finished runs."""
