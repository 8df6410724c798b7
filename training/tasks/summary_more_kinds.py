"""What the articles report and how a summary puts it (second half)."""

from __future__ import annotations

from training.tasks.summary_kinds import Kind

SCIENCE = Kind(
    (12, 17, 1),
    (210, 980, 10),
    "solar oven; water filter; small robot; wind wheel",
    "a camera; a telescope; a laptop; a set of tools",
    """\
A young inventor from {town} won the county science prize on {day}.
| On {day}, the county science prize went to a young inventor from {town}.
| The county science prize was given to a young inventor from {town} on {day}.""",
    """\
{first}, who is {n1} years old, had built a {a}. "It took me a whole winter," {she1} said.
| The winner, {first}, is {n1} years old and had built a {a}. "I am so happy," {she1} said.
The prize is {n2} pounds and {b}.
| The winner received {n2} pounds and {b}.
The jury was led by {second}. It praised the clear and simple idea.
| The jury, led by {second}, praised the simple and clear idea.""",
    """\
Pupils from nine schools had shown their work.
The second prize went to a class from {other}.
Some of the machines made a great deal of noise.
The hall was full long before the start.
Next year there will also be a prize for the best team.""",
    """\
{first} from {town}, who is {n1} years old, won the county science prize on {day} for a {a}. The prize is \
{n2} pounds and {b}. The jury was led by {second} and praised the simple and clear idea of the young \
inventor.""",
)

MARKET = Kind(
    (24, 98, 1),
    (5, 19, 1),
    "cheese; honey; bread; jam",
    "on the old square; on the river bank; in the station yard; in the church garden",
    """\
A new farmers' market with {n1} stalls opened in {town} on {day}.
| On {day}, {n1} stalls stood side by side at the new farmers' market in {town}.
| {town} has a new farmers' market, which started with {n1} stalls on {day}.""",
    """\
The market is held once a week {b}.
| Every week, the stalls will stand {b}.
{first}, who had the idea, was pleased. "People want to know where their food comes from," {she1} said.
| "I could not have wished for a better start," said {first}, who had the idea.
Most people bought {a} from farmer {second}, who had sold everything by noon.
| The {a} of farmer {second} was sold out by noon.
All the farmers come from less than {n2} miles away.
| Every farmer lives less than {n2} miles from the town.""",
    """\
A man with a fiddle played old songs.
Children could feed two small goats.
The smell of fresh bread filled the air.
Some visitors had come by bicycle.
Plastic bags are not allowed at the market.""",
    """\
A new farmers' market with {n1} stalls opened in {town} on {day}. It was the idea of {first} and is held \
{b}. All the farmers come from less than {n2} miles away. The {a} of farmer {second} was sold out by noon.""",
)

TRAIN = Kind(
    (35, 180, 5),
    (110, 490, 10),
    "a fallen tree; a broken signal; a herd of cows; a broken door",
    "water and biscuits; hot tea; soup and bread; fruit and juice",
    """\
Passengers on the train from {town} to {other} had to wait for {n1} minutes on {day}.
| On {day}, the train from {town} to {other} was late by {n1} minutes.
| The train from {town} to {other} stood still for {n1} minutes on {day}.""",
    """\
The reason for the delay was {a}.
| The cause was {a}, as the railway said.
There were {n2} passengers on board.
| The train was carrying {n2} passengers.
The driver, {first}, said sorry to everyone. "I know that many of you have plans," {she1} said.
| "Please be patient," said the driver, {first}, and {she1} said sorry to everyone.
{second}, a farmer who lives near the line, brought {b} to the train.
| From a farm near the line, {second} came with {b} for the passengers.""",
    """\
A group of students sang to pass the time.
It was the third delay in the same month.
Some people used the time to read or to sleep.
The railway will pay back part of the fare.
The sun was low when the journey went on.""",
    """\
The train from {town} to {other} was delayed by {n1} minutes on {day} because of {a}. There were {n2} \
passengers on board. The driver, {first}, said sorry to them, and {second} from a nearby farm brought {b} to \
the train.""",
)

GARDEN = Kind(
    (15, 80, 1),
    (40, 290, 10),
    "car park; rubbish tip; factory yard; building site",
    "roses; herbs; apple trees; beans",
    """\
A garden for everyone was opened in {town} on {day}.
| On {day}, {town} got a garden for everyone.
| The people of {town} have shared a garden since {day}.""",
    """\
The garden lies on the ground of an old {a}.
| Not long ago, there was only an old {a} in this place.
Today, {n1} families look after the beds, and each of them pays {n2} pounds a year.
| The beds belong to {n1} families, who pay {n2} pounds a year each.
Gardener {first} planned the paths. "Anyone can learn to grow things," {she1} said.
| "A garden is never finished," said gardener {first}, who planned the paths.
The first {b} were planted by Mayor {second}.
| Mayor {second} planted the first {b}.""",
    """\
Old bath tubs are used to catch the rain.
Bees live in two boxes at the far end.
A bench stands under a tall tree.
School classes may visit on weekdays.
Dogs must stay outside the gate.""",
    """\
A shared garden was opened in {town} on {day} on the ground of an old {a}. Today, {n1} families look \
after it, and each of them pays {n2} pounds a year. Gardener {first} planned the paths, and Mayor {second} \
planted the first {b}.""",
)

CONCERT = Kind(
    (18, 75, 1),
    (350, 990, 10),
    "children's hospital; old people's home; animal home; fire station",
    "church; town hall; school hall; theatre",
    """\
A concert in the {b} of {town} filled every seat on {day}.
| On {day}, every seat was taken at a concert in the {b} of {town}.
| Music lovers filled the {b} of {town} for a concert on {day}.""",
    """\
{first} led the choir of {n1} singers. "They gave their best," {she1} said.
| The choir of {n1} singers was led by {first}. "I am proud of every voice," {she1} said.
The evening raised {n2} pounds for the {a}.
| For the {a}, {n2} pounds were raised.
Violin player {second} was the star of the evening and got the longest applause.
| The longest applause went to violin player {second}, the star of the evening.""",
    """\
The concert began with a quiet evening song.
Some guests had to stand at the back.
Red and white flowers stood on the stage.
The last song was sung by everyone together.
During the break there was apple juice.""",
    """\
A concert in the {b} of {town} on {day} raised {n2} pounds for the {a}. {first} led the choir of {n1} \
singers. The star of the evening was violin player {second}, who got the longest applause. \
Every seat was taken.""",
)

TREASURE = Kind(
    (40, 390, 5),
    (300, 900, 50),
    "silver coins; gold coins; glass beads; bronze rings",
    "a new well; a new pond; a new cellar; a new wall",
    """\
Workers in {town} found {n1} {a} on {day}.
| On {day}, {n1} {a} came to light in {town}.
| A find of {n1} {a} was made in {town} on {day}.""",
    """\
The {a} lay in a clay pot. It was {second} who saw it first, while making room for {b}.
| {second} was making room for {b} when a spade struck the clay pot.
The find is about {n2} years old, as museum director {first} explained. \
"This is a great surprise," {she1} said.
| Museum director {first} believes that the find is {n2} years old. "I could not sleep," {she1} said.
The pieces will be shown in the town museum from next month.
| From next month, visitors of the town museum can see the pieces.""",
    """\
The place is now closed off with a fence.
Many people came to look into the hole.
Experts from {other} will clean the pieces.
Nobody knows who hid the pot there.
Rain had made the ground very soft.""",
    """\
In {town}, {n1} {a} were found in a clay pot on {day}. {second} saw the pot first while making room for {b}. \
Museum director {first} believes that the find is about {n2} years old. The pieces will be shown in the town \
museum from next month.""",
)

KINDS = (SCIENCE, MARKET, TRAIN, GARDEN, CONCERT, TREASURE)
