"""What Schemathesis cannot know by itself: certificate requests, and records that the lane has signed.

Both lie in files beside it, made by the test that starts it.
"""

import json
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

REQUEST = Path("lane-3.csr.pem").read_text()
SIGNED = json.loads(Path("signed.json").read_text())


def with_one_changed(text):
    """The text with one character replaced by another."""
    places = st.integers(min_value=0, max_value=len(text) - 1)
    letters = st.characters(codec="ascii")
    return st.builds(lambda at, letter: text[:at] + letter + text[at + 1 :], places, letters)


schemathesis.openapi.media_type(
    "application/x-pem-file",
    st.one_of(st.just(REQUEST), with_one_changed(REQUEST), st.text()).map(lambda text: text.encode(errors="replace")),
)
schemathesis.openapi.format(
    "base64url",
    st.one_of(st.sampled_from(SIGNED), st.from_regex(r"\A[A-Za-z0-9_-]{0,200}\Z")),
)
