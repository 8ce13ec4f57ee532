# Set-up shared by ./dsweeper, ./dde and ./test: sourced, not run. Every step is skipped when its result is there already.
# Messages go to standard error, so that what a command prints can be piped.

dde_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Without HOME, the shell's own idea of it: the user's entry in the password file.
dde_cache=${XDG_CACHE_HOME:-${HOME:-~}/.cache}/dde
dde_configuration=Release
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
# sfdisk and its like live in sbin, which an ordinary user's path may lack.
export PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

# missing WHAT HOW: the one line about a prerequisite that is not there.
missing() { say "${0##*/}: $1 is missing; $2"; exit 3; }

# quietly TITLE COMMAND...: runs a command, keeping its output for the case that it fails. On a terminal a running count of seconds
# shows that it is alive; elsewhere one line says what is going on.
quietly() {
    local title=$1 log status=0 started=$SECONDS process
    shift
    log=$(mktemp)
    if [ -t 2 ]; then
        # Standard input is named because a background process would get an empty one.
        "$@" <&0 >"$log" 2>&1 &
        process=$!
        while kill -0 "$process" 2>/dev/null; do
            printf '\r%s ... %d s ' "$title" $((SECONDS - started)) >&2
            sleep 0.2
        done
        wait "$process" || status=$?
        printf '\r%s: %d s    \n' "$title" $((SECONDS - started)) >&2
    else
        say "$title ..."
        "$@" >"$log" 2>&1 || status=$?
    fi
    if [ "$status" -ne 0 ]; then
        cat "$log" >&2
        say "${0##*/}: $title failed with exit code $status"
    fi
    rm -f "$log"
    return "$status"
}

need_dotnet() {
    command -v dotnet >/dev/null || missing "the .NET 10 SDK" "get it from https://dotnet.microsoft.com/download/dotnet/10.0"
    local version
    version=$(cd "$dde_root" && dotnet --version 2>/dev/null) || version=none
    [ "${version%%.*}" != none ] && [ "${version%%.*}" -ge 10 ] ||
        missing "the .NET 10 SDK" "dotnet is version $version; get 10.0 from https://dotnet.microsoft.com/download/dotnet/10.0"
}

# install_packages TITLE PACKAGE...: installs Debian packages where that is possible. Packages that would ask something take the default.
install_packages() {
    local title=$1
    shift
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return
    quietly "$title" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }' sh "$@"
}

# need_tool COMMAND PACKAGE: installs a Debian package when that is possible, else says how.
need_tool() {
    command -v "$1" >/dev/null || install_packages "Installing $2 for $1" "$2" || missing "$1" "install it with: sudo apt-get install $2"
}

# want_tools WHAT COMMAND:PACKAGE...: the same for tools without which everything goes on but WHAT, which says itself what it lacks.
want_tools() {
    local what=$1 tool packages=()
    shift
    for tool in "$@"; do
        command -v "${tool%%:*}" >/dev/null || packages+=("${tool#*:}")
    done
    [ ${#packages[@]} -eq 0 ] || install_packages "Installing ${packages[*]} for $what" "${packages[@]}" ||
        say "${0##*/}: $what cannot run in full without ${packages[*]}; install them with: sudo apt-get install ${packages[*]}"
}

# What carries traffic between two drivers.
want_network_tools() { want_tools "$1" ip:iproute2 ping:iputils-ping iperf3:iperf3 "${@:2}"; }

# is_built STAMP: whether no source is newer than the stamp.
is_built() {
    [ -e "$1" ] && [ -z "$(find "$dde_root" \( -path "$dde_root/artifacts" -o -path "$dde_root/.git" \) -prune -o \
        \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.sln' -o -name '.editorconfig' -o -name '*.yaml' -o -name '*.rdl' -o -name '*.[chm]' -o -name 'packages.lock.json' \) -newer "$1" -print -quit)" ]
}

# build PROJECT: builds once for every state of the sources.
build() {
    local stamp=$dde_root/artifacts/stamps/${1//\//-}
    is_built "$stamp" && return
    need_dotnet
    mkdir -p "${stamp%/*}" 2>/dev/null && [ -w "${stamp%/*}" ] || missing "write permission for $dde_root/artifacts" "the build goes there; use a checkout of your own"
    # One build at a time: two would write the same files.
    exec 9>"$dde_root/artifacts/stamps/lock"
    flock -n 9 || { say "Waiting for another build of $dde_root ..."; flock 9; }
    is_built "$stamp" || build_now "$1" "$stamp"
    exec 9>&-
}

build_now() {
    local stamp=$2
    local begun
    begun=$(mktemp)
    # The compiler's servers outlive the build: they must not keep the lock.
    quietly "Building $1" dotnet build --nologo -v quiet -c "$dde_configuration" "$dde_root/$1" 9>&- || { rm -f "$begun"; exit 1; }
    compile_ahead "$(basename "${1,,}")"
    # As of the build's beginning: an edit during the build must lead to another.
    touch -r "$begun" "$stamp"
    rm -f "$begun"
}

# ahead_compiler: the newest compiler of portable to machine code that is in the package cache.
ahead_compiler() {
    find "${NUGET_PACKAGES:-${HOME:-~}/.nuget/packages}/microsoft.netcore.app.crossgen2.linux-x64" -path '*/tools/crossgen2' 2>/dev/null | sort -V | tail -n 1
}

# compile_ahead PROGRAM: adds machine code to a program's assemblies, so that it and its tasks start in half the processor time. What did not change
# is not compiled again. Without the compiler the program is the same, but for that.
compile_ahead() {
    local folder cache=$dde_root/artifacts/ahead compiler framework file changed=()
    folder=$(dirname "$(program "$1")")
    [ "$dde_configuration" = Release ] && [ -e "$folder/$1.runtimeconfig.json" ] || return 0
    [ -n "$(ahead_compiler)" ] || dotnet restore -v quiet "$dde_root/tools/AheadCompiler" >/dev/null 2>&1 9>&- || true
    compiler=$(ahead_compiler)
    framework=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \(10\.[^ ]*\) \[\(.*\)\]$/\2\/\1/p' | sort -V | tail -n 1)
    if [ -z "$compiler" ] || [ -z "$framework" ]; then
        say "$1 is compiled as it runs, so it starts slower: the compiler's package (Microsoft.NETCore.App.Crossgen2.linux-x64) cannot be had"
        return 0
    fi
    mkdir -p "$cache/portable" "$cache/code"
    for file in "$folder"/*.dll; do
        cmp -s "$file" "$cache/portable/${file##*/}" || cmp -s "$file" "$cache/code/${file##*/}" || changed+=("${file##*/}")
    done
    # shellcheck disable=SC2016
    [ ${#changed[@]} -eq 0 ] || printf '%s\0' "${changed[@]}" | quietly "Compiling $1 ahead" xargs -0 -n 1 -P "$(nproc)" sh -c '
        "$1" --targetos linux --targetarch x64 -O -r "$2/*.dll" -r "$3/*.dll" "$3/$5" -o "$4/code/$5.new" &&
            mv "$4/code/$5.new" "$4/code/$5" && cp "$3/$5" "$4/portable/$5"' sh "$compiler" "$framework" "$folder" "$cache" 9>&- || return 0
    for file in "$folder"/*.dll; do
        ! cmp -s "$file" "$cache/portable/${file##*/}" || cp "$cache/code/${file##*/}" "$file"
    done
}

program() { printf '%s/artifacts/bin/%s/%s/%s' "$dde_root" "$1" "${dde_configuration,,}" "$1"; }

# The kernel whose modules run: fetched once into the cache.
need_kernel() {
    "$(program dde)" kernel list --quiet >/dev/null 2>&1 && return
    "$(program dde)" kernel fetch || exit $?
}

# demo_disk: makes a disk image with several partitions, MBR with logical ones, and prints its path.
demo_disk() {
    local disk=$dde_cache/demo/disk.img
    if [ ! -e "$disk" ]; then
        need_tool sfdisk fdisk
        mkdir -p "${disk%/*}"
        local new
        new=$(mktemp "${disk%/*}/new.XXXXXX")
        truncate -s 256M "$new"
        quietly "Making the demo disk $disk" sfdisk --no-reread --no-tell-kernel "$new" <<'TABLE' || { rm -f "$new"; exit 4; }
label: dos
size=64MiB, type=83, bootable
size=32MiB, type=82
size=48MiB, type=c
type=5
size=32MiB, type=83
size=24MiB, type=83
TABLE
        # Something to be seen gone after a wipe.
        yes 'A line of the demo disk.' | dd of="$new" bs=1M seek=1 count=8 iflag=fullblock conv=notrunc status=none
        mv "$new" "$disk"
    fi
    printf '%s\n' "$disk"
}
