#!/usr/bin/env python3
"""inputs.py: writes big.yaml, big8.yaml (eight times as much), big.json and big5.json into the current folder: the inputs of the case studies."""
import json
import random

WORDS = "the of and memory store load value report line function object context pair byte kind share total first second".split()


def words(count):
    return " ".join(random.choice(WORDS) for _ in range(count))


def yaml_item(number):
    return ("- name: %s\n  id: %d\n  tags: [%s, %s]\n  text: \"%s\"\n  nested:\n    a: %s\n    b: {x: 1, y: '%s'}\n"
            % (words(2), number, words(1), words(1), words(12), words(8), words(3)))


def json_item(number):
    return {"name": words(2), "id": number, "tags": [words(1), words(1)], "text": words(12), "v": number * 1.5,
            "nested": {"a": words(8), "b": None}}


def main():
    random.seed(1)
    text = "".join(yaml_item(i) for i in range(3000))
    items = [json_item(i) for i in range(4000)]
    for name, content in (("big.yaml", text), ("big8.yaml", text * 8), ("big.json", json.dumps(items)),
                          ("big5.json", json.dumps([items] * 5))):
        with open(name, "w") as f:
            f.write(content)


main()
