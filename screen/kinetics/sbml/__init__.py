"""From SBML or Antimony text to a network: text, document, elements, mathematics."""
