"""Scripts for tab completion; bash splits words at characters of job ids and REPO=PATH."""

import os
from typing import Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
        plain) COMPREPLY+=("$value") ;;
        open) COMPREPLY+=("$value"); compopt -o nospace ;;
        file | path) compopt -o default ;;
        dir) compopt -o dirnames ;;
        esac
    done < <(COMP_WORDS=${COMP_LINE:0:COMP_POINT} COMP_CWORD=-1 COMP_BREAKS=$COMP_WORDBREAKS \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local type value help
    local -a plain open described
    (( $+commands[%(prog_name)s] )) || return 1
    for type value help in "${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}"; do
        case $type:$help in
        plain:_) plain+=("$value") ;;
        plain:*) described+=("$value:$help") ;;
        open:* | path:*) open+=("$value") ;;
        file:*) _path_files -f ;;
        dir:*) _path_files -/ ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#open )) && compadd -U -S '' -V unsorted -a open
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    for line in (COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -ct) \\
            %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case file
                __fish_complete_path $parts[2]
            case dir
                __fish_complete_directories $parts[2]
            case '*'
                echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


@add_completion_class
class Bash(BashComplete):
    """Completion for bash: reads the line itself, and answers with the part that bash replaces."""

    source_template = _BASH

    def source(self) -> str:
        """The script; unlike click's, it does not start bash to find its version."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the incomplete word."""
        line = os.environ["COMP_WORDS"]
        arguments = split_arg_string(line)
        if line[-1:].isspace() or not arguments:
            return arguments[1:], ""
        return arguments[1:-1], arguments[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """`TYPE,VALUE`."""
        return f"{item.type},{self._rest(str(item.value))}"

    def _rest(self, value: str) -> str:
        """The value without the part that bash keeps: up to a = or :, but an @ is replaced."""
        breaks = set(os.environ.get("COMP_BREAKS", ""))
        word = self.get_completion_args()[1]
        ends = [place for place, letter in enumerate(word) if letter in breaks & set("=:@")]
        if not ends:
            return value
        return value.removeprefix(word[: ends[-1] + (word[ends[-1]] != "@")])


@add_completion_class
class Zsh(ZshComplete):
    """Completion for zsh: no blank after some values."""

    source_template = _ZSH


@add_completion_class
class Fish(FishComplete):
    """Completion for fish: commas in values are kept."""

    source_template = _FISH
