"""Words that sites make their names and sentences of."""

FIRST = (
    *("Ava", "Ben", "Chloe", "Daniel", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas"),
    *("Kira", "Liam", "Mina", "Noah", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara"),
)

LAST = (
    *("Adams", "Brooks", "Castillo", "Dawson", "Ekman", "Fischer", "Grant", "Hayes"),
    *("Ivanov", "Jensen", "Kowalski", "Lindgren", "Moreno", "Novak", "Okafor", "Price"),
)

CITIES = (
    *("Ashford", "Brookhaven", "Cedar Falls", "Dunmore", "Eastport", "Fairview"),
    *("Glenwood", "Harborview", "Ironton", "Kingsley"),
)
