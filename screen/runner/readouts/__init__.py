"""What is read from a simulated well: observables, growth readouts and formulae of them."""
