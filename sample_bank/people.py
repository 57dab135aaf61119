"""Names and places of the sample data. All persons and companies are invented."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES: Final = (  # city, country, weight
    ("Hamburg", "Germany", 18),
    ("Bremen", "Germany", 9),
    ("Rotterdam", "Netherlands", 13),
    ("Amsterdam", "Netherlands", 10),
    ("Antwerp", "Belgium", 10),
    ("Marseille", "France", 8),
    ("Nantes", "France", 5),
    ("Barcelona", "Spain", 8),
    ("Valencia", "Spain", 6),
    ("Lisbon", "Portugal", 6),
    ("Genoa", "Italy", 4),
    ("Dublin", "Ireland", 3),
)

BRANCHES: Final = (  # name, city, country, opened on
    ("Hamburg Speicherstadt", "Hamburg", "Germany", "1961-04-03"),
    ("Hamburg Altona", "Hamburg", "Germany", "1984-09-17"),
    ("Bremen Schlachte", "Bremen", "Germany", "1975-05-12"),
    ("Rotterdam Maashaven", "Rotterdam", "Netherlands", "1988-02-01"),
    ("Amsterdam Oosterdok", "Amsterdam", "Netherlands", "1994-10-10"),
    ("Antwerp Eilandje", "Antwerp", "Belgium", "1997-03-24"),
    ("Marseille Vieux-Port", "Marseille", "France", "2001-06-11"),
    ("Nantes Loire", "Nantes", "France", "2006-01-16"),
    ("Barcelona Port Vell", "Barcelona", "Spain", "2003-11-03"),
    ("Valencia Grao", "Valencia", "Spain", "2009-04-20"),
    ("Lisbon Alcantara", "Lisbon", "Portugal", "2012-09-03"),
    ("Genoa Molo", "Genoa", "Italy", "2016-05-30"),
    ("Dublin Docklands", "Dublin", "Ireland", "2019-02-18"),
)

FIRST_NAMES: Final = _words("""
Ada Adrian Agnes Alba Amir Andrea Anke Anna Anton Beatriz Bram Carla Carlos Cecile Chiara Ciara
Clara Conor Daan David Diego Elena Elias Elif Emil Emma Eva Fatima Felix Femke Filipa Finn
Giulia Hanna Hugo Ines Irene Isabel Jan Jana Joana Johanna Jonas Julia Karim Klaus Laura Lea
Leon Lieke Lina Lotte Louis Luca Lucia Maeve Maja Manon Marco Maria Marta Mateo Mehmet Mia
Miguel Nadia Nina Noah Nora Olga Oscar Pablo Paula Pieter Rafael Rosa Rui Sanne Sara Simon Sofia
Stefan Sven Teresa Theo Thijs Tiago Tom Ulrike Vera Victor Wim Yara Yusuf Zoe
""")

LAST_NAMES: Final = _words("""
Aalders Almeida Andersen Arnaud Barros Becker Bernard Bianchi Blanco Boer Brandt Byrne Cabral
Castro Claes Conti Costa Daly Dekker Delgado Devos Dijkstra Doyle Duarte Dubois Ebert Esposito
Fabre Farrell Ferrari Ferreira Fischer Fontaine Fuchs Gallo Garcia Gerber Girard Gomes Greco
Haan Hansen Hartmann Hendriks Herrera Hofmann Iglesias Jacobs Jansen Keller Kelly Koch Kramer
Kuiper Lambert Lange Leclerc Lopes Lorenz Maes Marino Martin Meijer Mendes Meyer Molina Moreau
Moreno Mulder Murphy Navarro Neumann Nolan Novak Oliveira Ortega Peeters Pereira Petit Pinto
Prins Quinn Ramos Renard Ricci Richter Rivera Romano Roussel Ruiz Ryan Santos Schmitt Schulte
Serra Simons Smits Soares Steiner Torres Vargas Verhoeven Vidal Visser Vogel Wagner Walsh Weber
Willems Winter Wolff Zimmer
""")

SPENDING: Final = {  # category: (weight, typical amount in EUR, merchants)
    "groceries": (30, 118, ("Kornmarkt", "FreshQuay", "Supermar", "Dagwinkel")),
    "restaurants": (16, 72, ("Trattoria Molo", "Fischhalle 7", "Casa Tapa", "Cafe Kaai")),
    "transport": (13, 46, ("HafenBus", "RailNorth", "MetroCoast", "TaxiPort")),
    "shopping": (12, 165, ("Modehuis", "ElectroDock", "Galerie Sud", "Northwind Store")),
    "utilities": (8, 172, ("CoastPower", "AquaStad", "FibreNet")),
    "entertainment": (7, 58, ("KinoKai", "StreamHaven", "Teatro Mare")),
    "health": (5, 94, ("Apotheke am Hafen", "Farmacia Sol", "DentaPort")),
    "travel": (4, 610, ("AirLittoral", "Hotel Rada", "FerryLink")),
    "cash": (5, 180, ("Harbour Bank ATM", "CoastCash ATM")),
}

LANDLORDS: Final = ("Wohnbau Nord", "Havenwonen", "Logis Atlantique", "Casas del Mar")
EMPLOYERS: Final = (
    "Elbe Logistics",
    "Maas Shipping",
    "Delta Foods",
    "Porto Textil",
    "Liguria Tech",
)
ABROAD: Final = ("Switzerland", "United Kingdom", "United States", "Greece", "Denmark", "Austria")
