"""How a cube was made, in words of the page."""

from screen.report.cube_view.provenance import as_rows


def test_entries_are_called_by_words_and_nothing_is_said_of_what_there_is_not() -> None:
    short, long = as_rows(
        {
            "model_sha256": "ab",
            "virtual": "false",
            "ensemble": "null",
            "model_sbml": "<sbml/>" * 40,
            "seed": 0,
        }
    )
    assert short == [("model, SHA-256", "ab"), ("made of views of other files", "no"), ("seed", "0")]
    assert [heading for heading, _ in long] == ["model as SBML"]
