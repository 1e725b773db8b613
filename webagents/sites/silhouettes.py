"""Simple drawings of the things for sale, one for each kind, on a square of 24 by 24.

A drawing is a list of shapes, each over the one before, written as `tone shape numbers`. The tones
are the thing's `main` color, its `dark` and `light` variants, and `ink`. The shapes are `e`llipse
and `r`ectangle (left, top, right, bottom), `p`olygon and `l`ine (points).
"""

from __future__ import annotations

KITCHEN = {
    "Teapot": (
        "main e 6 9 17 20; dark l 16 13 21 9; dark l 6 12 3 12 3 17 7 18; dark r 8 8 15 10; "
        "ink e 10 5 13 8"
    ),
    "Cutting Board": "main r 5 3 19 18; dark r 10 18 14 22; light e 11 19 13 21; dark l 7 7 17 7",
    "Kettle": (
        "main p 7 8 16 8 19 20 4 20; dark l 8 8 8 4 15 4 15 8; dark l 17 11 21 8; ink r 4 20 19 22"
    ),
    "Frying Pan": "main e 2 7 15 20; dark e 4 9 13 18; ink l 14 11 22 4",
    "Spice Rack": (
        "main r 3 4 21 6; main r 3 13 21 15; dark r 4 7 8 13; light r 9 8 13 13; "
        "dark r 15 7 19 13; light r 4 16 8 21; dark r 10 16 14 21; light r 15 17 19 21; "
        "main r 3 21 21 23"
    ),
    "Mixing Bowl": (
        "main p 3 9 21 9 17 19 7 19; dark e 3 7 21 11; light e 5 8 19 10; ink r 8 19 16 20"
    ),
}

ELECTRONICS = {
    "Headphones": "main l 4 14 4 9 8 4 16 4 20 9 20 14; dark r 2 13 7 20; dark r 17 13 22 20",
    "Desk Lamp": "main p 11 3 19 7 15 12 8 8; dark l 11 8 7 14 11 20; ink r 6 20 16 22",
    "Webcam": (
        "main e 5 3 19 17; ink e 8 6 16 14; light e 10 8 13 11; dark p 10 17 14 17 17 21 7 21"
    ),
    "Keyboard": "main r 1 7 23 18; light r 3 9 21 11; light r 3 12 21 14; light r 6 15 18 17",
    "Speaker": "main r 6 2 18 22; dark e 9 4 15 10; dark e 7 11 17 21; light e 10 14 14 18",
    "Power Bank": (
        "main r 5 5 19 19; dark r 5 5 19 8; light e 7 15 9 17; light e 10 15 12 17; ink r 11 3 14 5"
    ),
}

GARDEN = {
    "Watering Can": (
        "main r 6 10 16 20; dark l 16 17 22 8; dark l 6 12 3 12 3 18 6 18; "
        "dark l 8 10 8 6 14 6 14 10"
    ),
    "Pruning Shears": (
        "ink l 12 11 17 3; ink l 12 11 8 3; main l 12 11 7 21; main l 12 11 17 21; "
        "dark e 11 10 14 13"
    ),
    "Plant Pot": (
        "main p 6 13 18 13 16 22 8 22; dark r 5 11 19 14; ink l 12 11 12 4; ink l 12 8 7 4; "
        "ink l 12 8 17 5"
    ),
    "Bird Feeder": "main p 12 3 20 9 4 9; light r 7 9 17 18; dark r 4 18 20 20; ink e 10 11 14 15",
    "Garden Hose": (
        "main e 3 4 21 22; light e 6 7 18 19; main e 8 9 16 17; light e 10 11 14 15; "
        "ink l 20 8 23 3"
    ),
    "Trowel": "main p 12 11 16 3 20 8 13 14; ink l 12 12 8 16; dark l 8 16 4 21",
}

SPORTS = {
    "Yoga Mat": "main r 4 8 21 16; dark e 2 8 8 16; light e 3 10 6 14",
    "Water Bottle": "main r 8 8 16 22; dark r 9 5 15 8; ink r 10 2 14 5; light r 8 12 16 15",
    "Jump Rope": "main l 5 8 4 17 9 21 15 21 20 17 19 8; dark r 3 2 6 9; dark r 18 2 21 9",
    "Backpack": (
        "main r 5 6 19 22; dark r 7 13 17 20; dark l 9 6 9 3 15 3 15 6; light r 10 15 14 16"
    ),
    "Tent": "main p 12 4 22 20 2 20; dark p 12 9 16 20 8 20; ink l 12 4 12 2",
    "Bike Light": "main r 5 7 14 17; light p 14 8 20 5 20 19 14 16; ink r 8 17 11 21",
}

TOYS = {
    "Puzzle": "main r 4 8 16 20; dark e 8 4 12 8; dark e 16 12 20 16; light e 8 16 12 20",
    "Wooden Train": (
        "main r 3 11 16 18; dark r 3 5 9 11; ink r 13 6 15 11; dark e 4 16 9 21; "
        "dark e 12 16 17 21; ink l 17 17 21 17"
    ),
    "Kite": "main p 12 2 19 9 12 17 5 9; dark p 12 2 19 9 12 9; ink l 12 17 9 20 13 22",
    "Board Game": (
        "main r 3 3 21 21; light r 5 5 12 12; light r 12 12 19 19; dark e 14 6 18 10; "
        "ink e 6 14 10 18"
    ),
    "Plush Bear": (
        "main e 5 2 10 7; main e 14 2 19 7; main e 6 3 18 13; main e 5 11 19 23; "
        "light e 9 14 15 21; ink e 9 6 10 8; ink e 14 6 15 8; ink e 11 9 13 11"
    ),
    "Building Blocks": "main r 3 13 11 21; dark r 12 13 20 21; light r 7 4 15 12; ink l 3 13 20 13",
}

OFFICE = {
    "Notebook": "main r 5 2 20 22; dark r 5 2 8 22; light r 10 6 18 10",
    "Fountain Pen": "main p 8 12 16 4 20 8 12 16; ink p 8 12 12 16 5 19; dark l 15 5 19 9",
    "Stapler": "main p 3 9 20 6 22 10 4 13; dark r 4 13 8 16; ink r 3 16 22 19",
    "Desk Organizer": (
        "main r 3 11 12 21; dark r 12 14 21 21; ink l 6 11 5 4; light l 9 11 10 5; ink l 16 14 17 8"
    ),
    "Whiteboard": (
        "main r 2 4 22 18; light r 4 6 20 16; ink l 6 9 14 9; ink l 6 12 11 12; dark r 8 18 16 20"
    ),
    "Paper Tray": (
        "main p 3 9 21 9 23 13 1 13; light p 4 5 20 5 21 9 3 9; main p 2 17 22 17 23 21 1 21; "
        "light p 4 13 20 13 21 17 3 17"
    ),
}

RIDES = {
    "Road Bike": (
        "ink e 1 11 10 20; light e 3 13 8 18; ink e 14 11 23 20; light e 16 13 21 18; "
        "main l 5 15 10 8 17 8 19 15; main l 5 15 12 15 17 8; ink l 17 8 16 5 20 5; "
        "ink l 8 7 12 7"
    ),
    "Mountain Bike": (
        "ink e 1 10 11 20; light e 4 13 8 17; ink e 13 10 23 20; light e 16 13 20 17; "
        "main l 6 15 9 9 16 10 18 15; main l 6 15 12 16 16 10; ink l 16 10 15 6 19 6; "
        "ink l 7 8 11 8"
    ),
    "Folding Bike": (
        "ink e 2 14 9 21; light e 4 16 7 19; ink e 15 14 22 21; light e 17 16 20 19; "
        "main l 5 17 12 14 18 17; main l 9 15 8 6; main l 17 15 16 4; ink l 6 6 11 6; "
        "ink l 14 4 19 4"
    ),
    "Kids Bike": (
        "ink e 2 11 9 18; light e 4 13 7 16; ink e 14 11 21 18; light e 16 13 19 16; "
        "main l 5 14 9 9 15 9 17 14; dark e 7 17 10 20; ink l 15 9 15 5 18 5; ink l 7 8 10 8"
    ),
    "Canoe": "main p 1 10 23 10 19 17 5 17; dark p 1 10 23 10 20 13 4 13; ink l 8 4 17 20",
    "Sailing Dinghy": (
        "main p 3 16 21 16 18 21 6 21; ink l 12 2 12 16; light p 13 3 20 14 13 14; "
        "dark p 11 5 11 14 5 14"
    ),
    "Kayak": "main e 1 10 23 16; dark e 9 11 15 15; ink l 4 5 20 21",
    "Rowing Boat": (
        "main p 2 10 22 10 18 18 6 18; dark r 6 11 18 13; ink l 8 12 2 20; ink l 16 12 22 20"
    ),
}

ROOMS = {
    "Bookshelf": (
        "main r 4 2 20 22; light r 6 4 18 9; light r 6 11 18 15; light r 6 17 18 21; "
        "dark r 7 5 10 9; ink r 11 4 13 9; dark r 12 12 16 15; ink r 7 17 9 21"
    ),
    "Armchair": (
        "main r 6 4 18 15; dark r 3 10 7 19; dark r 17 10 21 19; light r 7 13 17 17; "
        "ink r 5 19 7 22; ink r 17 19 19 22"
    ),
    "Dining Table": "main p 4 8 20 8 23 12 1 12; dark r 3 12 5 21; dark r 19 12 21 21",
    "Dresser": (
        "main r 3 5 21 20; light r 5 7 11 11; light r 13 7 19 11; light r 5 13 19 18; "
        "ink e 7 8 9 10; ink e 15 8 17 10; ink e 11 15 13 17"
    ),
    "Acoustic Guitar": (
        "main e 2 11 13 22; main e 6 8 14 16; ink e 6 13 10 17; dark l 11 11 20 3; "
        "ink p 18 3 21 2 22 5 20 6"
    ),
    "Keyboard Piano": (
        "main r 1 7 23 17; light r 2 11 22 17; ink r 4 11 5 15; ink r 7 11 8 15; "
        "ink r 11 11 12 15; ink r 14 11 15 15; ink r 18 11 19 15"
    ),
    "Violin": (
        "main e 4 12 14 22; main e 8 8 16 16; dark l 7 19 14 10; ink l 13 11 20 3; ink e 18 2 21 5"
    ),
    "Drum Kit": (
        "main e 7 9 18 21; light e 9 11 16 19; dark r 2 12 7 17; dark r 18 12 23 17; "
        "ink l 2 6 8 4; ink l 16 4 22 6; ink l 5 5 5 12; ink l 19 5 19 12"
    ),
    "Film Camera": (
        "main r 2 7 22 19; dark r 8 4 16 7; ink e 8 8 17 17; light e 10 10 15 15; "
        "light r 18 8 21 10"
    ),
    "Zoom Lens": (
        "main r 5 5 19 20; dark r 5 9 19 11; dark r 5 14 19 16; ink e 6 2 18 8; light e 8 3 16 7"
    ),
    "Camera Bag": (
        "main r 3 9 21 21; dark p 3 9 21 9 18 14 6 14; ink l 5 9 8 3 16 3 19 9; light r 10 13 14 15"
    ),
    "Flash": "main r 7 3 17 12; light r 8 4 16 9; dark r 9 12 15 18; ink r 8 18 16 21",
}

SILHOUETTES = KITCHEN | ELECTRONICS | GARDEN | SPORTS | TOYS | OFFICE | RIDES | ROOMS
"""The drawing of each kind of thing that a local site sells."""

PARCEL = "main r 3 7 21 21; dark r 3 7 21 11; light r 11 7 13 21"
"""The drawing of a parcel, for titles that name no known kind of thing."""
