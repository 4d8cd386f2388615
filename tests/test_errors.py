"""Names are compared as people mean them, and the nearest one is offered."""

import pytest

from screen.errors import nearest, plain


@pytest.mark.parametrize("written", ["SK-BR-3", "skbr3", " SKBR_3\t", "sk br 3"])
def test_case_spaces_and_hyphens_do_not_count(written: str) -> None:
    assert plain(written) == "skbr3"


def test_the_nearest_known_name_is_offered_in_its_own_spelling() -> None:
    assert nearest("linsitinip", ["lapatinib", "linsitinib"]) == "; did you mean 'linsitinib'?"
    assert nearest("MDA MB 45", ["SKBR3", "MDA-MB-453"]) == "; did you mean 'MDA-MB-453'?"


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert nearest("aspirin", ["SKBR3", "JIMT-1"]) == ""
    assert nearest("x", []) == ""
