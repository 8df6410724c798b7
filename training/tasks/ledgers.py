"""Stories for the arithmetic task in which one amount goes up and down."""

from __future__ import annotations

from dataclasses import dataclass

# In every sentence {n} is the number of the event, {w} who it is about (he or she), {W} the same at the
# start of a sentence, {o} him or her, {p} his or her, {P} the first name, {things} what is counted.


@dataclass(frozen=True, slots=True)
class Ledger:
    """One kind of story: what is counted, how it starts, what can happen, how the question is asked."""

    things: tuple[str, ...]
    openings: tuple[str, ...]
    start: str
    more: tuple[str, ...]
    fewer: tuple[str, ...]
    state: str
    questions: tuple[str, ...]
    double: str = ""
    halve: str = ""
    share: tuple[str, str, str] | None = None


SHARING = (
    "Then {w} packs all the {things} into {n} bags, the same number in each.",
    "How many {things} are in each bag?",
    "With {n} bags, each bag holds {equation} {things}.",
)

LEDGERS = (
    Ledger(
        ("shells", "stamps", "cards", "coins", "stones", "stickers", "marbles", "buttons", "feathers"),
        ("{P} collects {things} and has {n} of them.", "{P} has {n} {things} in a box.",
         "There are {n} {things} in the box that {P} keeps by the bed.",
         "{P} counts {p} {things} and finds that there are {n}."),
        "{P} starts with {n} {things}.",
        ("{W} finds {n} more in the garden", "{W} gets {n} more from {p} aunt",
         "{W} buys {n} more at the market",
         "A friend gives {o} {n} more", "{W} wins {n} more in a game", "{W} finds {n} more under the bed"),
        ("{W} gives {n} to {f}", "{W} loses {n} on the way home", "{W} sells {n} at the market",
         "{W} sends {n} to {p} cousin", "{W} leaves {n} at school"),
        "{w} has {equation} {things}",
        ("How many {things} does {P} have now?", "How many {things} are left in the end?",
         "How many {things} does {P} have at the end of the day?"),
        "{F} gives {o} as many again", "{W} gives half of them to {f}", SHARING,
    ),
    Ledger(
        ("apples", "pears", "plums", "lemons", "nuts", "cherries", "berries", "oranges"),
        ("{P} picks {n} {things} in the garden.", "{P} carries a basket with {n} {things}.",
         "In the morning {P} has {n} {things} to sell.",
         "There are {n} {things} in the kitchen, and {P} takes them all."),
        "{P} starts with {n} {things}.",
        ("{W} picks {n} more", "{W} buys {n} more", "{P}'s uncle brings {o} {n} more",
         "{W} finds {n} more on the grass",
         "A neighbor gives {o} {n} more"),
        ("{W} eats {n} with {f}", "{W} uses {n} for a cake", "{W} sells {n} at the market",
         "{W} gives {n} to a neighbor",
         "{W} drops {n} into the river"),
        "{w} has {equation} {things}",
        ("How many {things} does {P} have now?", "How many {things} are left?",
         "How many {things} does {P} bring home?"),
        "{F} brings as many again", "{W} puts half of them away for the winter and keeps the rest",
        SHARING,
    ),
    Ledger(
        ("people", "passengers", "travelers"),
        ("A train leaves the city with {n} {things} on board.", "{P} drives a bus with {n} {things} on it.",
         "A boat leaves the town with {n} {things} on board.",
         "{P} takes a train to the sea; {n} {things} are on it."),
        "At first there are {n} {things} on board.",
        ("At the next stop {n} more get on", "At the bridge {n} more get on", "At the market {n} more get on",
         "In the next town {n} more get on", "At the lake {n} more get on"),
        ("At the station {n} get off", "At the school {n} get off", "At the old church {n} get off",
         "In the next village {n} get off", "At the harbor {n} get off"),
        "there are {equation} {things} on board",
        ("How many {things} are on board now?", "How many {things} are still on board?",
         "How many {things} reach the last stop?"),
        "", "At the park half of them get off",
        ("In the end they all leave in {n} groups of the same size.", "How many {things} are in each group?",
         "With {n} groups, each group has {equation} {things}."),
    ),
    Ledger(
        ("sheep", "hens", "ducks", "goats", "cows", "rabbits", "horses", "geese"),
        ("{P} has a farm with {n} {things}.", "On the farm of {P} there are {n} {things}.",
         "{P} looks after {n} {things} on a hill.", "In spring {P} has {n} {things} in the field."),
        "There are {n} {things} at first.",
        ("{W} buys {n} more", "Soon {n} young ones are born", "{F} brings {n} more",
         "A farmer from the next village sends {n} more", "Later {n} more come to the farm"),
        ("{W} sells {n} in town", "{W} gives {n} to {f}", "Then {n} go to another farm",
         "One night {n} run away", "{W} sends {n} to {p} brother"),
        "there are {equation} {things}",
        ("How many {things} are on the farm now?", "How many {things} does {P} have now?",
         "How many {things} are there in the end?"),
        "", "{W} sells half of them",
        ("In the evening {w} puts them into {n} barns, the same number in each.",
         "How many {things} are in each barn?",
         "With {n} barns, each barn holds {equation} {things}."),
    ),
    Ledger(
        ("dollars", "euros"),
        ("{P} has saved {n} {things}.", "{P} has {n} {things} in {p} pocket.",
         "{P} wants to buy a bike and has {n} {things}.",
         "On Monday {P} has {n} {things}."),
        "{P} starts with {n} {things}.",
        ("{W} earns {n} in the garden", "{W} gets {n} from {p} aunt", "{W} earns {n} by washing a car",
         "{W} sells an old book for {n}", "{W} finds {n} in an old coat"),
        ("{W} spends {n} on a book", "{W} pays {n} for a ticket", "{W} spends {n} on lunch",
         "{W} buys a ball for {n}",
         "{W} lends {n} to {f}"),
        "{w} has {equation} {things}",
        ("How much money does {P} have now?", "How many {things} are left?",
         "How many {things} does {P} have in the end?"),
        "{F} doubles what {w} has", "{W} gives half of it to {f}",
        ("Then {w} shares the money among {n} children, the same for each.",
         "How many {things} does each child get?",
         "With {n} children, each child gets {equation} {things}."),
    ),
    Ledger(
        ("rolls", "cakes", "cookies", "buns", "pies", "muffins"),
        ("{P} has a small shop and bakes {n} {things}.", "Early in the morning {P} bakes {n} {things}.",
         "{P} takes {n} {things} out of the oven.", "On Sunday there are {n} {things} in the shop of {P}."),
        "At first there are {n} {things}.",
        ("{W} bakes {n} more", "{F} brings {n} more", "Another shop sends {n} more",
         "{W} makes {n} more with {f}"),
        ("{W} sells {n} before noon", "A school buys {n}", "{W} gives {n} to {f}",
         "{W} burns {n} and throws them away",
         "A hotel buys {n}"),
        "there are {equation} {things}",
        ("How many {things} are left?", "How many {things} are there now?",
         "How many {things} does {P} still have?"),
        "{W} bakes as many again", "{W} sells half of them in the afternoon",
        ("In the evening {w} packs them into {n} boxes, the same number in each.",
         "How many {things} are in each box?",
         "With {n} boxes, each box holds {equation} {things}."),
    ),
    Ledger(
        ("books", "games", "maps", "films"),
        ("The school library has {n} {things}, and {P} looks after them.",
         "{P} keeps {n} {things} on a shelf.",
         "{P} works in a library with {n} {things} on the table."),
        "At first there are {n} {things}.",
        ("A teacher brings back {n}", "{F} brings {n} more", "{W} buys {n} new ones",
         "A reader gives {n} more",
         "{W} finds {n} more in a box"),
        ("{W} lends {n} to a class", "{W} throws away {n} old ones", "{F} takes {n} home",
         "{W} sells {n} old ones",
         "{W} sends {n} to another school"),
        "there are {equation} {things}",
        ("How many {things} are there now?", "How many {things} are left?",
         "How many {things} are there in the evening?"),
        "", "{W} gives half of them to a new school",
        ("Then {w} puts them on {n} shelves, the same number on each.",
         "How many {things} are on each shelf?",
         "With {n} shelves, each shelf holds {equation} {things}."),
    ),
)  # fmt: skip
