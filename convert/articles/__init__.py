"""The tables of the articles that this project grew from: what is measured, and what they claim."""
