# Debian's packages of the two libraries that the program needs, for another processor, unpacked into a folder; nothing is
# installed, and nobody has to be root. For tests/cross/program.sh.
#   sh tests/cross/packages.sh FOLDER arm64 s390x …
set -eu
folder=$1
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
for architecture; do
    apt=$folder/apt-$architecture
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    ask() {
        apt-get -q -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o Dir::State="$apt" \
            -o Dir::State::lists="$apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$apt" \
            -o APT::Sandbox::User= -o Acquire::Languages=none "$@"
    }
    # Other collections than Debian's may not know this processor.
    ask update || echo "packages.sh: some collections have nothing for $architecture"
    (cd "$apt" && ask download libjansson-dev libjansson4 libutf8proc-dev libutf8proc2)
    for package in "$apt"/*.deb; do dpkg -x "$package" "$folder"; done
    rm -rf "$apt"
done
