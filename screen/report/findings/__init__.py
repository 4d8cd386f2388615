"""What the page concludes: the answer, re-sensitisation, why, markers, certainty, references."""
