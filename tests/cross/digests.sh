# One digest everywhere: builds the core alone for every compiler, level of optimisation, C library and processor that is
# installed here, trains the golden batch with each (under an emulator where the processor is another), and compares the
# digests of parameters, optimiser state and losses (thor-golden(5)). Prints the list.
#
#   sh tests/cross/digests.sh [quick | full]       full: every level of optimisation; quick: a few minutes
# Environment: srcdir, JOBS, CROSS_OUT (a folder to keep the builds in). As a test of `make check` it runs with
# THOR_TEST_LONG alone. Compilers and emulators that are missing are counted as skipped.
set -u
size=${1:-full}
case $size in quick | full) ;; *) echo "digests.sh: '$size' is neither quick nor full" >&2; exit 2 ;; esac
if [ $# = 0 ] && [ "${THOR_TEST_LONG:-0}" = 0 ]; then
    echo "a long test: THOR_TEST_LONG=1 runs it, or sh tests/cross/digests.sh quick"
    exit 77
fi
source=$(cd "${srcdir:-.}" && pwd)
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)}
scratch=$(mktemp -d ./scratch-digests-XXXXXX)
scratch=$(cd "$scratch" && pwd)
trap 'rm -rf "$scratch"' EXIT
out=${CROSS_OUT:-$scratch/builds}
export OMP_WAIT_POLICY=passive
skipped=0
: > "$scratch/plan"

has() { command -v "$1" > /dev/null 2>&1; }
cache=
if has ccache; then cache=ccache; fi
skip() { printf '%-64s  skipped: %s\n' "$1" "$2" >> "$scratch/skipped"; skipped=$((skipped + 1)); }

# Instruction sets of this machine, by its own word.
case $(uname -m) in
x86_64) native_isas="scalar avx2 avx512" ;;
aarch64) native_isas="scalar neon" ;;
*) native_isas=scalar ;;
esac

# build NAME COMPILER ISAS CFLAGS LDFLAGS: the digest program into $out/NAME; its words on failure.
build() {
    make -s -j"$jobs" -f "$source/tests/cross/core.mk" SOURCE="$source" OUT="$out/$1" CC="$cache $2" ISAS="$3" CFLAGS="$4" \
        LDFLAGS="$5" > "$scratch/build-$1.log" 2>&1 && return
    echo "$1: the digest program could not be built with $2 $4:"
    tail -n 20 "$scratch/build-$1.log"
    echo failed >> "$scratch/broken"
    return 1
}

# plan NAME LAUNCHER RECIPE STEPS ISA THREADS FORM: a line "what has to agree|label|command".
plan() {
    class=$7
    [ "$7" = one ] || class=eight
    # An emulator may be asked for what is no program's word: it is split on purpose.
    printf '%s\n' "$3, $4 steps, $class|$1${2:+ ($2)} $5 $6 $7|$2 $out/$1/core_digest $3 tiny $4 $5 $6 $7" >> "$scratch/plan"
}

recipes="thor-topp thor-top2 dense gs-moe ls-moe hybrid-moe residual-moe lingual-moe"
steps=20 emulated_steps=5
usable() { "$out/gcc-O2/core_digest" dense tiny 0 "$1" 1 > "$scratch/usable" 2>&1; }

# native NAME COMPILER CFLAGS LDFLAGS: every instruction set and every recipe, on this machine.
native() {
    if ! has "$2"; then skip "$1" "no $2"; return; fi
    build "$1" "$2" "$native_isas" "$3" "$4" || return
    for isa in $native_isas; do
        if ! usable "$isa"; then skip "$1 $isa" "this processor has no $isa"; continue; fi
        for recipe in $recipes; do plan "$1" "" "$recipe" $steps "$isa" 1 one; done
    done
}

# foreign NAME COMPILER EMULATOR ISAS: fewer steps.
foreign() {
    if ! has "$2"; then skip "$1" "no $2"; return; fi
    if ! has "$3"; then skip "$1" "no $3"; return; fi
    build "$1" "$2" "$4" "$5" -static || return
    for isa in $4; do
        for recipe in $recipes; do plan "$1" "$3" "$recipe" $emulated_steps "$isa" 1 one; done
    done
}

native gcc-O2 gcc "-O2 -fopenmp" -fopenmp
[ -x "$out/gcc-O2/core_digest" ] || { echo "no digest to compare with"; exit 1; }
for recipe in $recipes; do
    for threads in 1 2 3 4 7; do plan gcc-O2 "" "$recipe" $steps auto $threads one; done
    plan gcc-O2 "" "$recipe" $steps checked 2 one
    plan gcc-O2 "" "$recipe" $emulated_steps auto 1 one
done
for recipe in thor-topp thor-top2 residual-moe; do
    for form in ordered reversed together; do plan gcc-O2 "" "$recipe" $steps auto 1 $form; done
    plan gcc-O2 "" "$recipe" $steps scalar 1 together
    plan gcc-O2 "" "$recipe" $steps auto 3 ordered
done
native clang-O1 clang -O1 ""
native gcc-O3 gcc -O3 ""
if [ "$size" = full ]; then
    native gcc-O1 gcc -O1 ""
    native clang-O2 clang "-O2 -fopenmp" -fopenmp
    native clang-O3 clang -O3 ""
fi
native musl-O2 musl-gcc -O2 -static

# ---- processors and systems that lack something choose what they have, and refuse what they have not ----
detect() {
    if ! has qemu-x86_64-static || [ "$(uname -m)" != x86_64 ]; then skip "detection of processors" "no qemu-x86_64-static"; return; fi
    for recipe in thor-topp; do
        for processor in Nehalem Haswell max,-xsave; do
            plan gcc-O2 "qemu-x86_64-static -cpu $processor" $recipe $emulated_steps auto 1 one
        done
        plan gcc-O2 "qemu-x86_64-static -cpu Haswell" $recipe $emulated_steps avx2 1 one
    done
    # No AVX; AVX2 without FMA; AVX2 whose registers the system does not save; no AVX-512.
    for words in "Nehalem avx2" "Haswell,-fma avx2" "max,-xsave avx2" "max avx512"; do
        command="qemu-x86_64-static -cpu ${words% *} $out/gcc-O2/core_digest dense tiny 0 ${words#* } 1"
        $command > "$scratch/refusal" 2>&1
        if grep -q 'more than this CPU or operating system has' "$scratch/refusal"; then continue; fi
        echo "a processor '${words% *}' was not told that it has no ${words#* }: $(cat "$scratch/refusal"); again: $command"
        echo failed >> "$scratch/broken"
    done
}
detect
foreign aarch64-O2 aarch64-linux-gnu-gcc qemu-aarch64-static "scalar neon" -O2
# gcc on s390x computes floats in double where it follows C11 to the letter.
foreign s390x-O2 s390x-linux-gnu-gcc qemu-s390x-static scalar "-O2 -fexcess-precision=fast"
foreign riscv64-O2 riscv64-linux-gnu-gcc qemu-riscv64-static scalar -O2
if [ "$size" = full ]; then
    foreign aarch64-O1 aarch64-linux-gnu-gcc qemu-aarch64-static "scalar neon" -O1
    foreign aarch64-O3 aarch64-linux-gnu-gcc qemu-aarch64-static "scalar neon" -O3
    foreign s390x-O3 s390x-linux-gnu-gcc qemu-s390x-static scalar "-O3 -fexcess-precision=fast"
    foreign riscv64-O3 riscv64-linux-gnu-gcc qemu-riscv64-static scalar -O3
fi

# ---- run the plan, several at a time; one file an answer, its last line after what an emulator has to say ----
cat > "$scratch/answer" <<'END'
line=$(sed -n "$2p" "$1/plan")
${line##*|} > "$1/answer-$2" 2>&1
END
seq "$(wc -l < "$scratch/plan")" | xargs -P "$jobs" -n 1 sh "$scratch/answer" "$scratch"

number=0
while IFS='|' read -r what label command; do
    number=$((number + 1))
    printf '%s|%s|%s|%s\n' "$what" "$label" "$command" "$(tail -n 1 "$scratch/answer-$number")"
done < "$scratch/plan" > "$scratch/answers"

# What data/golden holds comes first: it is what the others have to agree with.
golden=$source/data/golden/digests.txt
: > "$scratch/golden"
for recipe in $recipes; do
    for count in $steps $emulated_steps; do
        known=$(awk -v arguments="--recipe $recipe --steps $count" '{ digest = $1; $1 = $2 = ""; sub(/^ +/, "") }
            $0 == arguments { print digest; exit }' "$golden" 2> /dev/null)
        [ -z "$known" ] || echo "$recipe, $count steps, one|data/golden|thor golden digest --recipe $recipe --steps $count|$known"
    done
done > "$scratch/golden"
[ -s "$scratch/golden" ] || { echo "$golden names none of these digests"; echo failed >> "$scratch/broken"; }

awk -F '|' '
    !($1 in expected) { expected[$1] = $4; order[++kinds] = $1 }
    { count[$1]++; lines[$1] = lines[$1] sprintf("    %-66s %s\n", $2, $4 == expected[$1] && length($4) == 64 ? "the same" : $4)
      if ($4 != expected[$1] || length($4) != 64) { wrong++; again = again "again: " $3 "\n" } else right++ }
    END {
        for (i = 1; i <= kinds; i++) printf "%s: %s\n%s", order[i], expected[order[i]], lines[order[i]]
        printf "%s", again
        printf "%d digests agree, %d do not\n", right, wrong
        exit wrong > 0 || !right
    }' "$scratch/golden" "$scratch/answers"
code=$?
if [ $skipped != 0 ]; then cat "$scratch/skipped"; fi
echo "$skipped skipped"
if [ $code != 0 ] || [ -f "$scratch/broken" ]; then
    echo "again: srcdir=$source sh $source/tests/cross/digests.sh $size"
    exit 1
fi
