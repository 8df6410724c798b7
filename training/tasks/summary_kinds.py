"""What the articles report and how a summary puts it (first half).

A line is one sentence or a few that belong together; a line that starts with "| " may stand in for the line
above it. Words in braces are filled in: ``first`` and ``second`` are people (``she1`` is the pronoun of the
first), ``n1`` and ``n2`` numbers, ``a`` and ``b`` a choice from the kind's own lists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of article.

    Attributes:
        n1: Lowest, highest and step of the first number; ``n2`` likewise.
        a: Words to choose from, separated by "; "; ``b`` likewise.
        lead: The first sentence of the article.
        body: Sentences that hold the other facts; they may come in any order.
        padding: Sentences that the summary leaves out.
        summary: The summary itself.
    """

    n1: tuple[int, int, int]
    n2: tuple[int, int, int]
    a: str
    b: str
    lead: str
    body: str
    padding: str
    summary: str


FAIR = Kind(
    (120, 900, 10),
    (450, 980, 5),
    "new books; a new slide; a computer room; a music room",
    "cake stall; paper boat race; puppet show; book stall",
    """\
The school in {town} held its yearly fair on {day}, and {n1} visitors came.
| On {day}, {n1} visitors came to the yearly fair of the school in {town}.
| There was a fair at the school in {town} on {day}, and {n1} people visited it.""",
    """\
Head teacher {first} said that the fair had raised {n2} pounds. "We are very grateful," {she1} added.
| The fair raised {n2} pounds, as head teacher {first} told this newspaper. "What a day!" {she1} said.
The school will spend the money on {a}.
| All the money will be used for {a}.
The {b}, run by pupil {second}, was the biggest success of the day.
| Most people liked the {b} best. It was run by pupil {second}.""",
    """\
Parents had painted the hall in bright colours.
The youngest pupils sang three songs.
In the yard there was lemonade for everyone.
Even a short shower in the afternoon did not spoil the fun.
Many old pupils came back to see their classrooms.""",
    """\
The school fair in {town} on {day} had {n1} visitors and raised {n2} pounds. Head teacher {first} said that \
the money would be spent on {a}. The most popular part of the fair was the {b}, which was run by \
pupil {second}. The fair takes place every year.""",
)

BRIDGE = Kind(
    (60, 290, 5),
    (14, 60, 1),
    "flood; storm; fire; landslide",
    "cyclists; farmers; school children; bus drivers",
    """\
A new bridge was opened in {town} on {day}.
| On {day}, the people of {town} saw the opening of their new bridge.
| {town} has a new bridge: it was opened on {day}.""",
    """\
Mayor {first} cut the ribbon. "This bridge brings us together," {she1} said.
| "We have waited long for this day," said Mayor {first} when {she1} cut the ribbon.
The bridge is {n1} metres long, and it took {n2} weeks to build.
| Workers needed {n2} weeks to build the bridge, which is {n1} metres long.
The old bridge had been destroyed by a {a}.
| The new bridge replaces the old one, which was lost in a {a}.
The plans were drawn by engineer {second}.
| Engineer {second} drew the plans.
The bridge will help {b} most of all, because their way is much shorter now.
| Above all, {b} are glad, because they no longer have to take the long way round.""",
    """\
A brass band played while the first people walked across.
The railings are painted dark green.
Some children threw flowers into the river.
At night the bridge will be lit by small lamps.
There was free tea for all who came.""",
    """\
Mayor {first} opened a new bridge in {town} on {day}. It is {n1} metres long and was built in {n2} weeks \
after plans by engineer {second}. The old bridge had been destroyed by a {a}. The new one will mainly help \
{b}, who no longer have to take the long way round.""",
)

RESCUE = Kind(
    (2, 9, 1),
    (3, 19, 1),
    "engine; mast; rudder; radio",
    "fishing boat; sailing boat; ferry; motor boat",
    """\
A {b} got into danger off the coast of {town} on {day}, and {n1} people had to be saved.
| On {day}, a lifeboat from {town} saved {n1} people from a {b}.
| A lifeboat crew from {town} brought {n1} people to safety from a {b} on {day}.""",
    """\
The trouble began when the {a} broke in high waves, {n2} miles from the harbour.
| The boat was {n2} miles from the harbour when its {a} broke in the heavy sea.
Captain {first} had called for help at once. "I have never been so glad to see a light," {she1} said later.
| "We were cold and tired," said Captain {first}, who had called for help.
The lifeboat was led by {second}, who has worked at sea for many years.
| {second} led the lifeboat crew through the waves.
Nobody was badly hurt, and the boat was towed home the next day.
| The next day, the boat was towed home. Nobody was badly hurt.""",
    """\
The sky had been clear in the early morning.
Several families waited at the harbour with blankets and hot soup.
Two gulls followed the lifeboat all the way.
The harbour café stayed open all night.
The wind did not drop until late in the evening.""",
    """\
A lifeboat crew led by {second} saved {n1} people from a {b} near {town} on {day}. The {a} of the boat had \
broken {n2} miles from the harbour, and Captain {first} had called for help. Nobody was badly hurt. The boat \
was towed home on the following day.""",
)

FINAL = Kind(
    (2, 6, 1),
    (310, 990, 10),
    "free kick; header; long shot; penalty",
    "trip to the sea; big dinner; new team bus; day off",
    """\
{town} won the county football final against {other} on {day}.
| On {day}, the football team of {town} beat {other} in the county final.
| The football cup goes to {town}: the team beat {other} in the county final on {day}.""",
    """\
The final score was {n1} to 1, and {n2} fans watched the match.
| The match was seen by {n2} fans and ended {n1} to 1.
{first} scored the last goal with a {a}. "I just closed my eyes," {she1} said with a laugh.
| With a {a}, {first} scored the last goal. "It felt like a dream," {she1} said.
Coach {second} promised the players a {b}.
| "They have earned a {b}," said coach {second} after the match.""",
    """\
The grass was still wet from the night before.
Both teams were tired after a long season.
Before the match, a school choir sang on the field.
The fans waved flags and beat drums.
At half time there were hot pies for sale.""",
    """\
{town} beat {other} by {n1} to 1 in the county football final on {day}. The match was seen by {n2} \
fans. {first} scored the last goal with a {a}. Coach {second} was pleased with the team \
and promised the players a {b}.""",
)

STORM = Kind(
    (11, 95, 1),
    (2, 19, 1),
    "school; town hall; church; station",
    "sand bags; saws; lamps; tents",
    """\
A heavy storm hit {town} on {day}.
| On {day}, {town} was hit by a heavy storm.
| Strong winds did a lot of damage in {town} on {day}.""",
    """\
The wind brought down {n1} trees and tore the roof off the {a}.
| The {a} lost its roof, and {n1} trees fell.
For {n2} hours there was no light in the houses, because a power line was broken.
| A power line broke, and the houses were without light for {n2} hours.
Fire chief {first} thanked all the people who had helped. "The whole town stood together," {she1} said.
| "The worst is over," said fire chief {first}, and {she1} thanked all helpers.
Shop owner {second} gave the helpers {b} for free.
| The helpers got free {b} from shop owner {second}.
Nobody was hurt.
| Luckily, nobody was hurt.""",
    """\
Some people spent the night with friends.
Dark clouds had come up early in the afternoon.
A garden chair was found on top of a bus.
The rain stopped shortly before midnight.
Buses did not run until the next morning.""",
    """\
A heavy storm hit {town} on {day}. It brought down {n1} trees, tore the roof off the {a} and left the houses \
without light for {n2} hours. Nobody was hurt. Fire chief {first} thanked all the helpers, who had received \
free {b} from shop owner {second}.""",
)

LIBRARY = Kind(
    (3000, 9800, 100),
    (11, 48, 1),
    "an old mill; an old station; a former bakery; an empty shop",
    "a reading garden; a small café; a story room; a music corner",
    """\
A new library opened its doors in {town} on {day}.
| On {day}, a new library was opened in {town}.
| The people of {town} have had a new library since {day}.""",
    """\
The library is in {a} and holds {n1} books.
| With {n1} books on its shelves, the library is housed in {a}.
The head of the library, {first}, expects many young readers. \
"Every child shall find a story here," {she1} said.
| "There is a story here for every child," said {first}, the head of the library, \
who expects many young readers.
Builder {second} and a team of {n2} people did the work.
| The work was done by builder {second} with a team of {n2} people.
There is also {b} for the visitors.
| Visitors will also find {b} there.""",
    """\
The first visitors were already waiting at eight in the morning.
The walls are painted in a warm yellow.
A poet from {other} read from her new book.
There were biscuits and tea for all guests.
On Sundays the doors will stay closed.""",
    """\
A new library with {n1} books opened in {town} on {day}. It is in {a}, and builder {second} did the work \
with a team of {n2} people. The library also has {b}. Its head, {first}, expects many young readers and \
wants every child to find a story there.""",
)

DOG = Kind(
    (3, 29, 1),
    (50, 290, 10),
    "an old barn; an empty boat; a garden shed; a bakery",
    "brown; black; white; grey",
    """\
A lost {b} dog from {town} was found on {day}.
| On {day}, a {b} dog that had been missing came home to {town}.
| A {b} dog from {town} is safe: it was found on {day}.""",
    """\
The dog had been missing for {n1} days after it ran away from fireworks.
| The dog had run away from fireworks and had been missing for {n1} days.
{second} from the post office heard the dog barking in {a}.
| It was {second} from the post office who heard the dog in {a}.
Its owner, {first}, had promised a reward of {n2} pounds. "I cried for joy," {she1} said.
| "I never lost hope," said {first}, the owner, who had promised a reward of {n2} pounds.
The finder gave the reward to an animal home.
| The reward went to an animal home, because the finder did not want to keep it.""",
    """\
Children had put up posters all over the town.
The dog was hungry but in good health.
At home a large bowl of meat was waiting.
The neighbours had looked in every street.
The dog slept for most of the next day.""",
    """\
A {b} dog that had been missing for {n1} days was found in {town} on {day}. It had run away from fireworks. \
{second} heard it in {a}. The owner, {first}, paid a reward of {n2} pounds, and the finder gave the money to \
an animal home.""",
)

KINDS = (FAIR, BRIDGE, RESCUE, FINAL, STORM, LIBRARY, DOG)
