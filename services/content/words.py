"""Word lists of the offline composer: what carries no topic, and how people instruct a writer."""

from __future__ import annotations

from typing import Final

import regex

_ENGLISH: Final = """
everyone everybody somebody nobody yesterday tonight i'm we're we've it's that's there's what's a about above across
after again against all almost along already also although always am among an and another any anyone anything are
around as at away back be because been before behind being below between both but by can cannot could did do does
doing done down during each either else enough even ever every few for from further get gets getting give go goes
going gone got had has have having he her here hers him his how however i if in into is it its itself just keep less
let lets like made make makes making many may me might mine more most much must my near need needs neither never no
nor not nothing now of off often on once one only onto or other others our ours out over own per please put rather
really same say says see seem several shall she should since so some something soon still such take takes than that
the their theirs them then there these they thing things this those though through thus to today together tomorrow
too toward two three under until up upon us use used uses using very via want wants was way ways we well were what
when where whether which while who whom whose why will with within without would yes yet you your yours
"""
_GERMAN: Final = """
ab aber alle allem allen aller alles als also am an andere auch auf aus bei beim bin bis bist da dabei dadurch dafür
damit dann das dass dein deine dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch
ein eine einem einen einer eines er es etwas euch euer für gegen hat hatte hatten habe haben hier hinter ich ihm ihn
ihnen ihr ihre ihrem ihren im in indem ins ist ja jede jeder jedes jetzt kann kein keine können machen man mehr mein
meine mit muss nach nicht noch nun nur ob oder ohne schon sehr sein seine seit sich sie sind so sogar soll sollen
sondern über um und uns unser unsere unserem unseren unter viel vom von vor war waren was weil welche wenn wer
werden wie wieder will wir wird wo zu zum zur zwischen
"""
_ROMANCE: Final = """
au aux avec ce ces cette dans de des du elle en est et il ils la le les leur mais ne nos notre nous ont ou où par
pas pour que qui sa se ses son sont sur un une vous con como cuando del desde donde el ella ellos entre era es esta
este esto ha hay las los más muy nuestra nuestro para pero por porque según ser si sin sobre su sus también tiene
una uno y
"""
_WEAK: Final = """
four five six seven eight nine ten eleven twelve vier fünf sechs sieben acht neun zehn zwölf
january february march april june july august september october november december monday tuesday wednesday thursday
friday saturday sunday januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag
freitag samstag sonntag utc gmt cet cest est edt pst pdt kb mb gb tb ms cto ceo cfo vp import def class return const
function print able actually add added adds available become best better big bigger bring brings build builds built
call called change changed changes cheaper come comes coming day days easier easy excited fast faster feature
features fewer find first free full good great half happy help helps high higher hour hours huge important including
instead join know large larger last later latest launch launched launches launching learn less long longer look
looking lot low lower million minute minutes month months move moved never new news next old open part people place
post proud quick quickly read ready release released releases releasing right run running runs second seconds share
ship shipped shipping ships show shows simple single slow slower small smaller something start started starting
starts stop supports team teams thousand time times try turn week weeks work works world write writes writing
written year years neu neue neuen neuer neues heute morgen gestern jahr jahre jahren tag tage tagen woche wochen
stunde stunden minuten
"""

STOP: Final = frozenset((_ENGLISH + _GERMAN + _ROMANCE).split())
"""Words that say nothing about a topic."""
WEAK: Final = frozenset(_WEAK.split())
"""Words that make a poor hashtag when they stand alone."""

_I: Final = regex.IGNORECASE
_KIND: Final = (
    r"(?:(?:linked-?in|mastodon|bluesky|facebook|instagram|twitter|social(?:[- ]media)?|blog)\s+)?"
    r"(?:posts?|tweets?|toots?|threads?|updates?|announcements?|messages?|copy|drafts?|something|notes?|captions?)"
)
FRAMES: Final = (
    regex.compile(r"^(?:share|give|post)\s+(?:some\s+)?(?=(?:tips|lessons|advice|thoughts|ideas)\b)", _I),
    regex.compile(r"^(?:post|tweet|toot|draft|text|beitrag)\s*:\s*", _I),
    # "Write a short LinkedIn post for our users about …", "Post: …"
    regex.compile(
        r"^(?:please\s+|can you\s+|could you\s+|let'?s\s+)?(?:write|draft|create|make|compose|prepare"
        r"|do|publish|post|share|send)"
        rf"\s+(?:me\s+|us\s+)?(?:a\s+|an\s+|the\s+|some\s+|up\s+)*(?:[\w-]+,?\s+){{0,4}}?{_KIND}\b"
        r"(?:\s+(?:for|on|to)\s+(?:(?!about\b|that\b|announcing\b)[\w,&-]+\s+){0,5}?(?=about|that|announcing|saying|:))?"
        r"\s*(?:about|on|announcing|that announces|to announce|saying|that says|regarding|explaining|for|that|:|,|–|-)?"
        r"\s*(?:that\s+|how we\s+announce\s+)?",
        _I,
    ),
    regex.compile(
        r"^(?:please\s+|let'?s\s+)?(?:announce|announcing|mention|promote|highlight|cover"
        r"|tell (?:people|everyone|them|folks|(?:our|my|the) \w+)"
        r"|let (?:people|everyone|them|folks|(?:our|my|the) \w+) know"
        r"|remind (?:people|everyone|them|(?:our|my|the) \w+)"
        r"|(?:write|talk|post|tweet|toot|share)\s+(?:about|that))(?:\s+(?:that|about))?\s*:?\s+",
        _I,
    ),
    regex.compile(
        r"^(?:we(?:'re|’re| are)|i(?:'m|’m| am)|the team is)\s+(?:\w+\s+)?"
        r"(?:excited|thrilled|happy|proud|pleased|delighted|glad)"
        r"\s+to\s+(?:announce|share|say|tell you|report|introduce|present)(?:\s+that)?\s*:?\s+",
        _I,
    ),
    regex.compile(
        r"^(?:bitte\s+)?(?:schreib(?:e|en sie)?|verfass(?:e|en sie)?|erstell(?:e|en sie)?)\s+"
        r"(?:bitte\s+)?(?:uns\s+|mir\s+)?"
        r"(?:einen|eine|ein|den|die|das)?\s*(?:[\w-]+\s+){0,2}?(?:post|beitrag|tweet|text|ankündigung|meldung)\s*"
        r"(?:über|zu|zum|zur|dazu,? dass|dass|:|,)?\s*",
        _I,
    ),
    regex.compile(r"^wir freuen uns,?\s+(?:mitzuteilen|anzukündigen|bekannt ?zu ?geben),?\s+dass\s+", _I),
)
"""How a brief addresses its writer before it says anything."""

PROSE_LABEL: Final = regex.compile(r"^(?:key )?(?:facts?|details?|context|background|notes?|points?)\s*:\s*", _I)
"""A heading people put before facts within a line."""

ASIDES: Final = (
    regex.compile(r"^(?:please\s+)?(?:keep|make)\s+(?:it|this|the (?:post|tone|text|copy))\b", _I),
    regex.compile(
        r"^(?:please\s+)?(?:use|add|include|avoid|don['’]?t|do not|no|with|without|max(?:imum)?|at most|under)\b[^.]*"
        r"\b(?:emojis?|hashtags?|tone|jargon|call to action|cta|exclamation marks?|characters|words|buzzwords|hype)\b",
        _I,
    ),
    regex.compile(
        r"^(?:tone|style|voice|(?:target )?audience|length|format|channels?|platforms?|networks?|deadline)\s*:", _I
    ),
    regex.compile(r"^(?:please\s+)?(?:mention|include|add|use|put)\s+(?:the|a|our|this)\s+(?:link|url)\b", _I),
    regex.compile(r"^(?:please review|let me know|can you|could you|wdyt|fyi|asap)\b", _I),
    regex.compile(r"^(?:thanks|thank you|thx|cheers|hi|hello|hey|hallo|danke)\b[\s\w]{0,12}[!.,]*$", _I),
)
"""Sentences meant for the writer and for nobody else."""

LABELS: Final = regex.compile(
    r"^(?P<label>title|topic|subject|headline|link|url|cta|call to action|hashtags?|tags?|facts?|details?"
    r"|context|notes?|background|key points?|brief|quote|thema|titel)\s*:\s*(?P<rest>.*)$",
    _I,
)

LEAD_IN: Final = regex.compile(
    r"^(?:(?:here['’]?s the|the|full|more|read|see|details|and)\s+)*"
    r"(?:link|url|read more|more|here|details|info|docs|source|website|see|read|post ?mortem|story|paper|slides"
    r"|recording|release notes|changelog|announcement|article|mehr|hier)?(?:\s+(?:at|here|on))?\W*$",
    _I,
)
"""What stands before a link and says nothing without it."""

LINK_LABEL: Final = regex.compile(r"^(?:[\p{L}\p{N}'’-]+\s*){1,3}:\s*(?:\uE000\d+\uE001\W*)+$", _I)
"""A label of a few words before a link ("Numbers:")."""

IMPERATIVE: Final = regex.compile(
    r"^(?:try|join|rsvp|read|sign up|register|download|get|see|apply|book|come|subscribe|star|install|upgrade|check out"
    r"|tell us|let us know|reply|watch|visit|vote|start|learn|meet|save|grab|explore|ask us"
    r"|jetzt|lest|meldet euch|bewerbt euch|probiert|schaut)\b",
    _I,
)
"""How a sentence asks readers to act."""

SUPERLATIVE: Final = regex.compile(
    r"\b(?:the first|first[- ](?:to|ever)|only|fastest|best|most|largest|biggest|smallest|cheapest|lowest|highest"
    r"|never|always|leading|unique|guaranteed?|proven|no other|world['’]s|record|outperforms?|twice|double[sd]?|half"
    r"|halve[sd]?|tenfold|faster|cheaper|safer|better"
    r"|erste[rns]?|einzige[rns]?|schnellste[rns]?|beste[rns]?|größte[rns]?|doppelt|halbiert)\b",
    _I,
)
