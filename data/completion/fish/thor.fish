# Completion of thor(1) in fish: commands and options as `thor help` lists them, values of a few options, else files.

# The commands, one a line: "train", "vocab encode".
function __thor_commands
    thor help 2>/dev/null | sed -n '/^Commands:/,$s/^  \([a-z]*\( [a-z]\{1,\}\)\{0,1\}\)  .*/\1/p'
end

# Are these the words behind thor?
function __thor_at
    set -l words (commandline -opc)
    test "$words[2..]" = "$argv"
end

# Do the words behind thor begin with the command?
function __thor_in
    set -l words (commandline -opc)
    string match -q -- "$argv *" "$words[2..] "
end

complete -c thor -n '__thor_at' -f -a '(__thor_commands | cut -d " " -f 1 | sort -u)'
for line in (__thor_commands)
    set -l words (string split ' ' -- $line)
    if set -q words[2]
        complete -c thor -n "__thor_at $words[1]" -f -a "$words[2]"
    end
    for option in (thor help $words 2>/dev/null | sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p')
        switch $option
            case scale
                complete -c thor -n "__thor_in $line" -l scale -x -a 'tiny small base paper'
            case setup
                complete -c thor -n "__thor_in $line" -l setup -x -a 'multilingual multidomain'
            case recipe
                complete -c thor -n "__thor_in $line" -l recipe -r \
                    -a "(thor inspect --recipe '?' 2>&1 | sed -n 's/.*there are \(.*\), or a .*/\1/p' | tr -d , | tr ' ' '\n')"
            case '*'
                complete -c thor -n "__thor_in $line" -l $option
        end
    end
end
