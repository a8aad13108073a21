"""The parts of a `multipart/form-data` body, RFC 7578, as browsers write it."""

from email.parser import BytesHeaderParser

from diptych_server.errors import BadRequest

MAX_PARTS = 64
"""A replay segment has two; an upload of images has one more than it has images."""


def parts_of(body: bytes, boundary: str) -> dict[str, bytes]:
    """Content of each part by its name; of several with one name the first.

    Raises:
        BadRequest: no boundary, a part without a name, or a body whose end is missing.
    """
    if not boundary:
        raise BadRequest("multipart: expected a boundary in the content type, got none")
    mark = b"--" + boundary.encode("latin-1", "replace")
    first, *pieces = (b"\r\n" + body).split(b"\r\n" + mark, MAX_PARTS + 1)
    if first.strip() or len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadRequest("multipart: the body is cut off, its closing boundary is missing")
    parts: dict[str, bytes] = {}
    for piece in pieces[:-1]:
        head, divided, content = piece.partition(b"\r\n\r\n")
        disposition = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n"))["content-disposition"]
        name = _name(disposition) if divided and disposition else ""
        if not name:
            raise BadRequest("multipart: a part has no name")
        parts.setdefault(name, content)
    return parts


def _name(disposition: str) -> str:
    _, _, after = str(disposition).partition('name="')
    return after.partition('"')[0]
