"""What forum software writes around a post: profiles, ranks, badges, buttons, subjects, signatures, heads and feet."""

from __future__ import annotations

import re

from stance.readers.dumps.furniture import in_a_row

PROFILE = re.compile(
    r"(?:join(?:ed)?(?: date)?|registered|member since|posts?|messages?|location|from|country|gender|age|likes?(?:"
    r" received| given)?|liked|reputation|rep(?: power)?"
    r"|trophy points|reaction score|reactions|points|thanks(?: given| received)?|thanked|topics|blog entries|karma"
    r"|warnings|status|interests|occupation|contact"
    r"|last online|has thanked|been thanked|mood|title|real name)[ \t]?:[ \t]*\S.{0,60}"
    r"|(?:join date|joined|posts|messages|location|last online|last active|thanks|likes|rep power|reputation"
    r"|reaction score|reactions|trophy points|points|solutions|media|age|registriert"
    r"(?: seit)?|beiträge|reaktionspunkte|punkte|ort|inscrit|score de réaction|registrado|mensajes|puntos|iscritto"
    r"|messaggi|lid geworden|berichten)(?:"
    r" [A-Z][a-z]{2} \d{4})?"
    r"|[\d,.]{1,9}[KM]?[ \t]+(?:posts?|messages|topics|reputation|likes?|points|comments?)|(?:thanked|liked) [\d,]+"
    r" times.{0,40}"
    r"|\d{1,3}(?:,\d{3})*|[A-Z][a-z]{2} \d{4}|location .{2,40}|posts [\d,]{1,9}|[✭★☆*·•|]{1,12}|today @ .{4,12}",
    re.I,
)
RANK = re.compile(
    r"(?:(?:junior|senior|full|hero|sr\.?|jr\.?|new|active|well-known|advanced|super|distinguished|trusted|gold|silver"
    r"|platinum|regular|expert|prolific|elite) )?"
    r"members?|newbie|newcomer|moderators?|global moderator|administrators?|admin|regular|veteran|legend(?:ary)?"
    r"|banned|guest|registered users?.{0,40}|closed accounts?"
    r"|forumite|contributor|supporter|vip|staff|god|addict|(?:super|power) user|(?:is |user is )?(?:offline|online)"
    r"|.{1,40} is (?:offline|online)(?: now)?|leader|enthusiast"
    r"|thread starter|topic starter|topic author|op|original poster|site admin|forum (?:member|regular|veteran"
    r"|moderator)|resident|user|posting (?:freak|legend)",
    re.I,
)
BADGES = re.compile(
    r"(?:(?:part of the furniture|[\d,]{1,6} (?:posts|likes|comments)|name dropper|combo breaker|(?:first|second|third"
    r"|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th))"
    r" anniversary|first (?:post|comment)|photogenic|newshound!?|i(?:['’]ve)? (?:been|helped) .{3,30}[!.]?|money"
    r" tipped!?|cashback cashier|rampant recycler|debt-free and proud!"
    r"|mortgage-free glee!|chutzpah haggler|xmas saver!|bake off boss!|academoney grad|ppi party pooper|car insurance"
    r" carver!?|home insurance hacker!?|organi[sz]er"
    r"|stoptober survivor|uniform washer|energy saving champion|savings ambassador|answered|friend of"
    r" .{3,20})[ \t,]*){1,9}",
    re.I,
)
BUTTON = (
    r"(?:reply(?: with quote)?|quote|multi-?quote|report(?: (?:post|to moderator))?|like|unlike|thanks?|top|go to top"
    r"|back to top|logged|ip logged|share(?: this post)?"
    r"|share on other sites|link to (?:comment|post)|send (?:pm|message|private message)|view (?:profile|public"
    r" profile|forum posts|post|www)|find more posts by .{1,40}"
    r"|edit|delete|bookmark|\+ quote|profile|pm|www|email|save|follow|options|0|\d{1,5} likes?|(?:\d{1,5} )?repl(?:y"
    r"|ies)|solution|up ?vote|down ?vote|[-+]?\d{1,5}|»|⋮|\.{3})"
)
BUTTONS = re.compile(
    rf"{in_a_row(BUTTON)}|reactions:.{{1,200}}|.{{1,120}} (?:likes?|liked|thanked|thanks) this(?:"
    rf" post)?\.?|the following \d{{0,3}} ?users? .{{1,200}}"
    r"|«?\d{1,8}»?|comments|options|next|prev(?:ious)?|last edited by .{1,120}|edited .{1,30}by .{1,60}|this post"
    r" (?:was|has been) edited .{1,100}|advertisement|sponsored links?|ads by google|edited by .{1,80}|unread post"
    r"|reply to thread|(?:thanks|likes|liked|reactions?) (?:from|by|given by):? .{1,200}|add bookmark"
    r"|.{1,40}['’]s? avatar|user avatar|avatar|default|-- ?advert(?:isement)? ?--|posted via mobile device|sent from"
    r" my .{1,60}|post a reply|page \d+ of \d+|\d{1,4} of \d{1,5}",
    re.I,
)
SUBJECT = re.compile(
    r"default|standard|padrão|predeterminado|(?:re: ?|re\[\d+\]: ?|post subject: ?|subject: ?).{1,120}"
    r"|default[ \t]+(?:re: ?)?.{1,100}",
    re.I,
)
SIGNATURE = re.compile(
    r"[ \t]*(?:last edited by .{1,120} edited \d{1,3} times? in total\.?|logged|ip logged|_{5,80}|-{8,80}"
    r"|={8,80}|--|—{3,40}|_{3,4}|\.{12,60})[ \t]*",
    re.I,
)
PHPBB = re.compile(
    r"(?:.{0,100}\b)?(?:unread )?(?:post)?(?:ed)?[ ]?(?:by|von|par|por|door|da|di"
    r"|av)\b:?[ ]?(?P<name>\S.{0,50}?)(?:[ \t]*(?:»|›|&raquo;)"
    r"|[ \t]+on\b)[ \t]*(?P<date>.{8,50})|(?P<name2>\S.{0,50}?)[ \t]+»[ \t]+(?P<date2>.{8,50})",
    re.I,
)
PHPBB2 = re.compile(r"posted:[ \t]*(?P<date>.{8,40}?)(?:[ \t]+post subject:.{0,160})?", re.I)
SMF = re.compile(
    r"(?:.{0,100})?«[ \t]*(?:reply #(?P<n>\d{1,6})[ \t]+)?on:[ \t]*(?P<date>.{8,50}?)[ \t]*»(?:.{0,40})?", re.I
)
NUMBER = re.compile(
    r"(?:[•*]?[ \t]*(?:\d{1,4}\.)?[ \t]*)?(?:post[ \t]*)?(?:#|no\. ?)(?P<n>\d{1,6})(?:[ \t]*(?:\(permalink\)|of \d+"
    r"|share|report|like|reply)){0,4}",
    re.I,
)
VANILLA = re.compile(r"[•*]?[ \t]*(?P<name>\S.{0,40}?)[ \t]?(?P=name)[ \t]+(?P<rank>\S.{0,60})")
BOARDS = re.compile(
    r"[•*]?[ \t]*(?:[^\n✭★☆]{0,90}?)Posts: [\d,]{1,9}[ \t]*(?:Mod[ \t]*)?[✭★☆]*[ \t]*(?P<name>\S.{0,40})?"
)
VANILLA_POSTS = re.compile(r"(?:posts:[ \t]*)?[\d,.]{1,9}[KM]?(?:[ \t]+posts)?(?:[ \t]*[✭★☆]*)?", re.I)
AVATAR = re.compile(r"(?P<name>\S.{0,40}?)['’]s? Avatar", re.I)
FOOTED = re.compile(
    r"(?P<name>\S.{0,40}?), (?P<date>[A-Z][a-z]{2} \d{1,2}, \d{4})(?:[ \t]+(?:report|#\d{1,6}|like|reply)){1,5}", re.I
)
STARTED = re.compile(r"(?:discussion in .{1,80} )?started by (?P<name>.{1,50}?),[ \t]*(?P<date>.{6,40}?)\.?", re.I)
MARK = re.compile(
    r"(?:join(?:ed)?(?: date)?|posts|messages|reputation|reaction score|likes received)[ \t]?:[ \t]*\S.{0,40}|join"
    r" date|reply with quote|click to expand(?:\.{3}|…)?|originally posted by .{1,60}"
    r"|« .{0,40}on: .{6,50}».{0,30}|.{0,120}» (?:mon|tue|wed|thu|fri|sat|sun|\d).{5,40}|.{1,60} wrote: ?[»↑].{0,40}"
    r"|share on other sites|(?:senior|junior|well-known|hero) member|forumite"
    r"|.{0,60}posts: [\d,]+ ?[✭★☆].*|discussion in .{1,60} started by .{1,80}|quote from: .{1,60}|registered"
    r" users?.{0,60}|[\d.,]+K? posts|#\d{1,5}|ip logged|who's online|results \d+ to \d+ of \d+.*",
    re.I,
)
FOOT = re.compile(
    r"(?:you must log in .{0,60}|reply to thread"
    r"|similar threads|posting permissions|quick (?:navigation|reply)|forum jump.*|users"
    r" (?:browsing|currently viewing).*|who is online|return to .{1,60}"
    r"|jump to:?.*|« previous (?:thread|topic).*|share this page.*|please sign in to comment.*|powered by (?:phpbb"
    r"|vbulletin|smf|xenforo|vanilla|invision).*|join the conversation"
    r"|recently browsing.*|this thread is closed.*|sign in or register to comment\.?|display posts from previous.*"
    r"|thread tools|tags:?|log in or register.{0,60}|suggested topics|related topics"
    r"|not open for further replies\.?|leave a comment|post reply|board index.*)",
    re.I,
)
RELOAD = re.compile(r"reload this page[ \t]+(?P<title>\S.{2,150})", re.I)
# What stands right below a thread's title.
BELOW_TITLE = re.compile(
    r"thread starter|thread starter .{1,60}|(?:reply to thread|post a reply|post reply)"
    r"|discussion in .{1,80} started by .{1,80}",
    re.I,
)
# What stands above a thread beside its title.
ABOVE = re.compile(
    r"options|advertisement|thread tools|search (?:this )?(?:thread|topic).*|in .{2,40}|\d{1,6} repl(?:y"
    r"|ies)[ \t·•|]*[\d.,]+[KM]? views?.*|forums?|author topic:?.*"
    r"|thread starter.*|start date.*|page \d+ of \d+.*|«?\d{1,8}»?|comments?|replies|jump to (?:latest|content).*"
    r"|results \d+ to .*|pages?: ?\[?\d.*|print|reply|follow.*"
    r"|rate this.*|display.*|linear mode.*|board index.*|home ?[›»>].*|moderators?: .*|recommended posts|discussion in"
    r" .*|\d{1,4} posts.*|post reply|by .{1,40}",
    re.I,
)
POST_FOOT = re.compile(
    r"could you do with a money makeover\?|follow .{2,20} on other social media.*|best answer.*|share this .*|«\d+",
    re.I,
)
LABEL = re.compile(
    r"[ \t]*(?:joined|registriert(?: seit)?|inscrit(?: depuis)?|registrado|iscritto|lid geworden|join date"
    r"|registered|member since|last (?:online|active|seen))[ \t]?:?[ \t]*",
    re.I,
)
# What an icon beside a post's time says: read or not.
AGE = re.compile(r"\s*(?:old|unread|new|alt|ungelesen|neu|viejo|antiguo|ancien|oud|vecchio)[ \t]+(?=\S)", re.I)
ONLINE = re.compile(r"\s+is (?:offline|online)(?: now)?$", re.I)
MENTIONS = re.compile(
    r"\bposts?\b|\bjoin|wrote:|»|\bmember|forumite|quote|#\d|registered|messages|discussion in|reputation|logged", re.I
)


def is_furniture(line: str) -> bool:
    """Whether a line is of the board and not of its writers: a profile's, a button, a repeated subject."""
    line = line.lstrip("•* ")
    if len(line) > 240:
        return False
    return is_profile(line) or (BUTTONS.fullmatch(line) or SUBJECT.fullmatch(line)) is not None


def is_profile(line: str) -> bool:
    """Whether a line tells of a writer and not what was written: rank, badges, number of posts."""
    if len(line) > 160:
        return False
    return (
        PROFILE.fullmatch(line) or RANK.fullmatch(line) or BADGES.fullmatch(line) or NUMBER.fullmatch(line)
    ) is not None


def is_button_of_head(line: str) -> bool:
    """Whether a line of a head is one of its buttons."""
    return (
        re.fullmatch(
            r"\s*(?:thread starter|topic author|author|op|share|add bookmark|new|·|•|\(edited\)|edited)\s*", line, re.I
        )
        is not None
    )


def number_in(line: str) -> int | None:
    """A post's number in its thread, as in "#3"."""
    match = re.search(r"#(\d{1,6})\b", line)
    return int(match[1]) if match else None
