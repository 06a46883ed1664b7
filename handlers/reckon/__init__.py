"""Calculators inside answers: what they have to be told, their figures and their steps."""
