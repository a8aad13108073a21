"""Texts that break careless code: quotes, escapes, separators, controls, characters of the higher planes."""

from hypothesis import strategies as st

AWKWARD = (
    "where is my parcel",
    "ü → 🙂 \u202e",
    'it\'s "quoted" `so`',
    "back\\slash \\N \\t \\u0041",
    "tab\tand\nnew line\r\n",
    "NULL",
    "{name:String} %(x)s {0}",
    "a,b:c;d=e&f#g",
    "<b>bold</b>",
    "nul \x00 and escape \x1b",
    "100 % _ * ?",
    " spaces around ",
    '[1, {"json": null}]',
)

words = st.sampled_from(AWKWARD)
"""A text that is never empty."""

AWKWARD_IDS = (
    "5a6b1f5e-8f0a-4a53-9c1d-0f7f3c0d7a11",
    "plain",
    "ü/é?x=1#y",
    "100%25 it's",
    "a b&c=d+e",
    "..",
    'quote"back\\slash',
)

MAX_ID_CHARACTERS = 128


def ids(kind: str) -> st.SearchStrategy[str]:
    """Give ids of `kind`; the caller adds a number, so that they differ."""
    return st.sampled_from(AWKWARD_IDS).map(lambda text: f"{kind}~{text}")
