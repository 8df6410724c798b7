"""The five prompts that the page offers, one for each kind of task in the paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A prompt behind a chip. The embedded model never saw its combination of names, numbers, objects."""

    task: str
    label: str
    prompt: str


PRESETS = (
    Preset(
        "story",
        "Story",
        (
            "Long ago, a gentle young fox named Grace lived in a cottage with a red roof. She wished "
            "to run in the big spring race and win a great medal. She often talked to Jack, a "
            "patient turtle who lived nearby."
        ),
    ),
    Preset(
        "summary",
        "Summary",
        (
            "Article: A heavy storm hit Westbrook on Sunday 20 May. The station lost its roof, and "
            '83 trees fell. Fire chief Hugo Bell thanked all the people who had helped. "The whole '
            'town stood together," he said. A power line broke, and the houses were without light '
            "for 9 hours. The local radio had the story in its evening news. Luckily, nobody was "
            "hurt. The helpers got free saws from shop owner Tina Potter. Buses did not run until "
            "the next morning. Pictures of the day can be seen in the window of our office. The rain "
            "stopped shortly before midnight. Few people in Westbrook will forget this Sunday. The "
            "next issue of this newspaper will tell more about the people of Westbrook.\n"
            "\n"
            "Summary:"
        ),
    ),
    Preset(
        "arithmetic",
        "Arithmetic",
        (
            "Question: Oscar has a farm with 56 horses. He sends 8 to his brother. Then 20 go to "
            "another farm. Oscar sells 18 in town. Later 20 more come to the farm. In the evening he "
            "puts them into 3 barns, the same number in each. How many horses are in each barn?\n"
            "Answer:"
        ),
    ),
    Preset(
        "translation",
        "Translation",
        (
            "Translate English to French.\n"
            "English: In the morning Olga and Sara go to the beach with their brother. Ida finds a "
            "letter. Then they bring three red flowers to Ida. Three beautiful cats wait behind the "
            "big rock. Ida wears a warm scarf. The scarf is blue and long. They see a small black "
            "duck next to the bench. In the end Olga and Sara go home because they are tired.\n"
            "French:"
        ),
    ),
    Preset(
        "code",
        "Code",
        (
            '"""Functions for lists of values.\n'
            "\n"
            "positions_of_positive_values: the positions of the positive values\n"
            "tally_values: the counts of the values\n"
            "average_values: the average of the values, or 0\n"
            '"""\n'
            "\n"
            "\n"
            "def positions_of_positive_values(values):\n"
            '    """Return the positions of the positive values."""'
        ),
    ),
)

# What the page opens with: a text long and free enough for some drafts to fail and for the search to show.
FIRST_PRESET = PRESETS[0]
