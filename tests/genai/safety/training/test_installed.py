from genai.safety.training.installed import installed_texts


def test_parts_of_descriptions_are_found_and_are_the_same_each_time() -> None:
    found = installed_texts("learnt", 40)

    assert found == installed_texts("learnt", 40)
    assert len(found) == 40
    assert all(300 <= len(text) <= 1500 for text in found)


def test_what_is_kept_is_of_other_packages() -> None:
    assert not set(installed_texts("learnt", 200)) & set(installed_texts("kept", 200))


def test_none_are_read_where_none_are_wanted() -> None:
    assert installed_texts("learnt", 0) == []
