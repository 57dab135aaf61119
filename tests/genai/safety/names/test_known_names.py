from genai.safety.names.known_names import _listed, cultures


def test_lists_of_any_kind_give_names_in_latin_letters_once() -> None:
    provider = {
        "first_names": ("Anna", "Zoë", "Анна", "anna", "4you"),
        "first_names_male": {"Anna": 0.5, "Jean-Luc": 0.1},
        "first_names_female": None,
    }

    names = ("first_names", "first_names_male", "first_names_female")
    assert _listed(provider, names) == ["Anna", "Jean-Luc", "Zoë"]


def test_every_culture_has_enough_names_of_both_kinds() -> None:
    assert all(len(names) >= 20 for culture in cultures() for names in culture.values())
