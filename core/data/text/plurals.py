"""English plurals become singulars, so that *dresses* and *dress* are one word; anything else stays as it is.

The rules of Harman's S-stemmer ("How effective is suffixing?", JASIS 1991), with the endings -es and -ves and the
irregular ones. Ours and no library: `inflect` takes seconds to import and makes *len* of *lens*, and a stemmer such as
Porter's folds far more than the number.
"""

from __future__ import annotations

from functools import lru_cache


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


SHORTEST = 4  # letters of a word whose s may be a plural's
IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "oxen": "ox", "mens": "man", "womens": "woman", "childrens": "child", "tvs": "tv", "pcs": "pc",
    "dvds": "dvd", "cds": "cd", "leds": "led", "axes": "axe", "quizzes": "quiz", "foci": "focus", "cacti": "cactus",
}  # fmt: skip
_SINGULAR = _listed("""
    adidas alas alias always arkansas asbestos asus atlas bias canvas chaos christmas christ clothes
    cosmos crocs dallas does ethos goods hercules hermes herpes diabetes kansas lens levis lotus
    mercedes news pampas pancreas pyjamas pajamas rhinoceros scissors series shorts sometimes
    species texas thermos this towards vegas yes across perhaps headquarters angeles
""")
"""Words that end as a plural does and are none, or mean something else than their singular (shorts)."""
_US = _listed("""
    menus emus tofus bayous caribous gurus haikus tutus
""")
_IS = _listed("""
    alibis bikinis calamaris emojis jacuzzis kiwis martinis minis multis paninis safaris salamis
    saris semis skis spaghettis sushis taxis tsunamis tortellinis yetis zucchinis
""")
_IE = _listed("""
    beanie bogie boogie bookie bootie brownie birdie budgie calorie camaraderie collie cookie cutie
    dearie doggie foodie freebie genie goodie hippie hoodie hottie junkie lingerie magpie menagerie
    movie neckerchie newbie onesie patisserie pinkie pixie prairie quickie rookie selfie smoothie
    sortie sweetie talkie townie veggie walkie zombie necktie bowtie barbie auntie bourgeoisie eyrie
    toughie cowrie laddie lassie
""")
_S = _listed("""
    lens bus gas canvas virus bonus campus cactus atlas iris octopus walrus chorus alias bias circus
    crocus surplus minibus omnibus trellis tennis mantis pelvis chassis christmas status focus
    genius lotus nexus
""")
"""Singulars in -s whose plural is -ses: lenses."""
_VES = {
    "knives": "knife", "wives": "wife", "housewives": "housewife", "shelves": "shelf", "bookshelves": "bookshelf",
    "wolves": "wolf", "leaves": "leaf", "loaves": "loaf", "halves": "half", "calves": "calf", "scarves": "scarf",
    "hooves": "hoof", "thieves": "thief", "selves": "self", "elves": "elf", "dwarves": "dwarf", "wharves": "wharf",
    "handkerchieves": "handkerchief", "penknives": "penknife", "werewolves": "werewolf",
}  # fmt: skip
_E = _listed("""
    toes hoes canoes foes does oboes woes tiptoes backhoes aloes aches headaches toothaches
    backaches caches niches quiches creches avalanches moustaches mustaches psyches porsches luxes
    deluxes pickaxes
""")
"""Plurals of singulars in -oe, -che and -xe."""
_ZZ = ("buzzes", "fizzes", "fuzzes", "jazzes")


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    """The singular of an English noun in lower case; the word itself where it is no plural.

    Doing it twice changes nothing.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < SHORTEST or word[-1] != "s" or word in _SINGULAR or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ss") or (word.endswith("us") and word not in _US) or (word.endswith("is") and word not in _IS):
        return word
    return _without_es(word) if word.endswith("es") else word[:-1]


def _without_es(word: str) -> str:
    """The singular of a word in -es."""
    short, shorter = word[:-1], word[:-2]
    if word in _VES:
        return _VES[word]
    if word.endswith("ies"):
        return short if short in _IE or len(word) <= SHORTEST else f"{word[:-3]}y"
    if word in _E or word.endswith("shoes"):
        return short
    if word.endswith(("sses", "xes", "ches", "shes", "oes", *_ZZ)) or shorter in _S:
        return shorter
    return short
