"""Writes metrics.json: made-up pairs of response and answer, with what the reference implementations
of the metrics give for them, and words with their stems.

    python make_metrics.py

Made with rouge-score 0.1.2, rouge 1.0.1 and nltk 3.10.4. F1, word recall and string match have no
package: they are written here from their definitions (LongBench's qa_f1_score, the needle test's
share of words, RULER's string_match_all).
"""

import collections
import json
import os
import random
import re
import string

from nltk.stem.porter import PorterStemmer
from rouge import Rouge
from rouge_score import rouge_scorer

HERE = os.path.dirname(os.path.abspath(__file__))
draw = random.Random(2024)

WORDS = (
    "the a an The A An of and in on is was to at for with park day sunny sandwich eat sit Dolores "
    "Francisco meetings meeting decided decides decision national nationally rational generalization "
    "hopefulness running runs ran flies dying skies cats happily enjoyable relational 1984 3.5 42nd "
    "don't well-known U.S. e.g. (yes) \"no\" unanswerable Ludwig Beethoven's caf\u00e9 na\u00efve "
    "\u00dcber STRASSE stra\u00dfe \u4e2d\u6587 \u2014 the\u2014end a\u2019s \u201cthe\u201d _x_ an_ "
    "therapy another \u2460 x\u00b2 cafe\u0301 the\u2460 a\u00bd an\u0301"
).split()
ENDS = [".", ".", "!", "?", ",", "", "", "...", ". .", ".\n", "\u3002"]
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\u00a0", "\x1d", ". ", " . "]


def text(length):
    parts = []
    for _ in range(length):
        parts += [draw.choice(WORDS), draw.choice(SPACES)]
    return "".join(parts).rstrip(" ") + draw.choice(ENDS)


def changed(words):
    parts = [w for w in words.split(" ") if draw.random() > 0.25]
    for _ in range(draw.randrange(4)):
        parts.insert(draw.randrange(len(parts) + 1), draw.choice(WORDS))
    if draw.random() < 0.3:
        draw.shuffle(parts)
    return " ".join(parts)


def normalized(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(response, answer):
    ours, theirs = normalized(response).split(), normalized(answer).split()
    same = sum((collections.Counter(ours) & collections.Counter(theirs)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(ours), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


def word_recall(response, answer):
    wanted = set(answer.lower().split())
    return len(wanted & set(response.lower().split())) / len(wanted) if wanted else 0.0


def sentence_rouge(response, answer):
    # LongBench takes 0 where the package refuses a text without sentences.
    try:
        return Rouge().get_scores([response], [answer], avg=True)["rouge-l"]["f"]
    except ValueError:
        return 0.0


def string_match(response, answers):
    return sum(a.lower() in response.lower() for a in answers) / len(answers)


plain = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=False)
stemmed = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
texts = [("", ""), ("", "a word"), ("The", "the"), ("...", "yes."), (" ", "."), ("yes", "Yes."),
         ("I am at 4 o'clock", "at four"), ("a. .b", "a. .b")]
for _ in range(300):
    answer = text(draw.randrange(1, 14))
    texts.append((changed(answer) if draw.random() < 0.8 else text(draw.randrange(14)), answer))

pairs = []
for response, answer in texts:
    one, stem = plain.score(answer, response), stemmed.score(answer, response)
    pairs.append({
        "response": response, "answer": answer, "f1": f1(response, answer),
        "word_recall": word_recall(response, answer),
        "rouge_1": one["rouge1"].fmeasure, "rouge_l": one["rougeL"].fmeasure,
        "rouge_1_stemmed": stem["rouge1"].fmeasure, "rouge_l_stemmed": stem["rougeL"].fmeasure,
        "sentence_rouge_l": sentence_rouge(response, answer),
    })

matches = []
for _ in range(40):
    answers = [draw.choice(WORDS) for _ in range(draw.randrange(1, 5))]
    response = draw.choice([str.upper, str.lower, str])(text(8))
    matches.append(
        {"response": response, "answers": answers, "score": string_match(response, answers)})

STEMS = ("relat general nation hope communic depend adjust oper activ real possib fil hop fall hiss "
         "fizz fail plaster sens vietnam feudal radic decis triplic form electr trouble siz at un y "
         "say toy syzyg controll roll enjo spi geo archaeo philo tann abl th logg tr ski").split()
ENDINGS = ("s es ies sses ss ed eed ied ing y ational tional enci anci izer bli abli alli entli eli "
           "ousli ization ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate "
           "ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion sion "
           "tion ou ism ate iti ous ive ize e ll lle ness's").split()
words = {s + e for s in STEMS for e in ENDINGS}
words |= set("skies sky dying lying tying news innings outings cannings howe proceed exceed succeed "
             "flies dies died spied ties happy enjoy spy by a is as 1984 1980s yyyy".split())
words |= {draw.choice(STEMS) + draw.choice(ENDINGS) + draw.choice(ENDINGS) for _ in range(400)}
words = sorted(words)
draw.shuffle(words)
stem = PorterStemmer().stem
stems = {w: stem(w) for w in words[:1500]}

with open(os.path.join(HERE, "metrics.json"), "w") as file:
    lines = {"pairs": pairs, "matches": matches}
    file.write("{\n")
    for name, rows in lines.items():
        rows = ",\n".join(json.dumps(row) for row in rows)
        file.write(f'"{name}": [\n{rows}\n],\n')
    file.write(f'"stems": {json.dumps(stems)}\n}}\n')
