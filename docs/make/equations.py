"""Turns equations written as plain text in model headers into LaTeX, in the order in which they are written.

Only what the grammar below covers is translated. For anything else the functions return None, and the pages show the
text as it stands: a missing formula is better than a wrong one.

    relation  expression (= | < | > | <= | >=) expression ...
    term      factors side by side are multiplied; * and / have the same rank and are read from left to right
    factor    number, name, f(x), (expression), |expression|, dT/dt, or words such as "heat at the die"
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# a name of a quantity in prose is a word; a name of a quantity in a formula is a symbol
_SYMBOLS = {
    "rho": r"\rho", "mu": r"\mu", "eps": r"\varepsilon", "phi": r"\varphi", "theta": r"\theta", "alpha": r"\alpha",
    "gamma": r"\gamma", "tau": r"\tau", "pi": r"\pi", "dp": r"\Delta p", "cp": "c_p", "Kv": "K_v", "Cv": "C_v",
    "Av": "A_v", "Kp": "K_p", "Ti": "T_i", "UA": r"\mathit{UA}", "hA": r"\mathit{hA}", "Re": r"\mathrm{Re}",
    "Pr": r"\mathrm{Pr}", "Nu": r"\mathrm{Nu}", "Gz": r"\mathrm{Gz}", "NTU": r"\mathrm{NTU}", "COP": r"\mathrm{COP}",
    "effectiveness": r"\mathrm{effectiveness}",
}  # fmt: skip
_FUNCTIONS = {
    "exp": r"\exp", "ln": r"\ln", "log10": r"\log_{10}", "max": r"\max", "min": r"\min", "coth": r"\coth",
    "cos": r"\cos", "sin": r"\sin", "tanh": r"\tanh",
}  # fmt: skip
_RELATIONS = {"=": "=", "<": "<", ">": ">", "<=": r"\le", ">=": r"\ge"}
# units and abbreviations that would read as names of quantities
_NO_QUANTITY = {"Pa", "kPa", "bar", "kg", "Hz", "degC", "MJ", "kJ"}
# words at which a formula ends and its explanation begins
_CLOSERS = {"for", "at", "of", "with", "while", "where", "from", "within", "behind", "up", "until", "when", "if", "on"}
# at the end of a formula: what still has a sign in it is no explanation of it
_SIGN = re.compile(r"[=<>^*/+]|\s-\s")
_LEAD = re.compile(r"(with|where|usually|or) (?=\S)")
_TOKEN = re.compile(
    r"(?P<space>\s*)(?:(?P<der>d(?P<what>[A-Za-z]\w*)/dt\b)|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![A-Za-z_])"
    r"|(?P<name>[a-z]{2,}(?:-[a-z]{2,})+|[A-Za-z]\w*)|(?P<op><=|>=|[-+*/^()|=<>,]))"
)


class _NotAFormula(Exception):
    pass


class _Bracket(str):
    """A part in brackets, and what stands inside them: under a fraction bar it needs none."""

    inner: str

    @staticmethod
    def around(inner: str) -> _Bracket:
        made = _Bracket(rf"\left({inner}\right)")
        made.inner = inner
        return made


class _Fraction(str):
    pass


def _fraction(above: list[str], below: str) -> _Fraction:
    top = above[0].inner if len(above) == 1 and isinstance(above[0], _Bracket) else _joined(above)
    return _Fraction(rf"\frac{{{top}}}{{{below.inner if isinstance(below, _Bracket) else below}}}")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    spaced: bool  # a space stands before it
    start: int


def _tokens(text: str) -> list[Token]:
    """The tokens as far as the text has any; the rest is one token of kind `other`."""
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            found.append(Token("other", text[at:], False, at))
            break
        kind = str(match.lastgroup) if match.lastgroup != "what" else "der"
        kind = "der" if match["der"] else kind
        body = match["what"] if kind == "der" else match[kind]
        found.append(Token(kind, body, bool(match["space"]), match.start() + len(match["space"])))
        at = match.end()
    return found


def name_in_latex(name: str) -> str:
    """`T_die` as a letter with an index, `m_flow` as a rate, other names upright."""
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    if match := re.fullmatch(r"([A-Za-z])_flow(?:_(\w+))?", name):
        return rf"\dot {match[1]}" + (_index(match[2]) if match[2] else "")
    head, _, rest = name.partition("_")
    if rest and "over" not in rest.split("_"):
        if head in _SYMBOLS and "_" not in _SYMBOLS[head]:
            return _SYMBOLS[head] + _index(rest)
        if re.fullmatch(r"[A-Za-z]\d?", head):
            return head + _index(rest) if len(head) == 1 else f"{head[0]}{_index(head[1] + '_' + rest)}"
    if len(name) == 1:
        return name
    if re.fullmatch(r"[A-Za-z]\d", name):
        return f"{name[0]}_{name[1]}"
    return rf"\mathrm{{{_escaped(name)}}}"


def _index(text: str) -> str:
    parts = text.split("_")
    return "_" + (parts[0] if len(text) == 1 else rf"{{\mathrm{{{','.join(parts)}}}}}")


def _escaped(text: str) -> str:
    return re.sub(r"([_%&#$])", r"\\\1", text)


def words_in_latex(text: str) -> str:
    """Prose beside a formula, as it stands."""
    return rf"\text{{{re.sub(r'[`{}$]', '', text)}}}"


class _Reader:
    """A recursive descent over the tokens of one clause. `known`: names that the model declares."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self.text, self.known = text, known
        self.tokens = _tokens(text.replace("`", " "))
        self.at, self.bars, self.depth = 0, 0, 0
        self.bare: list[str] = []  # words that stand for a quantity

    def peek(self, ahead: int = 0) -> Token:
        end = Token("end", "", True, len(self.text))
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else end

    def take(self, text: str = "") -> Token:
        token = self.peek()
        if token.kind in ("end", "other") or (text and token.text != text):
            raise _NotAFormula
        self.at += 1
        return token

    def is_word(self, token: Token, after: Token) -> bool:
        """Prose, not a symbol: lower-case letters that no declaration knows."""
        if token.kind != "name" or token.text in self.known or token.text in _SYMBOLS or token.text in _FUNCTIONS:
            return False
        called = after.text == "(" and not after.spaced
        return bool(re.fullmatch(r"[a-z-]{2,}", token.text)) and not called

    # ---- the grammar ----

    def relation(self) -> str:
        """LaTeX with & before the first relation sign; what explains the formula follows as text."""
        out, signs = self.expression(), 0
        while self.peek().text in _RELATIONS:
            sign = _RELATIONS[self.take().text]
            out += f" {'&' if not signs else ''}{sign} " + self.expression()
            signs += 1
        if not signs:
            raise _NotAFormula
        token = self.peek()
        if token.kind == "end":
            return out
        rest = self.text[token.start :].strip()
        if token.kind == "name" and token.text in _CLOSERS and not _SIGN.search(rest):
            return out + r"\quad " + words_in_latex(rest)
        if re.fullmatch(r"\[[^\]]*\]", rest):  # a unit
            return out + r"\quad " + words_in_latex(rest)
        raise _NotAFormula

    def expression(self) -> str:
        out = self.take().text if self.peek().text in ("-", "+") else ""
        out += self.term()
        while self.peek().text in ("+", "-"):
            out += f" {self.take().text} " + self.term()
        return out

    def term(self) -> str:
        product: list[str] = [self.factor()]
        while True:
            token = self.peek()
            if token.text == "/":
                self.take()
                # f L/d rho v|v|/2 is (f L/d) (rho v|v|/2): a bar reaches back to the bar before it
                last = max((i + 1 for i, f in enumerate(product) if isinstance(f, _Fraction)), default=0)
                last = last if last < len(product) else 0
                product = [*product[:last], _fraction(product[last:], self.factor())]
            elif token.text == "*":
                self.take()
                product.append(self.factor())
            elif self.begins_factor(token):
                if self.bare and self.bare[-1] == product[-1]:
                    raise _NotAFormula  # words beside a factor: prose
                product.append(self.factor())
                if self.bare and self.bare[-1] == product[-1]:
                    raise _NotAFormula
            else:
                return product[0] if len(product) == 1 else _joined(product)

    def begins_factor(self, token: Token) -> bool:
        if token.kind in ("number", "der") or token.text == "(":
            return True
        if token.text == "|":
            return not self.bars
        return token.kind == "name" and not (token.text in _CLOSERS and not self.depth)

    def factor(self) -> str:
        base = self.base()
        if self.peek().text != "^":
            return base
        self.take()
        minus = self.take().text if self.peek().text == "-" else ""
        if self.peek().text == "(":
            self.take("(")
            power = self.inside(")")
        else:
            token = self.take()
            if token.kind not in ("number", "name"):
                raise _NotAFormula
            power = token.text if token.kind == "number" else name_in_latex(token.text)
        power = re.sub(r"^\\frac\{(\w+)\}\{(\w+)\}$", r"\1/\2", power)
        return f"{base}^{{{minus}{power}}}"

    def inside(self, closer: str) -> str:
        self.depth += 1
        out = self.expression()
        while closer == ")" and self.peek().text == ",":
            self.take()
            out += ", " + self.expression()
        self.take(closer)
        self.depth -= 1
        return out

    def base(self) -> str:
        token = self.take()
        if token.kind == "der":
            return rf"\frac{{\mathrm{{d}} {name_in_latex(token.text)}}}{{\mathrm{{d}} t}}"
        if token.kind == "number":
            if self.peek().text == "deg":
                self.take()
                return token.text + r"^\circ"
            power = re.sub(r"e([+-]?)0*(\d+)", lambda m: rf" \cdot 10^{{{m[1].strip('+')}{m[2]}}}", token.text)
            return power.removeprefix(r"1 \cdot ")
        if token.text == "(":
            return _Bracket.around(self.inside(")"))
        if token.text == "|":
            self.bars += 1
            out = rf"\left|{self.inside('|')}\right|"
            self.bars -= 1
            return out
        if token.kind == "name":
            return self.name(token)
        raise _NotAFormula

    def name(self, token: Token) -> str:
        follows = self.peek()
        if token.text in _NO_QUANTITY and token.text not in self.known:
            raise _NotAFormula
        if follows.text == "(" and not follows.spaced:
            self.take("(")
            return _called(token.text, self.inside(")"))
        if token.text in _FUNCTIONS or token.text == "sqrt":
            raise _NotAFormula
        if self.is_word(token, follows):
            words = [token.text]
            while self.peek().kind == "name" and (
                self.is_word(self.peek(), self.peek(1)) or (self.peek().text == "a" and self.peek(1).kind == "name")
            ):
                words.append(self.take().text)
            self.bare.append(rf"\text{{{' '.join(words)}}}")
            return self.bare[-1]
        if match := re.fullmatch(r"j([A-Z]\w*)", token.text):
            return r"\mathrm{j}" + name_in_latex(match[1])
        if (token.text == "j" or (token.text == "e" and follows.text == "^")) and token.text not in self.known:
            return rf"\mathrm{{{token.text}}}"
        return name_in_latex(token.text)


def _called(name: str, arguments: str) -> str:
    if name == "sqrt":
        return rf"\sqrt{{{arguments}}}"
    if name == "conj":
        return rf"\overline{{{arguments}}}"
    return rf"{_FUNCTIONS.get(name) or name_in_latex(name)}\!\left({arguments}\right)"


def _joined(factors: list[str]) -> str:
    """Side by side; a dot where a name of several letters would run into its neighbour."""
    out = factors[0]
    for before, factor in zip(factors, factors[1:], strict=False):
        upright = before.startswith(r"\mathrm{") or factor.startswith(r"\mathrm{")
        bracket = isinstance(before, _Bracket | _Fraction) or isinstance(factor, _Bracket | _Fraction)
        dotted = (upright and not bracket) or factor[0].isdigit()
        out += (r" \cdot " if dotted else r" \, ") + factor
    return out


# ---- lines of a header ----


def clauses(text: str) -> list[str]:
    """Split at commas and semicolons outside brackets."""
    parts, depth, last = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in ",;" and text[i + 1 : i + 2] in (" ", ""):
            parts.append(text[last:i].strip())
            last = i + 1
    return [p for p in [*parts, text[last:].strip()] if p]


def relation(text: str, known: frozenset[str] = frozenset()) -> str | None:
    """One relation in LaTeX, or None."""
    try:
        return _Reader(text, known).relation()
    except _NotAFormula:
        return None


def line_in_latex(line: str, known: frozenset[str] = frozenset()) -> list[str] | None:
    """Rows of LaTeX for one line of a header, or None where it is no formula.

    "label: formula, formula; explanation" and "label    formula" are read; the first clause must be a formula, and
    what is none after it stands beside it as text.
    """
    label, text = _label(line.strip().rstrip("."))
    parts = clauses(text)
    first = relation(parts[0], known) if parts else None
    if first is None:
        return None
    head = "" if not label else _label_in_latex(label, known)
    rows, width = [head + first], len(label) + len(parts[0])
    for part in parts[1:]:
        body = _aside(part, known)
        if body is None:
            return None
        width += len(part) + 3
        if width > 75:
            rows.append(r"& \quad " + body)
            width = len(part)
        else:
            rows[-1] += r",\quad " + body
    return rows


def _aside(part: str, known: frozenset[str]) -> str | None:
    """A further formula ("x = UA/C", "with x = UA/C"), or prose; None for what looks like a formula and is not read."""
    lead = _LEAD.match(part)
    formula = relation(part[lead.end() if lead else 0 :], known)
    if formula is not None:
        return (words_in_latex(lead[1] + " ") if lead else "") + formula.replace("&", "")
    return None if re.search(r"[=~^]", part) else words_in_latex(part)


def _label(line: str) -> tuple[str, str]:
    for pattern in (r"([^;=(]*?):? {2,}(?=\S)(.*)", r"([^;=(]*?|[^;=(]*[<>]=[^;=(]*?):\s+(.*)"):
        if match := re.fullmatch(pattern, line):
            return match[1], match[2]
    return "", line


def _label_in_latex(label: str, known: frozenset[str]) -> str:
    condition = relation(label, known)
    shown = condition.replace("&", "") if condition else words_in_latex(label)
    return shown + r"\text{:}\quad "
