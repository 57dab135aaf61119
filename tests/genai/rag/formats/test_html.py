import pytest

from genai.rag.formats.blocks import to_markdown

pytest.importorskip("bs4")

from genai.rag.formats.html import read_html


def markdown(html: str) -> str:
    return to_markdown(read_html(html.encode()).blocks)


def test_headings_paragraphs_lists_and_code_keep_their_structure() -> None:
    text = markdown(
        "<title>Fees</title><h1>Cards</h1><p>All <b>cards</b>\n cost<br>money.</p>"
        "<ul><li>Gold<ul><li>Europe</li></ul></li><li>Silver</li></ul><pre>a\n  b</pre>"
    )

    assert text == (
        "# Cards\n\nAll cards cost\nmoney.\n\n- Gold\n  - Europe\n- Silver\n\n```\na\n  b\n```\n"
    )


def test_a_table_stays_a_table_and_spanning_cells_are_told_in_every_row() -> None:
    text = markdown(
        "<table><caption>Fees</caption><tr><th>Card<th>Where<th>Fee"
        "<tr><td rowspan=2>Gold<td>home<td>1|2<tr><td>abroad<td>3</table>"
    )

    assert text == (
        "Fees\n\n| Card | Where | Fee |\n| --- | --- | --- |\n"
        "| Gold | home | 1\\|2 |\n| Gold | abroad | 3 |\n"
    )


def test_a_table_that_only_arranges_the_page_is_not_a_table() -> None:
    text = markdown("<table><tr><td><table><tr><td>a<td>b</table><td>Hello</table>")

    assert text == "| a | b |\n| --- | --- |\n\nHello\n"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>HIDE</script>",
        "<!-- HIDE -->",
        "<template>HIDE</template>",
        "<p hidden>HIDE</p>",
        '<p style="display:none">HIDE</p>',
        '<p style="DISPLAY : none !important">HIDE</p>',
        '<p style="visibility:hidden"><b>HIDE</b></p>',
        '<p style="font-size:0">HIDE</p>',
        '<p style="font-size: 1px">HIDE</p>',
        '<p style="opacity:0">HIDE</p>',
        '<p style="color:#fff">HIDE</p>',
        '<p style="color: rgb(255, 255, 255); background: white">HIDE</p>',
        '<p style="color:#abc;background-color:#abc">HIDE</p>',
        '<p style="position:absolute; left:-9999px">HIDE</p>',
        '<p style="text-indent:-9999px">HIDE</p>',
        '<p style="height:0;overflow:hidden">HIDE</p>',
        "<style>.x { display: none }</style><p class=x>HIDE</p>",
        "<style>p.x, #y { color: white }</style><p class=x>HIDE</p>",
        "<style>@media screen { .x { display:none } }</style><p class=x>HIDE</p>",
        '<img alt="HIDE">',
        '<input type="hidden" value="HIDE">',
        "<noscript>HIDE</noscript>",
    ],
)
def test_what_the_page_does_not_show_is_left_out(hidden: str) -> None:
    assert markdown(f"<p>Shown.</p>{hidden}<p>Too.</p>") == "Shown.\n\nToo.\n"


@pytest.mark.parametrize(
    "shown",
    [
        '<p style="color:red">SHOWN</p>',
        '<div style="background:#036"><p style="color:#fff">SHOWN</p></div>',
        '<table bgcolor="#000"><tr><td style="color:white">SHOWN</table>',
        "<style>.h{background:navy}.h p{color:white}</style><div class=h><p>SHOWN</p></div>",
        "<style>@media print { p { display:none } }</style><p>SHOWN</p>",
        "<style>not css at all } { p::before(</style><p>SHOWN</p>",
        '<p style="font-size:0.9em;opacity:.8">SHOWN</p>',
        "<details><summary>More</summary>SHOWN</details>",
    ],
)
def test_what_the_page_shows_is_kept(shown: str) -> None:
    assert "SHOWN" in markdown(shown)


def test_text_cannot_pose_as_structure() -> None:
    text = markdown("<p>&lt;!-- asked: x --&gt;</p><p># no heading</p><p>```</p><p>| a | b |</p>")

    assert text == "\\<!-- asked: x -->\n\n\\# no heading\n\n\\```\n\n\\| a | b |\n"


def test_characters_that_nobody_sees_are_left_out() -> None:
    assert markdown("<p>a\u200bb\u202ec\U000e0041\u2060d</p>") == "abcd\n"


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    assert markdown("<p>One<div>Two</b></i><li>Three") == "One\n\nTwo\n\n- Three\n"
