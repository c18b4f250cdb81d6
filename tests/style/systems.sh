# A system of mixtures is a line of src/model/systems.c and its stages, a kind of sub-layer is one file: no other source asks
# which of them it has before it. HACKING.md says how one is added.
set -eu
cd "${srcdir:-.}"
failed=0

# only PATTERN WHAT FILE...: files of src that mention PATTERN are among FILE.
only() {
    pattern=$1 what=$2
    shift 2
    found=0
    for source in $(grep -rlE "$pattern" src --include='*.[ch]' | sort); do
        found=1
        case " $* " in
            *" $source "*) ;;
            *)
                echo "$source mentions $what:"
                grep -nE "$pattern" "$source" | sed 's/^/    /'
                failed=1
                ;;
        esac
    done
    [ $found = 1 ] || { echo "no source mentions $what: was it renamed?"; failed=1; }
}

only '\bTHOR_SYSTEM_(DENSE|TOKEN|FIXED|HYBRID|RESIDUAL|LINGUAL|THOR)\b' 'a system' src/model/config.h \
    src/model/recipes.c src/model/systems.c
only '\bthor_(self_attention|cross_attention|feed_forward|mixture_sublayer)\b' 'a kind of sub-layer' \
    src/model/sublayer.h src/model/sublayers.c src/model/sub_attention.c src/model/sub_ffn.c src/model/sub_mixture.c

# A stage is known in its own file, in the list of stages and in the table of systems.
for file in src/nn/candidates_*.c src/nn/input_*.c src/nn/blend_*.c; do
    [ -f "$file" ] || continue
    stages=$(sed -n 's/^const thor_stage \(thor_[a-z_]*\) = .*/\1/p' "$file")
    [ -n "$stages" ] || { echo "$file has no thor_stage"; failed=1; }
    for stage in $stages; do
        only "\\b$stage\\b" "the stage $stage" "$file" src/nn/stages.h src/model/systems.c
    done
done

# What makes shared vectors is known in its own file, in their list and in the table of systems.
for vectors in $(sed -n 's/^extern const thor_vectors \(.*\);/\1/p' src/model/vectors.h | tr -d ','); do
    only "\\b$vectors\\b" "$vectors" "src/model/${vectors#thor_}.c" src/model/vectors.h src/model/systems.c
done

[ $failed = 0 ] || echo "again: srcdir=$PWD sh tests/style/systems.sh"
exit $failed
