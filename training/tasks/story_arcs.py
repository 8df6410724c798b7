"""What happens in the stories: wishes, attempts that fail, an idea, an ending (first third).

A line is one sentence or two; a line that starts with "| " may stand in for the line above it; an empty
line starts a new paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arc:
    """One plot: ``wish`` belongs to the opening, ``plot`` is the rest of the story."""

    adjectives: str
    nouns: str
    wish: str
    plot: str


STUCK = Arc(
    "red blue yellow green striped",
    "kite hat ball balloon scarf",
    """\
{His} dearest treasure was {a_thing}, and {he} took it everywhere.
| {He} had {a_thing}, and {he} played with it every day.
| {He} loved nothing more than {his} {thing}.""",
    """\
One {day}, a strong wind took the {thing} and blew it high into an oak tree.
| One {day}, a gust of wind blew the {thing} up to the top of an oak tree.
"Oh no!" cried {hero}. "My {noun} is stuck!"
| "Come back!" called {hero}, but the {noun} stayed in the tree.

First, {hero} jumped as high as {he} could, but the branch was much too far away.
| First, {hero} jumped and jumped, but {he} could not even touch the lowest branch.
Then {he} found a long stick and waved it in the air.
| Then {he} picked up a long stick and stretched out {his} arms.
The stick broke in two, and the {noun} did not move at all.
| The stick was too thin, and it broke with a loud crack.
{hero} sat down in the grass and sighed.
| {hero} sat down under the tree, and a tear ran down {his} cheek.

Just then, {helper} the {role} came by. "Why are you so sad?" asked {helper}.
| Soon {helper} the {role} came along the path. "What is the matter?" asked {helper}.
"My {noun} is in the tree, and I cannot reach it alone," said {hero}.
"Then we will reach it together," said {helper}. "I have a ladder at home."
| "Two are better than one," said {helper}. "Let us fetch my ladder."
They carried the ladder to the tree, and {helper} held it while {hero} climbed up.
| {helper} held the ladder firmly, and {hero} climbed up step by step.
{hero} reached out and took the {thing} in {his} arms.
| At the top, {hero} stretched out {his} {hand} and pulled the {thing} free.

"Thank you!" {he} said, and the two friends played together until the sun went down.
| "We did it!" {he} shouted, and they laughed all the way home.
From that day on, {hero} was never too proud to ask for help.
| And {hero} learned that a good friend can make you taller than any tree.""",
)

LOST = Arc(
    "golden silver old shiny tiny",
    "bell key ring whistle button coin",
    """\
{He} owned {a_thing} that {his} grandmother had given {him}.
| {His} grandmother had given {him} {a_thing}, and {he} always kept it near.
| {He} was very proud of {a_thing}, a gift from {his} grandmother.""",
    """\
One {day}, {hero} put {his} {hand} in {his} pocket, and the {thing} was gone.
| One {day}, {hero} wanted to look at the {thing}, but it was not in {his} pocket.
"Where can it be?" {he} asked, and {his} heart beat fast.
| "I must find it before dark!" {he} said.

{hero} looked under the bed and behind the door, but there was only dust.
| First, {hero} searched the whole house, but {he} found only an old sock.
Then {he} ran through the garden and looked under every leaf.
| Then {he} went out and looked between the flowers and the stones.
{He} found a snail and two acorns, but no {noun}.
| {He} found a feather and a round stone, but {he} did not find the {noun}.
"I will never see it again," {hero} said sadly.
| "It is lost for ever," said {hero}, and {he} began to cry.

{helper} the {role} heard {him} and came to the gate.
| At that moment, {helper} the {role} walked past the gate.
"Do not run about like the wind," said {helper}. "Sit down and think. Where were you yesterday?"
| "Take a deep breath," said {helper}. "When did you last have your {noun}?"
{hero} closed {his} eyes. "I was at the well," {he} said slowly. "I bent down to drink."
| {hero} thought for a long time. "At the well," {he} said at last, "when I bent down to drink."
Together they walked to the well and looked in the soft grass.
| So they went to the well, and {helper} looked on one side while {hero} looked on the other.
Something was shining there. It was the {thing}!
| There, between two stones, lay the {thing}!

{hero} danced for joy and hugged {helper}.
| {hero} laughed out loud and thanked {helper} again and again.
At home, {he} sewed up the hole in {his} pocket.
| That evening, {he} found the hole in {his} pocket and closed it with a strong thread.
Since then, {hero} has known that a calm head finds more than quick feet.
| And whenever something was lost again, {hero} sat down and thought first.""",
)

BOAT = Arc(
    "small white blue wooden little",
    "boat raft canoe",
    """\
{He} dreamed of building {a_thing} and sailing across the lake.
| More than anything, {he} wished to sail across the lake in {a_thing}.
| {His} greatest wish was to build {a_thing} and cross the lake.""",
    """\
One {day}, {hero} took a hammer and some boards and set to work.
| One {day}, {hero} gathered boards, nails and rope and began to build.
By noon the {thing} was ready, and {he} pushed it into the water.
| {He} worked until noon, and then {he} pulled the {thing} down to the lake.

But water came in through the cracks, and the {noun} sank near the shore.
| But there were gaps between the boards, and soon the {noun} was full of water.
{hero} waded back, wet from head to toe.
| {hero} had to swim back, cold and wet.
"I will try again," {he} said, and {he} filled the cracks with mud.
| "Mud will keep the water out," {he} said, and {he} filled every crack.
But the lake washed the mud away, and the {noun} sank once more.
| For a minute all was well. Then the mud washed away, and the {noun} sank again.
"It is no use," said {hero}. "I cannot build anything."
| {hero} threw {his} hammer into the grass. "I give up!" {he} said.

{helper} the {role} had watched from the shore. "May I look at it?" asked {helper}.
| {helper} the {role} came down to the shore and looked at the {noun}.
"You have built it well," said {helper}. "It only needs wax, because wax does not mind water."
| "The boards are good," said {helper}. "But you need wax. Water cannot wash it away."
So they melted some wax in a pot and painted it over every crack.
| They warmed a pot of wax and brushed it over the boards, one by one.
The next day, they pushed the {thing} into the lake, and it stayed dry inside.
| In the morning, the wax was hard, and the {thing} did not let in a single drop.

"Climb in!" called {hero}, and together they sailed to the other side.
| {hero} and {helper} sailed across the lake and ate their lunch on the far shore.
"I am glad that I did not give up," said {hero}.
| "Twice it sank," said {hero}, "but the third time it swam!"
And so {hero} learned that every mistake can teach us something.
| That day, {hero} learned that those who try again reach the other shore.""",
)

CAKE = Arc(
    "sweet big round golden",
    "cake pie tart pudding",
    """\
{He} wanted to bake {a_thing} for {his} mother's birthday.
| {His} mother's birthday was near, and {he} wished to make {a_thing} for her.
| For {his} mother's birthday, {he} planned to bake {a_thing}.""",
    """\
One {day}, {hero} tied on an apron and took out a big bowl.
| One {day}, {hero} put flour, eggs and milk on the kitchen table.
"I need no recipe," {he} said. "I know how to make a {noun}."
| "This will be easy," {he} said, and {he} did not look at the recipe.

{hero} baked the first {noun} much too long, and it turned as black as coal.
| {hero} went out to play, and the first {noun} burned in the oven.
{He} opened the window to let out the smoke and started again.
| Smoke filled the kitchen. {hero} coughed and began once more.
The second {noun} looked fine, but {he} had used salt and not sugar.
| The second {noun} smelled good, but {he} had mixed up the sugar and the salt.
"Ugh!" said {hero} when {he} tasted it. "Nobody can eat this."
| {hero} took one bite and made a face. "It tastes like the sea!" {he} cried.

Then {helper} the {role} knocked at the door. "I smell smoke," said {helper}. "Is all well?"
| {helper} the {role} saw the smoke and hurried to the door. "Can I help you?" asked {helper}.
"I have spoiled everything," said {hero}, "and the birthday is tomorrow."
| "My {noun} is a mess," said {hero} in a small voice, "and there is little time."
{helper} smiled. "Let us read the recipe together, one line at a time."
| "A recipe is like a map," said {helper}. "Let us follow it step by step."
{helper} read each line aloud while {hero} measured and stirred.
| So {helper} read, and {hero} weighed the flour and counted the eggs.
This time they stayed beside the oven until the {noun} was done.
| They sat by the oven and watched until the top was golden brown.

The next day, {hero} carried the {thing} to the table, and {his} mother beamed.
| On the birthday, {hero} brought in the {thing}, and {his} mother clapped her {hand}s.
"This is the best {noun} I have ever had," she said, and everyone took a second piece.
| "Did you make this for me?" she asked. "It is wonderful!"
And {hero} knew that good things take time and care.
| Ever since that day, {hero} has read the recipe first.""",
)

SEED = Arc(
    "tall yellow fine bright",
    "sunflower poppy daisy marigold",
    """\
{He} longed to grow {a_thing} in {his} own garden.
| {He} had a little garden, and {he} wanted to grow {a_thing} there.
| {His} dream was to see {a_thing} outside {his} window.""",
    """\
One {day}, {hero} dug a small hole and planted a {noun} seed.
| One {day}, {hero} made a hole in the earth and put a {noun} seed into it.
"Grow quickly!" {he} said, and {he} sat down to wait.
| "Hurry up!" {he} told it, but nothing happened.

The next morning, {hero} poured ten cans of water over it, and the garden became a pond.
| The next day, {hero} gave it so much water that {his} garden turned into mud.
Still there was no {noun}, not even a tiny leaf.
| But no leaf came out of the ground.
Then {he} sang to it and danced around it, but the earth stayed bare.
| Then {he} beat a drum to wake it up, but the earth stayed bare.
"Perhaps I should dig it up and look," said {hero}.
| "I will dig it up again," said {hero} and reached for the spade.

"Stop!" called {helper} the {role} over the fence. "It is still asleep."
| {helper} the {role} looked over the fence. "Please wait!" called {helper}.
"But I have waited for three whole days!" said {hero}.
"A {noun} needs sun, a little water and many quiet days," said {helper}.
| "Give it a little water each morning," said {helper}, "and let the sun do the rest."
So {hero} gave it one small cup of water every morning, and {helper} told {him} stories.
| {hero} put the spade away, and every day {he} came with only one cup of water.
After two weeks, a green tip came out of the ground.
| Then, one morning, there was a tiny green leaf.

It grew and grew, and in the summer the {thing} opened in the sun.
| Week after week it grew, until at last the {thing} stood in the light.
"It was worth the wait," said {hero}, and {helper} nodded.
| "Look, {helper}!" cried {hero}. "Now I see what all the waiting was for."
The bees came to visit, and {hero} was the happiest gardener of all.
| From then on, {hero} knew that some of the best things grow slowly.""",
)

ARCS = (STUCK, LOST, BOAT, CAKE, SEED)
