from hypothesis import given
from hypothesis import strategies as st

from genai.rag.permissions import ERASED, SHARED, Reader, Readers, may_read, scopes_for, scopes_of

NAMES = st.sampled_from(["a", "b", "all", "", "user", 'a", "b', "a|b"])
SOME = st.lists(NAMES, max_size=2).map(tuple)
READERS = st.builds(Readers, users=SOME, groups=SOME, roles=SOME)
READER = st.builds(Reader, tenant=NAMES, user=NAMES, groups=SOME, roles=SOME)


@given(NAMES, READERS, READER)
def test_a_document_and_a_reader_share_a_scope_exactly_when_one_may_read_the_other(
    tenant: str, readers: Readers, reader: Reader
) -> None:
    named = (
        (reader.user != "" and reader.user in readers.users)
        or bool(set(reader.groups) & set(readers.groups))
        or bool(set(reader.roles) & set(readers.roles))
    )
    allowed = reader.tenant == tenant and (readers.anybody or named)

    assert bool(set(scopes_for(reader)) & set(scopes_of(tenant, readers))) == allowed
    assert may_read(reader, readers) == (readers.anybody or named)


@given(READER)
def test_everybody_reads_what_is_shared(reader: Reader) -> None:
    assert set(scopes_for(reader)) & set(scopes_of(SHARED, Readers()))


@given(READER)
def test_scopes_can_be_written_into_any_query(reader: Reader) -> None:
    assert set("".join(scopes_for(reader))) <= set("0123456789abcdef")


@given(NAMES, READERS)
def test_without_a_user_no_list_opens_to_more_people(user: str, readers: Readers) -> None:
    left = readers.without(user)

    assert user not in left.users
    assert left.anybody == readers.anybody
    assert set(left.users) <= {*readers.users, ERASED}
    assert (left.groups, left.roles) == (readers.groups, readers.roles)
