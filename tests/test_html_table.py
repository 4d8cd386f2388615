"""What objects show of themselves in a notebook: names in it are data."""

from xml.etree import ElementTree

import numpy as np

from screen.config.screen import parse_config
from screen.html_table import html_table, some
from screen.synergy import score_matrices

SCREEN = {"name": "<b>&", "cell_lines": ["SKBR3"], "combinations": {"pairs": [["lapatinib", "linsitinib"]]}}


def test_every_text_of_a_table_is_data() -> None:
    page = html_table("<a>", [("<b>", "<c>")], ("<d>", "<e>"), "<f>")
    found = [text for text in ElementTree.fromstring(page).itertext() if text]
    assert found == ["<a>", "<d>", "<e>", "<b>", "<c>", "<f>"]


def test_many_names_end_with_how_many_more_there_are() -> None:
    assert some(["a", "b", "c"], 2) == "a, b and 1 more"
    assert some(["a", "b"], 2) == "a, b"


def test_a_configuration_shows_what_it_asks_for() -> None:
    shown = parse_config(SCREEN)._repr_html_()
    texts = list(ElementTree.fromstring(shown).itertext())
    assert texts[0] == "Screen <b>&"
    assert "cell_lines" in texts
    assert "doses" not in texts  # as they are unless given


def test_scores_show_their_numbers_and_reasons() -> None:
    doses = np.array([0.0, 10.0])
    viability = np.array([[1, 0.5], [0.5, 0.25]] * 12).reshape(12, 2, 2)
    found = score_matrices(viability, np.tile(doses, (12, 1)), np.tile(doses, (12, 1)), ["bliss"])["bliss"]
    shown = ElementTree.fromstring(found._repr_html_())
    assert len(shown.findall(".//tbody/tr")) == 10
    assert "2 more" in "".join(shown.itertext())
