"""Where and when the paragraphs of the translation task play, and who besides the named people is there."""

from __future__ import annotations

from training.tasks.lexicon import PAST, PRESENT, Words

# English here, there / French here, there / German here, there / the setting / what is done there
PLACE_ROWS = """
at the market, to the market / au marché, au marché / auf dem Markt, zum Markt / outdoors / buy:food
 buy:goods buy:clothes choose:food choose:goods choose:clothes sell:food sell:goods look_for:goods
 carry:load count:load wear:clothes
in the park, to the park / dans le parc, au parc / im Park, in den Park / outdoors / see:pet
 see:nature draw:pet draw:nature feed:pet find:lost lose:lost read:reading eat:food wear:clothes
 count:pet
at school, to school / à l'école, à l'école / in der Schule, zur Schule / indoors / read:reading
 write:written draw:nature draw:pet draw:art forget:lost find:lost wear:clothes count:load eat:food
at the station, to the station / à la gare, à la gare / am Bahnhof, zum Bahnhof / outdoors /
 carry:load carry:gift look_for:lost lose:lost find:lost buy:food buy:reading read:reading
 wear:clothes eat:food
on the beach, to the beach / sur la plage, à la plage / am Strand, zum Strand / wild / see:water
 draw:water count:water find:lost lose:lost wear:clothes eat:food read:reading
in the garden, to the garden / dans le jardin, dans le jardin / im Garten, in den Garten / outdoors
 / see:pet see:nature draw:nature feed:pet wash:food repair:mended look_for:lost eat:food count:pet
 hide:gift wear:clothes
in the library, to the library / à la bibliothèque, à la bibliothèque / in der Bibliothek, in die
 Bibliothek / indoors / read:reading find:reading look_for:reading take:reading choose:reading
 forget:lost write:written lose:lost
in the museum, to the museum / au musée, au musée / im Museum, ins Museum / indoors / see:art
 draw:art buy:souvenir forget:lost lose:lost wear:clothes count:art
in the kitchen, to the kitchen / dans la cuisine, dans la cuisine / in der Küche, in die Küche /
 indoors / eat:food cut:cut wash:dish wash:food take:dish drink:drink open:opened look_for:dish
 count:dish close:shut hide:gift
in the forest, to the forest / dans la forêt, dans la forêt / im Wald, in den Wald / wild / see:pet
 see:nature draw:nature draw:pet lose:lost find:lost hide:lost carry:load count:pet wear:clothes
 eat:food
at the lake, to the lake / au bord du lac, au lac / am See, zum See / wild / see:water see:animal
 draw:water draw:animal feed:pet eat:food wear:clothes count:animal lose:lost
in the village, to the village / dans le village, au village / im Dorf, ins Dorf / outdoors /
 see:animal feed:animal draw:animal count:animal buy:food buy:dish buy:goods repair:mended find:lost
 wear:clothes
at the hotel, to the hotel / à l'hôtel, à l'hôtel / im Hotel, ins Hotel / indoors / eat:food
 drink:drink read:reading write:written look_for:lost forget:lost open:opened open:shut close:shut
 wear:clothes carry:load
"""

# Where a thing can be; the kinds of landmark after the words are those it can be near
PREPOSITION_ROWS = """
on / sur / auf / flat bridge
under / sous / unter / flat tall bridge
behind / derrière / hinter / tall solid bridge
next_to / à_côté_de / neben / flat tall solid bridge
in_front_of / devant / vor / solid
"""

LANDMARK_ROWS = {
    "outdoors": """
tree / arbre m / Baum Bäume m / size / tall
bench benches / banc m / Bank Bänke f / size age color / flat
wall / mur m / Mauer Mauern f / age color / solid
house / maison f / Haus Häuser n / size age color / solid
""",
    "wild": """
tree / arbre m / Baum Bäume m / size / tall
bench benches / banc m / Bank Bänke f / size age / flat
rock / rocher m / Felsen Felsen m / size / solid
bridge / pont m / Brücke Brücken f / size age / bridge
""",
    "indoors": """
table / table f / Tisch Tische m / size age round / flat
chair / chaise f / Stuhl Stühle m / age color / flat
door / porte f / Tür Türen f / color / solid
window / fenêtre f / Fenster Fenster n / size / solid
""",
}

MOMENTS = {
    PRESENT: (
        Words("Today", "Aujourd'hui,", "Heute"),
        Words("This morning", "Ce matin,", "Heute Morgen"),
        Words("This afternoon", "Cet après-midi,", "Heute Nachmittag"),
        Words("This evening", "Ce soir,", "Heute Abend"),
        Words("In the morning", "Le matin,", "Am Morgen"),
        Words("In the evening", "Le soir,", "Am Abend"),
        Words("On Sunday", "Dimanche,", "Am Sonntag"),
        Words("At noon", "À midi,", "Am Mittag"),
    ),
    PAST: (
        Words("Yesterday", "Hier,", "Gestern"),
        Words("Yesterday evening", "Hier soir,", "Gestern Abend"),
        Words("This morning", "Ce matin,", "Heute Morgen"),
        Words("Last week", "La semaine dernière,", "Letzte Woche"),
        Words("Last summer", "L'été dernier,", "Letzten Sommer"),
        Words("On Monday", "Lundi,", "Am Montag"),
        Words("On Friday", "Vendredi,", "Am Freitag"),
        Words("On Saturday", "Samedi,", "Am Samstag"),
        Words("Two days ago", "Il y a deux jours,", "Vor zwei Tagen"),
    ),
}
NEXT = (
    Words("Then", "Ensuite,", "Dann"),
    Words("Later", "Plus tard,", "Später"),
    Words("A little later", "Un peu plus tard,", "Etwas später"),
)
AFTER_LUNCH = Words("After lunch", "Après le déjeuner,", "Nach dem Mittagessen")
END = (Words("In the end", "À la fin,", "Am Ende"), Words("Later", "Plus tard,", "Später"))

NUMBERS = (
    Words("two", "deux", "zwei"),
    Words("three", "trois", "drei"),
    Words("four", "quatre", "vier"),
    Words("five", "cinq", "fünf"),
    Words("six", "six", "sechs"),
    Words("seven", "sept", "sieben"),
    Words("eight", "huit", "acht"),
    Words("nine", "neuf", "neun"),
    Words("ten", "dix", "zehn"),
)
CITIES = (
    Words("Paris", "Paris", "Paris"),
    Words("Berlin", "Berlin", "Berlin"),
    Words("London", "Londres", "London"),
    Words("Rome", "Rome", "Rom"),
    Words("Vienna", "Vienne", "Wien"),
    Words("Madrid", "Madrid", "Madrid"),
)
# The flag says whether the relative is a woman, which the possessive shows
FAMILY = (
    (Words("mother", "mère", "Mutter"), True),
    (Words("father", "père", "Vater"), False),
    (Words("sister", "sœur", "Schwester"), True),
    (Words("brother", "frère", "Bruder"), False),
    (Words("aunt", "tante", "Tante"), True),
    (Words("uncle", "oncle", "Onkel"), False),
)

BE = (
    Words("is", "est", "ist"),
    Words("are", "sont", "sind"),
    Words("was", "était", "war"),
    Words("were", "étaient", "waren"),
)
WANT = (
    Words("wants to", "veut", "will"),
    Words("want to", "veulent", "wollen"),
    Words("wanted to", "voulait", "wollte"),
    Words("wanted to", "voulaient", "wollten"),
)
GO = (
    Words("goes", "va", "geht"),
    Words("go", "vont", "gehen"),
    Words("went", "est allé", "ging"),
    Words("went", "sont allés", "gingen"),
)
RETURN = (
    Words("goes", "rentre", "geht"),
    Words("go", "rentrent", "gehen"),
    Words("went", "est rentré", "ging"),
    Words("went", "sont rentrés", "gingen"),
)
