"""What happens in the stories: wishes, attempts that fail, an idea, an ending (last third)."""

from __future__ import annotations

from training.tasks.story_arcs import Arc

FOG = Arc(
    "small brown warm little",
    "parcel basket bag box",
    """\
{He} had to bring {a_thing} to {his} grandfather behind the forest.
| {His} mother asked {him} to carry {a_thing} to {his} grandfather behind the forest.
| {His} grandfather lived behind the forest, and {he} wanted to bring him {a_thing}.""",
    """\
One {day}, {hero} took the {thing} under {his} arm and set off.
| One {day}, {hero} picked up the {thing} and walked into the forest.
Soon a thick fog came down, and {he} could not see the path any more.
| But then fog rose between the trees, and the path was gone.

{hero} went left, and after a while {he} stood before the same old stump.
| {hero} walked straight on, but {he} only walked in a circle.
Then {he} called for help, but only an echo came back.
| Then {he} climbed on a rock to look around, but all {he} saw was white fog.
"I am lost," {he} said, and {he} held the {noun} close.
| {hero} put down the {noun} and felt very small.

All at once {he} heard steps. Out of the fog came {helper} the {role}.
| Then a twig cracked. It was {helper} the {role} on the way home.
"I cannot see the path," said {hero}, "and my grandfather is waiting."
| "I am so glad to see you!" said {hero}. "I have lost my way."
"If you cannot see, you must listen," said {helper}. "What do you hear?"
| "Close your eyes," said {helper}. "Now tell me what you hear."
{hero} stood very still. "I hear water," {he} said.
| {hero} listened. Far away, something was bubbling. "A stream!" {he} said.
"Right! The stream runs past your grandfather's house," said {helper}. "Let us follow it."
| "And where does the stream go?" asked {helper}. "To my grandfather's house!" cried {hero}.
So they walked along the stream, one step after another.
| They followed the sound of the water, and {helper} carried the {noun} for a while.

At last a light appeared, and there stood {hero}'s grandfather in the door.
| Soon they saw a lamp in a window, and the door flew open.
"You came through all this fog!" said the old man and hugged {him}.
| "My dear {hero}!" said the old man. "I was so worried about you."
They opened the {thing} together, and inside was a loaf of fresh bread.
| In the {thing} was fresh bread, and all three had some with butter and honey.
When the eyes cannot help, the ears may find the way.
| And on the way home, {hero} knew every sound of the forest.""",
)

BROKEN = Arc(
    "blue white fine old painted",
    "vase plate cup jug bowl",
    """\
{He} loved to play ball, but on the shelf stood {his} mother's {thing}.
| {He} was not allowed to play ball near {his} mother's {thing}.
| {His} mother had {a_thing} that was very dear to her, and {he} liked to play ball.""",
    """\
One {day}, {hero} threw {his} ball against the kitchen wall.
| One {day}, nobody else was at home, and {hero} played ball in the kitchen.
The ball flew to the shelf, and the {thing} fell to the floor and broke.
| Crash! The ball hit the {thing}, and it broke into three pieces.

First, {hero} hid the pieces under the carpet, but there was a big bump.
| First, {hero} pushed the pieces under the carpet, but anyone could see the bump.
Then {he} tried to stick them together with jam, but they fell apart again.
| Then {he} used honey as glue, but the {noun} fell apart, and now it was sticky too.
"I could say that the cat did it," {he} thought, but that did not feel right.
| "Perhaps nobody will notice," {he} thought, but {his} stomach felt heavy.

With the pieces in a bag, {he} ran to {helper} the {role}.
| {He} put the pieces in a bag and went to see {helper} the {role}.
"I broke the {noun}, and I am afraid to tell my mother," said {hero}.
| "I have done something bad," said {hero} and opened the bag.
"Tell her the truth," said {helper}. "A {noun} can be mended, and so can a mistake."
| "We can mend a {noun} with glue," said {helper}, "but a lie is hard to mend."
{helper} brought some real glue, and they put the pieces together with care.
| So they sat down at the table and put piece to piece with good glue.
When it was dry, only three thin lines could be seen.
| In the end the {noun} was whole again, with three thin lines on one side.

That evening, {hero} went to {his} mother with a red face.
| At home, {hero} waited for {his} mother at the door.
"I played ball inside and broke your {noun}," {he} said. "I am very sorry."
| "It was me," {he} said. "I broke the {noun}, and {helper} helped me to mend it."
{His} mother looked at the {thing} for a while. Then she took {him} in her arms.
| {His} mother was silent for a moment. Then she smiled and kissed {him}.
"You told me the truth," she said. "That is worth more to me than any {noun}."
| "Thank you for being honest," she said. "Now I like the {noun} even more."
The {thing} went back to the shelf, and the ball stayed in the garden.
| From then on, {hero} played ball outside, and {his} heart was light.""",
)

BABY = Arc(
    "lost tiny small fluffy",
    "gosling kitten duckling chick",
    """\
On the way home {he} found {a_thing}, and {he} wanted to bring it back to its mother.
| {He} found {a_thing} behind the house and wished to take it home to its mother.
| Near {his} door {he} found {a_thing} that was looking for its mother.""",
    """\
It was a {day}, and the {thing} was shaking all over.
| That was on a {day}, and the {thing} looked very sad.
"Do not worry," said {hero}. "I will help you."
| "Poor little {noun}," said {hero}. "We will find your mother."

First, {hero} carried the {noun} to the market, but nobody there knew it.
| First, {hero} asked everyone in the lane, but nobody had lost a {noun}.
Then {he} wrote a note and put it on a tree, but the wind carried the note away.
| Then {he} made a big sign, but nobody stopped to read it.
{He} gave the {noun} some milk, but it would not drink.
| {He} put the {noun} in {his} own warm bed, but it would not sleep.
"What else can I do?" asked {hero}.
| "I do not know what to do," said {hero} with a sigh.

{He} took the {noun} to {helper} the {role}, who always had good ideas.
| Then {he} thought of {helper} the {role} and carried the {noun} there.
{helper} looked at its feet. "There is yellow clay on them," said {helper}.
| "Look at its feet," said {helper}. "They are full of yellow clay."
"There is yellow clay only at the old pond," said {hero}. "It must come from there!"
| {hero} thought hard. "The only yellow clay is at the old pond!" {he} said.
At once they set off, with the {noun} in a soft basket.
| They wrapped the {noun} in a scarf and hurried to the pond.
When they came near, {hero} heard a worried call from behind the bushes.
| At the pond, somebody was calling, again and again.

The {thing} raised its head, jumped down and ran to its mother.
| It was the mother! The {thing} ran to her as fast as it could.
The two pressed close together and would not let go.
| She counted her little ones, and now not one was missing.
"I shall miss it," said {hero}, "but it is happy here."
| "Goodbye, little {noun}," said {hero}. "I will visit you soon."
{helper} put an arm around {him}, and they walked home in the evening sun.
| "You have done a good thing today," said {helper} on the way home.
Those who look closely find the way, and those who care find friends.
| Every Sunday after that, {hero} went to the pond to see {his} new friend.""",
)

KNIT = Arc(
    "warm thick woolly red soft",
    "scarf blanket cap shawl",
    """\
{He} wanted to knit {a_thing} for {his} grandmother before winter came.
| Winter was near, and {he} wished to knit {a_thing} for {his} grandmother.
| {His} grandmother was always cold, so {he} decided to knit {a_thing} for her.""",
    """\
One {day}, {hero} bought some wool and two needles and began.
| One {day}, {hero} sat down by the fire with a ball of wool.
"It will be done by tonight," {he} said.
| "How hard can it be?" {he} said to {him_self}.

But the wool rolled under the table, and soon {he} was tied to a chair.
| But the wool went round and round {his} feet until {he} could not stand up.
{hero} cut {him_self} free and started again, but now the {noun} was full of holes.
| {hero} began again, but {he} lost so many stitches that the {noun} looked like a net.
The third time, {he} pulled too hard, and it became as stiff as a board.
| Then {he} knitted so tightly that the needles would not move.
"Winter will come, and I have nothing but knots," said {hero}.
| "I only make knots," said {hero}, and {he} nearly cried.

{helper} the {role} looked in through the window. "What a lot of wool!" said {helper}.
| Then {helper} the {role} came in to get warm and saw the knots.
"It was meant to be a {noun}," said {hero}, and both of them had to laugh.
| "This is my {noun}," said {hero}. "Please do not laugh."
"You are in a hurry," said {helper}. "Knit one row each day, neither tight nor loose."
| "Knots come from haste," said {helper}. "Make one good row, and then rest."
First they untied all the knots together, and it took a whole evening.
| {helper} held the wool, and {hero} wound it into a neat ball.
Then {hero} knitted one row each day, and {helper} told a story for every row.
| From then on, {hero} made one row every evening while {helper} sat by the fire.
When the first snow fell, the {thing} was finished.
| On the day of the first snow, {he} made the last stitch.

{hero} ran through the snow and gave it to {his} grandmother.
| {hero} wrapped it in paper and took it to {his} grandmother at once.
"What a lovely {thing}!" she said. "I can feel all the care in it."
| "Now I shall not be cold any more," she said and held the {thing} to her cheek.
{hero} was so happy that {he} did not feel the cold at all.
| That winter, she wore it every day, and {hero} was proud of every row.
One row at a time, even the longest work gets done.
| And what was left of the wool became a present for {helper}.""",
)

ARCS = (FOG, BROKEN, BABY, KNIT)
