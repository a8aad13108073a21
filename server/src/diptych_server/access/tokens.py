"""Random secrets and their hashes: every secret has 256 random bits, so a plain SHA-256 keeps it safe."""

import hashlib
import secrets
import string

ALPHABET = string.ascii_letters + string.digits
"""No signs: a double click takes the whole secret, and no URL needs it escaped."""

SECRET_LENGTH = 43
"""Characters of 62 for 256 bits: 43 * log2(62) = 256.03."""


def new_secret(prefix: str = "") -> str:
    """Make a random secret, its `prefix` in front."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def hash_secret(secret: str) -> str:
    """Hash a secret for storing and for looking it up, 64 hex digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
