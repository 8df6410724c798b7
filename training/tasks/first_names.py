"""First names of the people in stories and news."""

from __future__ import annotations

WOMEN = (
    "Anna",
    "Clara",
    "Emma",
    "Grace",
    "Ida",
    "Kate",
    "Mia",
    "Olga",
    "Rosa",
    "Tina",
    "Alice",
    "Nina",
    "Lucy",
    "Sara",
    "Julia",
    "Eva",
)
MEN = (
    "Ben",
    "David",
    "Felix",
    "Hugo",
    "Jack",
    "Leo",
    "Noah",
    "Paul",
    "Sam",
    "Victor",
    "Max",
    "Oscar",
    "Tom",
    "Peter",
    "Martin",
    "Simon",
)
