#!/usr/bin/env python3
"""Makes the shells' completions from the command line's own table and help: completions.py SOURCE-ROOT FOLDER

Options come from src/cli/option_table.c and option_values.c, what they are for from src/cli/help.c; an option that the help does
not have goes without words.
"""
import pathlib
import re
import sys

# What an option takes: words, or `file`, `folder`, `module`; other arguments are free.
TAKES = {"analysis": "auto online trace record", "inline": "auto always never", "stub-imports": "none trap default", "clock": "real fixed ticking",
         "out": "file", "report": "file", "debug-file": "file", "trace-out": "file", "fail-on-increase": "file", "baseline": "file", "suppressions": "file", "dir": "folder"}


def read_options(root):
    source = "".join((root / f"src/cli/{name}.c").read_text() for name in ("option_table", "option_values"))
    table = re.search(r"option_table\[\] = \{(.*?)\n\};", source, re.S)[1]
    help_text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', (root / "src/cli/help.c").read_text())).replace("\\n", "\n")
    takes = dict(TAKES)
    formats = re.search(r"formats\[\] = \{\n(.*?)\n\};", (root / "src/render/formats.c").read_text(), re.S)[1]
    takes["format"] = " ".join(re.findall(r'(?m)^    \{"([a-z]+)"', formats))
    takes["color"] = " ".join(re.findall(r'"([^"]*)"', re.search(r"colours\[\] = \{([^}]*)\}", source)[1]))
    options = []
    for name, argument, short in re.findall(r'\{"([a-z-]+)", (\w+), NULL, (\'.\'|\w+)\}', table):
        line = re.search(rf"(?m)^ .*--{name}(?=[ \[=]|$)[^\n]*?  +(\S.*)$", help_text)
        options.append((name, short[1] if short[0] == "'" else "", argument, takes.get(name, "") if argument != "no_argument" else "",
                        re.sub(r"['`\"\[\]:\\$]", "", line[1]).strip() if line else ""))
    missing = set(takes) - {o[0] for o in options}
    assert options and not missing, f"options that are not in the table: {missing}"
    return options


def bash(options):
    words = " ".join(w for name, short, *_ in options for w in ([f"-{short}"] if short else []) + [f"--{name}"])
    cases = ""
    for name, short, argument, takes, _ in options:
        if argument != "required_argument":
            continue
        pattern = f"--{name}" + (f"|-{short}" if short else "")
        reply = {"file": 'compgen -f -- "$cur"', "folder": 'compgen -d -- "$cur"', "": ":"}.get(takes, f'compgen -W "{takes}" -- "$cur"')
        cases += f"        {pattern}) mapfile -t COMPREPLY < <({reply}); return ;;\n"
    return f"""# bash completion for mem-tracer; made by scripts/completions.py
_mem_tracer()
{{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD - 1]}} i
    COMPREPLY=()
    # bash takes --option=word apart
    if [ "$cur" = = ]; then
        cur=
    elif [ "$prev" = = ]; then
        prev=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [ "${{COMP_WORDS[i]}}" = -- ]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
        fi
    done
    if [ "${{COMP_WORDS[1]}}" = diff ] && [ "$COMP_CWORD" -gt 1 ]; then
        case $prev,$cur in
            --format,*) mapfile -t COMPREPLY < <(compgen -W "text json csv html" -- "$cur") ;;
            --by,*) mapfile -t COMPREPLY < <(compgen -W "pair line function object" -- "$cur") ;;
            --sort,*) mapfile -t COMPREPLY < <(compgen -W "bytes instances effect" -- "$cur") ;;
            *,-*) mapfile -t COMPREPLY < <(compgen -W "--format --by --sort --top --only --focus --ignore --own --not-own --fail-on --fail-on-increase --tolerance" -- "$cur") ;;
            *) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        esac
        return
    fi
    case $prev in
{cases}    esac
    case $cur in
        -*) mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$cur") ;;
        *)
            local ending=wasm
            [ "${{COMP_WORDS[1]}}" != merge ] || ending=json
            mapfile -t COMPREPLY < <(compgen -d -S / -- "$cur"; compgen -f -X "!*.$ending" -- "$cur")
            [ "$COMP_CWORD" -gt 1 ] || mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -W "analyze diff merge trace" -- "$cur")
            ;;
    esac
}}
complete -o filenames -F _mem_tracer mem-tracer
"""


def zsh(options):
    lines = []
    for name, short, argument, takes, words in options:
        action = ""
        if argument != "no_argument":
            what = {"file": "_files", "folder": "_files -/", "": " "}.get(takes, f"({takes})")
            action = f"{'::' if argument == 'optional_argument' else ':'}{name}:{what}"
        sign = "=" if argument == "required_argument" else "=-" if argument == "optional_argument" else ""
        lines.append(f"    '*--{name}{sign}[{words}]{action}'")
        if short:
            lines.append(f"    '*-{short}[{words}]{action}'")
    body = " \\\n".join(lines)
    return f"""#compdef mem-tracer
# zsh completion for mem-tracer; made by scripts/completions.py
_arguments -s -S \\
{body} \\
    '1:module:_files -g "*.wasm"' \\
    '*::argument:_files'
"""


def fish(options):
    lines = ["# fish completion for mem-tracer; made by scripts/completions.py",
             "complete -c mem-tracer -n __fish_use_subcommand -a analyze -d 'report on a saved trace'",
             "complete -c mem-tracer -n __fish_use_subcommand -a trace -d 'print a saved trace'",
             "complete -c mem-tracer -n __fish_use_subcommand -a diff -d 'compare two reports'",
             "complete -c mem-tracer -n __fish_use_subcommand -a merge -d 'add up reports of several runs'",
             "complete -c mem-tracer -n '__fish_seen_subcommand_from diff' -l fail-on-increase -d 'exit status 3 if something grew'",
             "complete -c mem-tracer -n '__fish_seen_subcommand_from diff' -l fail-on -x -d 'exit status 3 beyond a limit'",
             "complete -c mem-tracer -n '__fish_seen_subcommand_from diff' -l tolerance -x -d 'by how much it may grow'"]
    for name, short, argument, takes, words in options:
        line = f"complete -c mem-tracer -l {name}" + (f" -s {short}" if short else "")
        if argument == "required_argument":
            line += {"file": " -r -F", "folder": " -x -a '(__fish_complete_directories)'", "": " -x"}.get(takes, f" -x -a '{takes}'")
        lines.append(line + (f" -d '{words}'" if words else ""))
    return "\n".join(lines) + "\n"


def main():
    options = read_options(pathlib.Path(sys.argv[1]))
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (("mem-tracer", bash), ("_mem-tracer", zsh), ("mem-tracer.fish", fish)):
        (folder / name).write_text(make(options))


main()
