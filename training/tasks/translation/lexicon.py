"""The words of the translation task: English with its one French and one German counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Words(NamedTuple):
    """The same words in the three languages."""

    english: str
    french: str
    german: str


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun; ``traits`` names the adjective groups that suit it, ``kinds`` what one does with it."""

    english: str
    english_plural: str
    french: str
    french_plural: str
    french_gender: str
    german: str
    german_plural: str
    german_gender: str
    traits: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective; the French forms are masculine, feminine and masculine before a vowel."""

    english: str
    french: str
    french_feminine: str
    french_before_vowel: str
    precedes_in_french: bool
    german: str
    german_stem: str


class Verb(NamedTuple):
    """A verb: its infinitives, then present singular, plural, past singular, plural."""

    infinitive: Words
    forms: tuple[Words, Words, Words, Words]


class Place(NamedTuple):
    """Where a paragraph plays: being there, going there, its setting, and what there is to do (verb:kind)."""

    here: Words
    there: Words
    setting: str
    doings: tuple[tuple[str, str], ...]


PRESENT, PAST = 0, 2  # offsets into the forms of a verb; one further is the plural

FEMALE = [
    "Anna", "Clara", "Emma", "Grace", "Ida", "Kate", "Mia", "Olga", "Rosa", "Tina", "Alice", "Nina",
    "Lucy", "Sara", "Julia", "Eva",
]  # fmt: skip
MALE = [
    "Ben", "David", "Felix", "Hugo", "Jack", "Leo", "Noah", "Paul", "Sam", "Victor", "Max", "Oscar",
    "Tom", "Peter", "Martin", "Simon",
]  # fmt: skip

# English [plural] / French gender / German plural gender / adjective groups / kinds
NOUN_ROWS = """
book / livre m / Buch Bücher n / size age color weight / reading goods lost gift souvenir stood
letter / lettre f / Brief Briefe m / length age / reading lost written
newspaper / journal m / Zeitung Zeitungen f / age / reading
map / carte f / Karte Karten f / size age price / reading lost art souvenir
picture / image f / Bild Bilder n / size age look price / art gift souvenir
key / clé f / Schlüssel Schlüssel m / size age weight / lost
lamp / lampe f / Lampe Lampen f / size age color look / goods mended stood
bag / sac m / Tasche Taschen f / size age color weight / goods opened lost load stood souvenir
box boxes / boîte f / Kiste Kisten f / size age color weight / opened load stood
cup / tasse f / Tasse Tassen f / size age color / dish goods gift stood souvenir
glass glasses / verre m / Glas Gläser n / size / dish stood
plate / assiette f / Teller Teller m / size color round / dish goods stood
bottle / bouteille f / Flasche Flaschen f / size color / dish opened load stood
knife knives / couteau m / Messer Messer n / size age / dish
ball / ballon m / Ball Bälle m / size age color round / goods lost gift stood
bicycle / vélo m / Fahrrad Fahrräder n / age color price look / mended
car / voiture f / Auto Autos n / size age color price / mended
boat / bateau m / Boot Boote n / size age color look / water
clock / horloge f / Uhr Uhren f / size age look price / art mended
umbrella / parapluie m / Regenschirm Regenschirme m / size age color / goods lost opened souvenir
flower / fleur f / Blume Blumen f / size bloom look / goods gift nature
tree / arbre m / Baum Bäume m / size age look / nature
ring / bague f / Ring Ringe m / age look price / lost gift art souvenir
coat / manteau m / Mantel Mäntel m / age color price warmth / clothes
hat / chapeau m / Hut Hüte m / size age color look / clothes lost
dress dresses / robe f / Kleid Kleider n / age color look price / goods
shirt / chemise f / Hemd Hemden n / age color clean / clothes
jacket / veste f / Jacke Jacken f / age color price warmth / clothes
scarf scarves / écharpe f / Schal Schals m / length color warmth / clothes lost
chair / chaise f / Stuhl Stühle m / size age color look / mended
guitar / guitare f / Gitarre Gitarren f / age color look price / art mended
apple / pomme f / Apfel Äpfel m / size fruit sweet / food cut load
pear / poire f / Birne Birnen f / size green sweet / food cut load
orange / orange f / Orange Orangen f / size sweet / food cut load
banana / banane f / Banane Bananen f / size sweet / food cut
lemon / citron m / Zitrone Zitronen f / size fresh / cut load
tomato tomatoes / tomate f / Tomate Tomaten f / size fruit fresh / food cut load
carrot / carotte f / Karotte Karotten f / size fresh / food cut
strawberry strawberries / fraise f / Erdbeere Erdbeeren f / size sweet fresh / food
cake / gâteau m / Kuchen Kuchen m / size round sweet good / food cut gift
egg / œuf m / Ei Eier n / size fresh / food load
soup / soupe f / Suppe Suppen f / heat good / drink
milk / lait m / Milch - f / heat fresh good / drink
water / eau f / Wasser - n / heat fresh / drink
tea / thé m / Tee - m / heat good sweet / drink
juice / jus m / Saft - m / heat sweet good / drink
dog / chien m / Hund Hunde m / size elder fur / animal pet street
cat / chat m / Katze Katzen f / size elder fur look / animal pet street
bird / oiseau m / Vogel Vögel m / size color look / animal pet street water
duck / canard m / Ente Enten f / size fur / animal pet water
rabbit / lapin m / Kaninchen Kaninchen n / size fur / animal pet
horse / cheval m / Pferd Pferde n / size elder fur look / animal
cow / vache f / Kuh Kühe f / size fur / animal
goat / chèvre f / Ziege Ziegen f / size fur / animal
frog / grenouille f / Frosch Frösche m / size green / animal
door / porte f / Tür Türen f / size color / shut
window / fenêtre f / Fenster Fenster n / size / shut
"""

# English / French masculine, feminine[, before a vowel] / German [stem]; "*" precedes the noun
ADJECTIVE_ROWS = {
    "size": ("big / *grand grande / groß", "small / *petit petite / klein"),
    "age": ("new / *nouveau nouvelle nouvel / neu", "old / *vieux vieille vieil / alt"),
    "elder": ("old / *vieux vieille vieil / alt",),
    "look": ("beautiful / *beau belle bel / schön",),
    "length": ("long / *long longue / lang",),
    "good": ("good / *bon bonne / gut",),
    "color": (
        "red / rouge rouge / rot",
        "blue / bleu bleue / blau",
        "green / vert verte / grün",
        "yellow / jaune jaune / gelb",
        "white / blanc blanche / weiß",
        "black / noir noire / schwarz",
    ),
    "bloom": ("red / rouge rouge / rot", "yellow / jaune jaune / gelb", "white / blanc blanche / weiß"),
    "fur": ("white / blanc blanche / weiß", "black / noir noire / schwarz", "brown / brun brune / braun"),
    "fruit": ("red / rouge rouge / rot", "green / vert verte / grün"),
    "green": ("green / vert verte / grün",),
    "weight": ("heavy / lourd lourde / schwer",),
    "price": ("expensive / cher chère / teuer teur",),
    "warmth": ("warm / chaud chaude / warm",),
    "heat": ("warm / chaud chaude / warm", "cold / froid froide / kalt"),
    "clean": ("clean / propre propre / sauber",),
    "round": ("round / rond ronde / rund",),
    "sweet": ("sweet / sucré sucrée / süß",),
    "fresh": ("fresh / frais fraîche / frisch",),
    "glad": (
        "happy / heureux heureuse / glücklich",
        "proud / fier fière / stolz",
        "calm / calme calme / ruhig",
    ),
    "low": ("tired / fatigué fatiguée / müde", "sad / triste triste / traurig", "ill / malade malade / krank"),
}

# English infinitive, third person, past / French infinitive, he, they, past / German infinitive, he, past
# A French past that ends in "ait" is the imperfect; otherwise it is the participle after "avoir".
VERB_ROWS = """
buy buys bought / acheter achète achètent acheté / kaufen kauft kaufte
choose chooses chose / choisir choisit choisissent choisi / wählen wählt wählte
sell sells sold / vendre vend vendent vendu / verkaufen verkauft verkaufte
look_for looks_for looked_for / chercher cherche cherchent cherché / suchen sucht suchte
find finds found / trouver trouve trouvent trouvé / finden findet fand
lose loses lost / perdre perd perdent perdu / verlieren verliert verlor
forget forgets forgot / oublier oublie oublient oublié / vergessen vergisst vergaß
hide hides hid / cacher cache cachent caché / verstecken versteckt versteckte
carry carries carried / porter porte portent porté / tragen trägt trug
wear wears wore / porter porte portent portait / tragen trägt trug
take takes took / prendre prend prennent pris / nehmen nimmt nahm
wash washes washed / laver lave lavent lavé / waschen wäscht wusch
cut cuts cut / couper coupe coupent coupé / schneiden schneidet schnitt
eat eats ate / manger mange mangent mangé / essen isst aß
drink drinks drank / boire boit boivent bu / trinken trinkt trank
read reads read / lire lit lisent lu / lesen liest las
write writes wrote / écrire écrit écrivent écrit / schreiben schreibt schrieb
draw draws drew / dessiner dessine dessinent dessiné / zeichnen zeichnet zeichnete
see sees saw / voir voit voient vu / sehen sieht sah
count counts counted / compter compte comptent compté / zählen zählt zählte
feed feeds fed / nourrir nourrit nourrissent nourri / füttern füttert fütterte
open opens opened / ouvrir ouvre ouvrent ouvert / öffnen öffnet öffnete
close closes closed / fermer ferme ferment fermé / schließen schließt schloss
repair repairs repaired / réparer répare réparent réparé / reparieren repariert reparierte
give gives gave / donner donne donnent donné / geben gibt gab
show shows showed / montrer montre montrent montré / zeigen zeigt zeigte
bring brings brought / apporter apporte apportent apporté / bringen bringt brachte
help helps helped / aider aide aident aidé / helfen hilft half
thank thanks thanked / remercier remercie remercient remercié / danken dankt dankte
sing sings sang / chanter chante chantent chanté / singen singt sang
dance dances danced / danser danse dansent dansé / tanzen tanzt tanzte
laugh laughs laughed / rire rit rient ri / lachen lacht lachte
work works worked / travailler travaille travaillent travaillé / arbeiten arbeitet arbeitete
sleep sleeps slept / dormir dort dorment dormi / schlafen schläft schlief
play plays played / jouer joue jouent joué / spielen spielt spielte
wait waits waited / attendre attend attendent attendu / warten wartet wartete
"""
