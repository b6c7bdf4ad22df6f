# shellcheck shell=bash
# Completion for bash. It asks the program for its commands and options, so it knows those that there are.

_twcbridge() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-} previous=${COMP_WORDS[COMP_CWORD - 1]} offers=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        offers="$(twcbridge --help | sed -n '/^Subcommands:/,/^[^ ]*$/s/^  \([a-z][a-z]*\) .*/\1/p') --help --version"
    elif [[ $previous == --log-level ]]; then
        offers="trace debug info warning error"
    elif [[ $word == -* ]]; then
        offers=$(twcbridge "$command" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$offers" -- "$word")
}
complete -o filenames -F _twcbridge twcbridge
