"""Names of people and cities on the sites."""

FIRST_NAMES = (
    *("Ava", "Ben", "Chloe", "Daniel", "Elena", "Farid", "Grace", "Hugo", "Iris", "Jonas"),
    *("Kira", "Liam", "Mina", "Noah", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara"),
)

LAST_NAMES = (
    *("Adams", "Brooks", "Castillo", "Dawson", "Ekman", "Fischer", "Grant", "Hayes"),
    *("Ivanov", "Jensen", "Kowalski", "Lindgren", "Moreno", "Novak", "Okafor", "Price"),
)

CITY_NAMES = (
    *("Ashford", "Brookhaven", "Cedar Falls", "Dunmore", "Eastport", "Fairview"),
    *("Glenwood", "Harborview", "Ironton", "Kingsley"),
)
