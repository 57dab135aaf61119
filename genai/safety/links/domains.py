"""Recognises host names among dotted words."""


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
_OTHER_SCRIPTS = words(
    "1ck2e1b 1jqy23i 1qqw23a 2scrj9c 30rr7y 3bst00m 3ds443g 3e0b707e 3oq18vl8pn36a 3pxu8k 42c2d9a"
    " 45brj9c 45q11c 4dbrk0ce 4gbrim 54b7fta0cc 55qw42g 55qx5d 5tzm5g 6frz82g 6qq986b3xl 80adxhks"
    " 80ao21a 80asehdb 80aswg 90a3ac 90ae 90ais 9dbq2a 9et52u bck1b9a5dre4c c1avg c1yn36f c2br7g cck2b3b"
    " cckwcxetd cg4bki clchc0ea0b2g2a9gcd czr694b czrs0t czru2d d1acj3b d1alf e1a4c fhbei fiq228c5hs"
    " fiqs8s fiqz9s fjq720a flw351e fpcrj9c3d fzc2c9e2c g2xx48c gckr3f0f gecrj9c gk3at1e h2brj9c hxt814e"
    " i1b6b1a6a2e imr513n io0a7i j1aef j1amh j6w193g kcrx77d1x4a kprw13d kpry57d kput3i l1acc"
    " lgbbat1ad8j mgb9awbf mgba3a4f16a mgbaaap4b0ij mgbaam7a8h mgbab2bd mgbai9azgqp6j mgbayh7gpa"
    " mgbc0a9azcg mgberp4a5d4ar mgbtf8fl mgbtx2b mix082f mix891f mk1bu44c mxtq1m ngbc5azd node nqv7f"
    " nqv7fs00ema nyqy26a o3cw4h od0alg otu796d p1acf p1ai pbt977c pgbs0dh q9jyb4c qcka1pmc qxa6a qxam"
    " rhqv96g rvc1e0am3e s9brj9c ses554g t60b56a tckwe unup4y vhquv vuq861b w4rs40l wgbh1c wgbl6a"
    " xhq521b xkc2al3hye2a xkc2dl3a5ee0h y9a3aq yfro4i67o ygbi2ammx zfr164b"
)
"""In Punycode, without ``xn--``."""
_SECOND = words("co com net org ac gov edu ltd plc")


def is_top(label: str) -> bool:
    """Whether it is a top-level domain."""
    small = label.lower()
    if not small.isascii():
        return small.encode("punycode").decode() in _OTHER_SCRIPTS
    return small in _GENERAL or small in _COUNTRIES or small.startswith("xn--")


def has_room(labels: list[str]) -> bool:
    """Whether the host name can carry data: below the registrable domain."""
    registered = 3 if labels[-1].lower() in _COUNTRIES and labels[-2].lower() in _SECOND else 2
    return len(labels) > registered
