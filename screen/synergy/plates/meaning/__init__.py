"""What the cells of a table of wells mean: names, controls, doses, which rows are one block, what the values are."""
