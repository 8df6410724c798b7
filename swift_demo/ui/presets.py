"""The prompts that the page offers, one for each kind of task in the paper.

A model that continues texts gets their beginnings, one that was trained to answer gets requests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """What is behind a chip.

    Attributes:
        task: Its name in links and files.
        label: What the chip says.
        prompt: A text's beginning. The embedded model never saw its combination of names, numbers, objects.
        request: A request of the same kind, for a model that has a chat template.
    """

    task: str
    label: str
    prompt: str
    request: str

    def suited(self, is_chat: bool) -> str:
        """What a model is asked that has a chat template, or has none."""
        return self.request if is_chat else self.prompt


PRESETS = (
    Preset(
        "story",
        "Story",
        (
            "Long ago, a gentle young fox named Grace lived in a cottage with a red roof. She wished "
            "to run in the big spring race and win a great medal. She often talked to Jack, a "
            "patient turtle who lived nearby."
        ),
        "Write a short story about a young fox who wants to win the spring race, and the turtle who helps her.",
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
        (
            "Summarise this article in two sentences.\n"
            "\n"
            "A heavy storm hit Westbrook on Sunday evening. The station lost its roof, 83 trees fell, and a "
            "broken power line left the houses without light for nine hours. Buses did not run until the next "
            "morning. Fire chief Hugo Bell thanked everybody who had helped to clear the roads; the owner of "
            "the local hardware shop had handed out saws for nothing. Nobody was hurt. The council now wants "
            "to check the old trees along Station Road before the autumn, and has asked for offers."
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
        (
            "Oscar has a farm with 56 horses. He gives 8 to his brother, sells 18 in town, and later buys 20 "
            "more. He puts them into 5 barns, the same number in each. How many horses are in each barn? "
            "Explain step by step."
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
        (
            "Translate into French: In the morning Olga and Sara go to the beach with their brother. They find "
            "a letter behind a big rock, and bring three red flowers home to their grandmother."
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
        (
            "Write a Python function that takes a list of numbers and returns the positions of the positive "
            "ones. Give it a docstring and one example."
        ),
    ),
)

# What the page opens with: a text long and free enough for some drafts to fail and for the search to show.
FIRST_PRESET = PRESETS[0]


def preset_of(prompt: str) -> Preset | None:
    """The preset whose text this is, in either form; None for a prompt of one's own."""
    return next((preset for preset in PRESETS if prompt in (preset.prompt, preset.request)), None)


def suited(prompt: str, is_chat: bool) -> str:
    """A preset's text in the form for a model that has a chat template, or has none; others as they are."""
    preset = preset_of(prompt)
    return prompt if preset is None else preset.suited(is_chat)
