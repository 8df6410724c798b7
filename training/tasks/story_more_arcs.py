"""What happens in the stories: wishes, attempts that fail, an idea, an ending (second third)."""

from __future__ import annotations

from training.tasks.story_arcs import Arc

DARK = Arc(
    "old little bright yellow",
    "lantern lamp candle",
    """\
{He} was afraid of the dark and never went to bed without {a_thing}.
| {He} feared the dark, and every night {a_thing} burned beside {his} bed.
| {He} kept {a_thing} by {his} bed because {he} was afraid of the dark.""",
    """\
One {evening}, the wind came in through the window and blew out the {thing}.
| One {evening}, the {thing} went out, and the whole room turned black.
"Who is there?" whispered {hero}, but nobody answered.
| {hero} sat up in bed. "Is somebody there?" {he} asked.

First, {he} hid under the blanket, but it was even darker there.
| First, {he} pulled the blanket over {his} head, but there it was darker still.
Then {he} sang a song, but {his} voice shook, and the song soon stopped.
| Then {he} tried to count to a hundred, but at nine {he} heard a strange sound.
Something went tap, tap, tap against the wall.
| Tap, tap, tap, it went outside.
{hero} took the {noun} in {his} {hand} and ran out of the door.
| {hero} held the {noun} tightly and ran outside as fast as {he} could.

There stood {helper} the {role}, looking up at the sky.
| In the garden {he} met {helper} the {role}, who was looking at the sky.
"Something is knocking at my wall!" cried {hero}.
| "There is a monster at my wall!" said {hero}, out of breath.
"Let us go and see," said {helper} and went ahead.
| "Then let us say hello to it," said {helper} with a smile.
Together they walked around the house, and what did they find? Only a branch in the wind!
| They looked behind the house, and there was only a branch that moved in the wind.
{hero} had to laugh. "I was afraid of a tree!" {he} said.
| "Only a branch!" said {hero}, and {he} laughed until {his} sides hurt.

"Now look up," said {helper}. "Without the dark, we could not see the stars."
| "The dark is not bad," said {helper}. "It shows us the stars."
They lay in the grass and counted the stars until {hero} was sleepy.
| Above them the stars were shining, and {hero} could not stop looking.
That night, {hero} left the {thing} unlit and slept well.
| From that night on, {hero} used the {thing} only for reading.
What we know well, we do not need to fear.
| And when the wind knocked at the wall again, {hero} just smiled and turned over.""",
)

SHARE = Arc(
    "big large brown huge",
    "basket sack box bag",
    """\
{He} had {a_thing} of apples, and {he} did not want to share them.
| {He} owned {a_thing} of apples and kept all of them for {him_self}.
| In {his} kitchen stood {a_thing} of apples, and nobody else was allowed to have one.""",
    """\
One {day}, a hungry little bird came to the window and asked for a bite.
| One {day}, a little bird sat down at the window and begged for a bite.
"No," said {hero}. "These apples are mine." And {he} hid the {noun} under the bed.
| "Go away," said {hero}. "I need every apple." And {he} pushed the {noun} under the bed.

The next day, {he} tried to eat all the apples alone, but soon {his} stomach hurt.
| To be safe, {he} tried to eat all the apples at once, but {he} only got a stomach ache.
Then {he} locked the door and sat on the {noun} all day long.
| Then {he} shut the door and kept watch over the {noun} from morning to night.
It was very quiet, and there was nobody to talk to.
| Outside the others were playing, but {hero} sat all alone.
After a week, the apples at the bottom had turned brown and soft.
| A week later, half of the apples had gone bad.
"What good are they now?" sighed {hero}.
| "Now they are of no use to anyone," said {hero} sadly.

That evening, {helper} the {role} came with a bowl of hot soup.
| Then there was a knock. {helper} the {role} stood outside with a pot of soup.
"I made too much for one," said {helper}. "It tastes better with a friend."
| "Will you eat with me?" asked {helper}. "Soup is no fun alone."
They ate and talked, and {hero} felt warm inside.
| The soup was good, but the company was even better.
{hero} looked at the {thing} and turned red. "I have been selfish," {he} said.
| "You share with me," said {hero}, "but I never shared with anyone. I am sorry."

The next morning, {he} put the {noun} outside and called all the neighbours.
| Early in the morning, {hero} carried the {noun} to the square and called everyone.
{hero} and {helper} baked the good apples in the oven, and the little bird got the first bite.
| The little bird got the first apple, {helper} got the second, and nobody went home hungry.
When the {thing} was empty, {his} heart was full.
| The {thing} was empty now, but {hero} had never been so happy.
And {hero} never ate alone again.
| For joy is the one thing that grows when we share it.""",
)

MUSIC = Arc(
    "small old brown wooden",
    "flute fiddle horn guitar",
    """\
{He} wanted to play {his} {thing} at the summer feast.
| {He} had {a_thing} and dreamed of playing it at the summer feast.
| {His} biggest wish was to play {a_thing} at the summer feast.""",
    """\
One {day}, {hero} stood in front of the house and began to play.
| One {day}, {hero} took the {noun} into the yard and played as loudly as {he} could.
It sounded so bad that the hens ran away.
| The sound was so terrible that the neighbours closed their windows.

The next day, {he} played even louder, but that only made it worse.
| Then {he} tried to play faster, but the notes fell over each other.
After that, {he} asked the birds to sing along, but they all flew off.
| After that, {he} played in the kitchen, and a cup fell from the shelf.
"I shall never learn it," said {hero} and put the {noun} in a corner.
| "My {noun} does not like me," said {hero}, and {he} hid it under the bed.

In the evening, {helper} the {role} came to visit. "It is so quiet today," said {helper}.
| But {helper} the {role} had heard everything. "Why did you stop?" asked {helper}.
"I play badly," said {hero}, "and the feast is in three weeks."
"Three weeks are a long time," said {helper}. "Learn one note a day, and play it softly."
| "Nobody learns a song in one day," said {helper}. "Start with one note, and play it slowly."
So {hero} took out the {thing} again and played a single soft note.
| {hero} fetched the {thing} and tried one note, then the same note again.
Every evening {helper} sat beside {him}, tapped one foot and counted.
| Day after day, {he} learned one more note, and {helper} listened.
Little by little, the notes became a song.
| After a while, the hens came back and listened too.

On the day of the feast, {hero} stepped forward with shaking knees.
| At last the feast came, and {hero} climbed up on the stage.
{He} saw {helper} in the first row, took a deep breath and played.
| {helper} gave {him} a nod, and {hero} began to play the {thing}.
The song was short but lovely, and everyone clapped and danced.
| When the song was over, everyone cheered, and {he} had to play it again.
"One note a day," {hero} said to {helper}, "and now it is a song!"
| And {hero} learned that small steps lead a long way.""",
)

RACE = Arc(
    "golden silver shiny great",
    "cup medal crown trophy",
    """\
{He} dreamed of winning {a_thing} at the big spring race.
| {He} wished to run in the big spring race and win {a_thing}.
| The winner of the spring race would get {a_thing}, and {he} wanted it badly.""",
    """\
One {day}, {hero} ran up the hill as fast as {he} could.
| One {day}, {hero} began to train for the race.
{He} was tired after a minute and had to lie down in the grass.
| {He} started much too fast, and soon {he} had no breath left.
The next day, {he} tied {his} shoes so tightly that {his} feet hurt.
| The next day, {he} ate three breakfasts to grow strong, but then {he} could hardly move.
"The {noun} will never be mine," said {hero}.
| "I am too slow for the {noun}," {he} said and hung {his} head.

{helper} the {role} sat on a bench nearby. "Start slowly," said {helper}. "Then you will last."
| "May I tell you something?" asked {helper} the {role}. "Start slowly and keep going."
So every morning {hero} ran a little farther, and {helper} waited with a cup of water.
| {hero} listened, and every morning {he} ran a little longer than the day before.

At last the day of the race came, and many runners stood at the start.
| Then the great day came. The runners lined up, and a whistle blew.
{hero} started slowly and passed one runner after another.
| At first {hero} was last, but {he} kept going and was soon in front.
The end was near when {he} heard a cry. A small runner had fallen behind {him}.
| Just before the end, a small runner beside {him} fell and began to cry.
{hero} looked at the {thing}. Then {he} turned back and helped the little one up.
| {hero} could see the {thing} already, but {he} stopped and held out {his} {hand}.
The others ran past, and the two came in last, side by side.
| The two of them walked on together and came in last of all.

For a moment it was quiet. Then everyone stood up and cheered.
| But nobody laughed. The whole crowd clapped and called {his} name.
The winner stepped forward and held out the {noun}. "You should have it," said the winner.
| "This belongs to you," said the winner and gave {him} the {noun}.
"I was fast today, but you were kind."
"I am proud of you," said {helper}, and {hero} smiled from ear to ear.
| {helper} hugged {him}, and {hero} put the {thing} on the shelf at home.
To be kind is worth more than to be first.
| And {hero} knew that a good heart wins the finest prize.""",
)

ARCS = (DARK, SHARE, MUSIC, RACE)
