"""What somebody takes back of his own words, which is no order to drop somebody else's.

    ignore my last message, how do I close my account?  ──▶  how do I close my account?

Whoever pretends that the operator's words are his has to say what he wants instead, and that is read.
"""

import re

_DROP = (
    r"\b(?:ignor(?:e|ing)|forget(?: about)?|disregard|scratch|skip|never ?mind|scrap|drop|delete|cancel"
    r"|override|overlook|leave aside)"
)
_SAID = r"(?:said|wrote|asked|typed|sent|told you|mentioned|posted|requested|ordered)"
_WORDS = (
    r"(?:messages?|questions?|requests?|texts?|e-?mails?|mails?|notes?|comments?|posts?|orders?|sentences?"
    r"|answers?|queries|query|chats?|appointments?|typos?)"
)
_EARLIER = (
    r"(?:(?:very |two |three |few )?"
    r"(?:last|previous|earlier|first|prior|recent|other|old|above|former) ){0,2}"
)
_ABOUT = (
    r"(?:\w{3,12} )?instructions?"
    r"(?=(?: (?:i|we) (?:gave|sent|made)\b[^.!?\n]{0,20})? (?:to|about|for|on|regarding|concerning|of) )"
)
_OWN = (
    rf"(?:(?:my|our) {_EARLIER}(?:(?:two |three |few )?(?:\w{{3,12}} )?{_WORDS}|{_ABOUT})"
    rf"|(?:my|our|the) (?:earlier|previous|last|first) (?:one|two|ones)"
    rf"|(?:my|our|the) {_EARLIER}(?:payment|transfer|standing|delivery|investment) instructions?"
    rf"|(?:what(?:ever)?|everything|anything|all|the (?:last )?things?)(?: that)? (?:i|we)"
    rf"(?:'ve| have| had)? (?:just |only )?{_SAID}"
    r"(?: (?:before|earlier|above|previously|so far|just now|to you)){0,3}"
    rf"|(?:the )?(?:last|previous|earlier|first) (?:messages?|questions?|requests?|e-?mails?)"
    rf"(?=\s*(?:[.,;!?]|\Z| (?:i|we|that i|which i) )))"
)
_NOT_HIS = (
    r"(?!,?\s(?:and|or|as well as|plus|along with|including)\b[^.!?\n]{0,40}\b"
    r"(?:rules?|instructions?|prompts?|guidelines?|told|directives?|training|polic(?:y|ies)|restrictions?)\b)"
)
_TAKEN_BACK = re.compile(
    rf"{_DROP} (?:all |all of |both |any of )?{_OWN}\b{_NOT_HIS}", re.IGNORECASE
)


def without_taken_back(text: str) -> str:
    """The text with what its writer takes back blanked, and as long as before."""
    return _TAKEN_BACK.sub(lambda match: " " * len(match[0]), text)
