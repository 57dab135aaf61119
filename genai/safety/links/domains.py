"""Which words that end in a dot and some letters are names of hosts."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GENERAL = words(
    "com net org edu gov mil int info biz name pro aero coop museum jobs mobi travel tel asia cat post"
    " app dev page web site website online store shop tech top club live space fun icu vip xyz link"
    " click cloud zip mov email host hosting press today world agency bank finance money cash credit"
    " loan insure fund trade market markets exchange digital network systems solutions services"
    " support help care center chat social media news blog wiki review reviews download stream video"
    " games game bet casino win bid date faith party racing science work men loans rest ooo bar cafe"
    " life love one group team global international company business ventures capital partners"
    " academy education school university tools software technology computer codes engineering run"
    " design studio photo photos art gallery rocks ninja guru zone city land house homes estate tax"
    " legal law llc inc ltd gmbh mba buzz monster quest beauty hair skin makeup autos boats cyou sbs"
    " cfd lol pics mom bond onion local test example invalid localhost arpa"
)
_COUNTRIES = words(
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv"
    " bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er"
    " es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht"
    " hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr"
    " ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng"
    " ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd"
    " se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv"
    " tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_SECOND = words("co com net org ac gov edu ltd plc")


def is_top(label: str) -> bool:
    """Whether names of hosts end in this."""
    small = label.lower()
    return small in _GENERAL or small in _COUNTRIES or small.startswith("xn--")


def has_room(labels: list[str]) -> bool:
    """Whether data fits into the name itself: below the part that somebody must register."""
    registered = 3 if labels[-1].lower() in _COUNTRIES and labels[-2].lower() in _SECOND else 2
    return len(labels) > registered
