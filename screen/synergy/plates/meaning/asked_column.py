"""Which of several columns of values is read, where options say what they are of."""

from screen.synergy.plates.meaning.signal_levels import RAW_WORDS, WORDS
from screen.synergy.plates.reading.headers import read_head
from screen.synergy.plates.reading.layouts import UNKNOWN
from screen.synergy.plates.reading.tables import Whole


def asked_column(whole: Whole, response: str | None, scale: str | None) -> Whole:
    """The same with another column as the values, where options ask for what another head says: GR values beside
    viability, counts beside percent."""
    for name in whole.unknown.columns:
        head = read_head(name.removeprefix(UNKNOWN))
        fits = {"response": response is not None and WORDS.get(head.name) == response != WORDS.get(whole.word),
                "scale": scale == "raw" and head.name in RAW_WORDS and whole.word not in RAW_WORDS}  # fmt: skip
        asked = next((option for option, hit in fits.items() if hit), None)
        if asked is not None:
            rows = whole.rows.assign(response=whole.unknown[name])
            rows.attrs = dict(whole.rows.attrs)
            words = (
                f"response: column '{head.text}' is read, as --{asked} asks for it, not the others of values"
            )
            return Whole(
                rows, whole.unknown.drop(columns=name), (*whole.messages, words), head.name, head.percent
            )
    return whole
